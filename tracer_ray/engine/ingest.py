"""Ingest: from raw files to a published dataset, on Ray Data.

Ray Data moves parts of files and buckets through the stages of intake.py; only tallies and one line
per entity come back. Files are read by sources.py and not by Ray Data's own readers, which ask for
one schema over all files and judge the types of a CSV file by its first block.
"""

import logging
import pickle
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_json import canonical
from tracer_ray.data import extras
from tracer_ray.data import steps as intake
from tracer_ray.data.as_of.joining import Joined, absent_columns, gather_events, write_snapshots
from tracer_ray.data.as_of.sources import Sorted, sort_out
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.publication import Ingested, bucket_count, publish, refuse_low_quality
from tracer_ray.data.resolution import resolve, with_aliases
from tracer_ray.data.sources import Part, find_files, parts_of
from tracer_ray.data.steps import Job
from tracer_ray.data.survey import Survey, survey_files
from tracer_ray.data.tally import Tally, total
from tracer_ray.engine.session import silence_ray_data, start_ray
from tracer_ray.errors import TracerError

LOG = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class IngestOptions:
    """How strict and how coarse: the defaults fit almost everybody.

    `mapping` names the raw column for a canonical one; `drop` are raw columns to leave out;
    `tolerance` is the share of rows that may be bad; `part_rows` and `bucket_rows` are about how
    many rows a task works on.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    tolerance: float = 0.05
    part_rows: int = 250_000
    bucket_rows: int = 100_000
    most_buckets: int = 1024


def ingest(
    blueprint: Blueprint,
    sources: Sequence[str],
    home: str,
    *,
    options: IngestOptions | None = None,
) -> Dataset:
    """Check, normalise and store raw data as a dataset under `home`.

    The dataset's name is a fingerprint of its content: the same data gives the dataset that is
    there already. Nothing appears before everything is written.

    Raises SchemaError, QualityError, DataError and StorageError, each with what to do.
    """
    options = options or IngestOptions()
    found = sort_out(blueprint, find_files(sources, options.drop), options.mapping)
    with _scratch(home, blueprint.id) as scratch:
        joined = _join(found, scratch, options.tolerance)
        rows = find_files([joined.snapshots]) if joined.snapshots else found.rows
        survey = survey_files(found.blueprint, rows, found.mapping)
        for uri, reason in survey.ignored.items():
            LOG.warning("event=file_ignored file=%s reason=%r", uri, reason)
        start_ray()
        parts = [
            part
            for order, file in enumerate(survey.files)
            for part in parts_of(file, order, options.part_rows)
        ]
        extra = _examine(found.blueprint, survey, parts)
        for note in (*survey.notes, *extra.notes, *joined.notes):
            LOG.info("event=column_note note=%r", note)
        mapped = with_aliases(found.blueprint, options.mapping)
        absent = absent_columns(survey.absent, joined.events)
        resolved = canonical(resolve(mapped, absent, extra.columns))
        job = Job(
            blueprint=resolved,
            mapping=found.mapping,
            files=tuple(file.uri for file in survey.files),
            scratch=scratch,
            buckets=bucket_count(resolved, survey.rows, options.bucket_rows, options.most_buckets),
            events=joined.events,
        )
        ingested = Ingested(blueprint, job, survey, extra, joined)
        return _run(ingested, parts, home, options.tolerance)


def _join(found: Sorted, scratch: str, tolerance: float) -> Joined:
    """Gather the events that rows are joined with; make the rows where they are made of events."""
    if not found.events:
        return Joined(notes=found.notes)
    start_ray()
    folder = storage.join(scratch, "events")
    gathered = _each(partial(gather_events, folder=folder), found.events)
    read = sorted(gathered, key=lambda each: each.gathered.events.name)
    for each in read:
        each.refuse_low_quality(tolerance)
    events = tuple(each.gathered for each in read)
    notes = (*found.notes, *(each.note for each in read))
    rule = found.blueprint.inactivity
    if rule is None:
        return Joined(events, notes=notes)
    activity = [each for each in events if each.events.name == rule.events]
    uri = storage.join(folder, "snapshots.parquet")
    made = _each(partial(write_snapshots, blueprint=found.blueprint, uri=uri), activity)
    return Joined(events, total(made), notes, uri)


def _run(ingested: Ingested, parts: Sequence[Part], home: str, tolerance: float) -> Dataset:
    """Take all parts through the stages and publish what comes out."""
    job = ingested.job
    seen = total(_each(partial(intake.read_rows, job=job), parts))
    read = total([seen, Tally(excluded=ingested.joined.left_out.excluded)])
    LOG.info("event=rows_read rows=%d quarantined=%d", read.rows, read.quarantined)
    refuse_low_quality(job, read, read.rows, tolerance, home)
    matches = (
        total(_each(partial(intake.merge_matches, job=job), range(job.buckets)))
        if job.blueprint.sides
        else total([])
    )
    merge = partial(intake.merge_rows, job=job.after(read))
    buckets = _each(merge, range(job.buckets))
    merged = total([matches, *(bucket.tally for bucket in buckets)])
    refuse_low_quality(job, total([read, merged]), read.rows, tolerance, home)
    dataset = publish(ingested, read, merged, [bucket.entities for bucket in buckets], home)
    LOG.info("event=dataset_ready uri=%s rows=%s", dataset.uri, dataset.manifest["rows"])
    return dataset


def _examine(blueprint: Blueprint, survey: Survey, parts: Sequence[Part]) -> extras.Extras:
    """Look at undeclared columns, where the blueprint takes them."""
    if not blueprint.extra_columns_known or not survey.undeclared:
        return extras.Extras((), ())
    seen = _each(partial(intake.examine_part, names=survey.undeclared), parts)
    evidence = extras.merge(examined.evidence for examined in seen)
    return extras.extra_columns(blueprint, evidence, sum(examined.rows for examined in seen))


@contextmanager
def _scratch(home: str, blueprint_id: str) -> Iterator[str]:
    """A folder that nothing loads, beside the datasets; gone afterwards, whatever happens."""
    name = f".ingest-{uuid.uuid4().hex[:12]}"
    folder = storage.join(storage.absolute(home), "datasets", blueprint_id, name)
    storage.make_folder(folder)
    try:
        yield folder
    finally:
        storage.remove_tree(folder)


def _each(stage: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The stage's result for every item, one Ray Data block each, in no particular order.

    The first TracerError of a stage is raised here as it was.
    """
    import ray

    if not items:
        return []
    rows = [{"item": pickle.dumps(item)} for item in items]
    silence_ray_data()
    blocks = ray.data.from_items(rows, override_num_blocks=len(rows))
    silence_ray_data()
    records = blocks.map(partial(_answer, stage=stage)).take_all()
    results = [pickle.loads(record["result"]) for record in records]
    for result in results:
        if isinstance(result, TracerError):
            raise result
    return results


def _answer(row: dict[str, bytes], stage: Callable[[Item], Result]) -> dict[str, bytes]:
    """Run a stage; its own errors are results, so that they reach the user as they are."""
    try:
        result: Result | TracerError = stage(pickle.loads(row["item"]))
    except TracerError as error:
        result = error
    return {"result": pickle.dumps(result)}
