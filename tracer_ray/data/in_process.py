"""Ingest of tables in memory without Ray: the same stages, one after another, in this process."""

import uuid
from collections.abc import Mapping, Sequence

import pyarrow as pa

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_json import canonical
from tracer_ray.data import steps
from tracer_ray.data.as_of.joining import Joined, absent_columns, gather_events, write_snapshots
from tracer_ray.data.as_of.sources import Sorted, sort_out
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.extras import Extras, extra_columns, merge
from tracer_ray.data.pieces import write_groups
from tracer_ray.data.publication import Ingested, publish
from tracer_ray.data.resolution import resolve
from tracer_ray.data.sources import find_files, parts_of
from tracer_ray.data.survey import survey_files
from tracer_ray.data.tally import total

_MOST_ROWS = 10**9


def ingest_in_process(
    blueprint: Blueprint, tables: Mapping[str, pa.Table], home: str, buckets: int = 1
) -> Dataset:
    """The dataset of raw tables, written below `home` as files of their names.

    The first has the rows, or all are sorted out where a blueprint joins them. Raises what ingest
    raises, but bad rows are quarantined whatever their share.
    """
    found = sort_out(blueprint, find_files(_written(tables, home)), {})
    scratch = storage.join(home, f".ingest-{uuid.uuid4().hex[:12]}")
    joined = _joined(found, scratch)
    rows = find_files([joined.snapshots]) if joined.snapshots else found.rows
    survey = survey_files(found.blueprint, rows, {})
    (part,) = parts_of(survey.files[0], 0, _MOST_ROWS)
    extra = Extras((), ())
    if blueprint.extra_columns_known and survey.undeclared:
        examined = steps.examine_part(part, survey.undeclared)
        extra = extra_columns(found.blueprint, merge([examined.evidence]), examined.rows)
    absent = absent_columns(survey.absent, joined.events)
    resolved = canonical(resolve(found.blueprint, absent, extra.columns))
    files = tuple(file.uri for file in survey.files)
    job = steps.Job(resolved, {}, files, scratch, buckets, joined.events)
    read = total([steps.read_rows(part, job), joined.left_out])
    if resolved.sides:
        read = total([read, *(steps.merge_matches(bucket, job) for bucket in range(buckets))])
    merged = [steps.merge_rows(bucket, job.after(read)) for bucket in range(buckets)]
    tally = total([bucket.tally for bucket in merged])
    whole = Ingested(blueprint, job, survey, extra, joined)
    return publish(whole, read, tally, [bucket.entities for bucket in merged], home)


def _written(tables: Mapping[str, pa.Table], home: str) -> Sequence[str]:
    uris = {name: storage.join(home, f"{name}.parquet") for name in tables}
    for name, table in tables.items():
        write_groups(uris[name], table, [len(table)])
    return list(uris.values())


def _joined(found: Sorted, folder: str) -> Joined:
    """As the engine joins, without looking at how many events can't be read."""
    read = [gather_events(each, folder) for each in found.events]
    events, notes = tuple(each.gathered for each in read), tuple(each.note for each in read)
    rule = found.blueprint.inactivity
    if rule is None:
        return Joined(events, notes=(*found.notes, *notes))
    (activity,) = (each for each in events if each.events.name == rule.events)
    uri = storage.join(folder, "snapshots.parquet")
    return Joined(events, write_snapshots(activity, found.blueprint, uri), notes, uri)
