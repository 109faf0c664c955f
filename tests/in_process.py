"""Ingest without Ray: the same steps, one after another, in the process of the test."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_json import canonical
from tracer_ray.data import steps
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.extras import Extras, extra_columns, merge
from tracer_ray.data.publication import Ingested, publish
from tracer_ray.data.resolution import resolve
from tracer_ray.data.sources import find_files, parts_of
from tracer_ray.data.survey import survey_files
from tracer_ray.data.tally import total


def ingested(blueprint: Blueprint, table: pa.Table, home: Path, buckets: int = 2) -> Dataset:
    """The dataset of a raw table."""
    home.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, home / "raw.parquet")
    survey = survey_files(blueprint, find_files([str(home / "raw.parquet")]), {})
    (part,) = parts_of(survey.files[0], 0, len(table))
    extra = Extras((), ())
    if blueprint.extra_columns_known and survey.undeclared:
        examined = steps.examine_part(part, survey.undeclared)
        extra = extra_columns(blueprint, merge([examined.evidence]), examined.rows)
    resolved = canonical(resolve(blueprint, survey.absent, extra.columns))
    files = tuple(file.uri for file in survey.files)
    job = steps.Job(resolved, {}, files, str(home / "scratch"), buckets)
    read = steps.read_rows(part, job)
    if resolved.sides:
        read = total([read, *(steps.merge_matches(bucket, job) for bucket in range(buckets))])
    merged = [steps.merge_rows(bucket, job) for bucket in range(buckets)]
    tally = total([bucket.tally for bucket in merged])
    entities = [bucket.entities for bucket in merged]
    return publish(Ingested(blueprint, job, survey, extra), read, tally, entities, str(home))
