"""The end of ingest: refusing bad data, and publishing a dataset under its fingerprint."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_json import blueprint_to_json
from tracer_ray.data.as_of.joining import Joined, absent_columns
from tracer_ray.data.dataset import Dataset
from tracer_ray.data.extras import Extras
from tracer_ray.data.fingerprint import combined
from tracer_ray.data.pieces import gather
from tracer_ray.data.quarantine import SCHEMA
from tracer_ray.data.steps import Job
from tracer_ray.data.survey import Survey
from tracer_ray.data.tally import Tally, total
from tracer_ray.errors import DataError, QualityError

FORMAT = 1
_SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class Ingested:
    """What an ingest set out from: the blueprint as declared, the job, what the files have.

    `joined` are the events that rows are joined with, or made of.
    """

    blueprint: Blueprint
    job: Job
    survey: Survey
    extra: Extras
    joined: Joined = field(default_factory=Joined)

    @property
    def raw_files(self) -> tuple[str, ...]:
        """The user's files that have the rows; none where rows are made of events."""
        return tuple(file for file in self.job.files if file != self.joined.snapshots)


def bucket_count(blueprint: Blueprint, rows: int, bucket_rows: int, most: int) -> int:
    """How many buckets for about so many raw rows; a match is two rows."""
    written = rows * (2 if blueprint.sides else 1)
    return min(max(1, -(-written // bucket_rows)), most)


def refuse_low_quality(job: Job, tally: Tally, rows: int, tolerance: float, home: str) -> None:
    """Raise QualityError where too many rows are bad, and keep them where the user can look."""
    share = tally.quarantined / max(rows, 1)
    if share <= tolerance:
        return
    name = f"{job.blueprint.id}-{combined(job.files)[:12]}.parquet"
    kept = storage.join(storage.absolute(home), "quarantine", name)
    storage.make_folder(kept.rpartition("/")[0])
    gather(storage.join(job.scratch, "quarantine"), kept, SCHEMA)
    worst = sorted(tally.problems.items(), key=lambda item: -item[1].count)[:_SHOWN_PROBLEMS]
    lines = [
        f"\n  {each.count} x {name}; such as {'; '.join(each.examples)}" for name, each in worst
    ]
    raise QualityError(
        f"{tally.quarantined} of {rows} rows ({share:.1%}) can't be used; {tolerance:.1%} are "
        f"tolerated:{''.join(lines)}\nAll of them are in {kept}. Correct the data, map other "
        "columns, or raise the tolerance"
    )


def publish(
    ingested: Ingested, read: Tally, merged: Tally, entities: Sequence[pa.Table], home: str
) -> Dataset:
    """Complete the scratch dataset and let it appear under its fingerprint, or find it there.

    Raises DataError where no row is left.
    """
    job = ingested.job
    table = pa.concat_tables(entities).sort_by("owner")
    if not len(table):
        tally = total([read, merged])
        left_out = [f"{n} left out ({why})" for why, n in tally.excluded.items()]
        raise DataError(
            f"no row is left of {read.rows} read from {', '.join(job.files)}: "
            f"{', '.join([f'{tally.quarantined} bad', *left_out])}"
        )
    prints = [
        f"{row['owner']}\t{row['fingerprint']}"
        for row in table.select(["owner", "fingerprint"]).to_pylist()
    ]
    data_fingerprint = combined(prints)[:16]
    name = combined([job.blueprint.fingerprint, data_fingerprint])[:12]
    final = storage.join(storage.absolute(home), "datasets", job.blueprint.id, name)
    if not storage.exists(storage.join(final, storage.MANIFEST)):
        manifest = _manifest(ingested, total([read, merged]), table)
        manifest |= {
            "fingerprint": name,
            "data_fingerprint": data_fingerprint,
            "rows_read": read.rows,
        }
        _complete(job, table, manifest)
        storage.publish(storage.join(job.scratch, "dataset"), final)
    return Dataset.open(final)


def _complete(job: Job, entities: pa.Table, manifest: dict[str, object]) -> None:
    folder = storage.join(job.scratch, "dataset")
    sink = pa.BufferOutputStream()
    pq.write_table(entities, sink)
    storage.write_bytes(storage.join(folder, "entities.parquet"), sink.getvalue().to_pybytes())
    gather(
        storage.join(job.scratch, "quarantine"), storage.join(folder, "quarantine.parquet"), SCHEMA
    )
    storage.write_bytes(storage.join(folder, "blueprint.json"), blueprint_to_json(job.blueprint))
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    storage.write_bytes(storage.join(folder, storage.MANIFEST), text.encode())


def _looked_up(survey: Survey) -> Iterator[str]:
    """The files that columns of the rows' files are looked up in."""
    for file in survey.files:
        for lookup in file.lookups:
            yield from (each.uri for each in lookup.files)


def _manifest(ingested: Ingested, tally: Tally, entities: pa.Table) -> dict[str, object]:
    job, survey = ingested.job, ingested.survey
    return {
        "format": FORMAT,
        "tracer_version": version("tracer-ray"),
        "blueprint": job.blueprint.id,
        "blueprint_fingerprint": ingested.blueprint.fingerprint,
        "resolved_fingerprint": job.blueprint.fingerprint,
        "rows": int(pc.sum(entities["rows"]).as_py()),
        "entities": len(entities),
        "first_time": pc.min(entities["first_time"]).as_py().isoformat(),
        "last_time": pc.max(entities["last_time"]).as_py().isoformat(),
        "excluded": dict(tally.excluded),
        "quarantined": {name: problem.count for name, problem in tally.problems.items()},
        "duplicates": tally.copies,
        "mapping": dict(survey.mapping),
        "absent": list(absent_columns(survey.absent, ingested.joined.events)),
        "extra_columns": {each.name: each.aliases[0] for each in ingested.extra.columns},
        "notes": [*survey.notes, *ingested.extra.notes, *ingested.joined.notes],
        "files": [*ingested.raw_files],
        "files_looked_up": list(dict.fromkeys(_looked_up(survey))),
        "events": {each.events.name: list(each.files) for each in ingested.joined.events},
        "files_ignored": dict(survey.ignored),
        "buckets": job.buckets,
    }
