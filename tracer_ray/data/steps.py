"""The stages of ingest, each a function of one part or bucket, run anywhere and in any order.

Stages hand rows on through piece files in a scratch folder and return small tallies. Rows go by the
stable hash of their owner; matches first by that of their time, because both sides' rows of a
match must agree on duplicates and on the order within an instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint, Role, Sides
from tracer_ray.data import extras, quarantine
from tracer_ray.data.adding_up import by_period, drop_copies_of_files
from tracer_ray.data.as_of.joining import Gathered, join_as_of
from tracer_ray.data.buckets import (
    FILE,
    POSITION,
    Deduplicated,
    all_unique,
    drop_duplicates,
    entity_table,
    exclude,
    finish,
    names_rows,
    order_columns,
    ordered,
    row_schema,
    split,
)
from tracer_ray.data.dataset import bucket_path
from tracer_ray.data.derivation import derive
from tracer_ray.data.fingerprint import text_words
from tracer_ray.data.matching import match
from tracer_ray.data.pieces import read_pieces, write_groups, write_piece
from tracer_ray.data.schema import Plan, normalise
from tracer_ray.data.sides import decide, match_keys, orient, separate, unfold
from tracer_ray.data.sources import Chunk, Part, read_part
from tracer_ray.data.spelling import fold
from tracer_ray.data.tally import Tally, total
from tracer_ray.data.whole_periods import DaysSeen, days_seen, whole_span, without_parts

_MATCH = "_match"


@dataclass(frozen=True)
class Job:
    """What every stage needs to know: the fitted blueprint, the mapping, and where to write.

    `files` are the URIs of the raw files in their order, `events` what rows are joined with; `span`
    are the instants between which added up periods are whole, once all rows were read.
    """

    blueprint: Blueprint
    mapping: Mapping[str, str]
    files: tuple[str, ...]
    scratch: str
    buckets: int
    events: tuple[Gathered, ...] = ()
    span: tuple[int, int] | None = None

    def after(self, read: Tally) -> "Job":
        """The job once all rows were read."""
        return replace(self, span=whole_span(read.days, self.blueprint.period))

    def folder(self, stage: str, bucket: int) -> str:
        """Where a stage's pieces of one bucket are."""
        return storage.join(self.scratch, stage, f"{bucket:05d}")


@dataclass(frozen=True)
class Bucket:
    """A bucket's final tally (rows are those written) and its lines of `entities.parquet`."""

    tally: Tally
    entities: pa.Table


@dataclass(frozen=True)
class Examined:
    """The rows of a part, and what its values tell of some raw columns."""

    rows: int
    evidence: Mapping[str, extras.Evidence]


def examine_part(part: Part, names: tuple[str, ...]) -> Examined:
    """Look at all values of undeclared columns, to learn what they are."""
    raw = {fold(column): column for column in part.file.columns}
    present = {raw[fold(name)]: name for name in names if fold(name) in raw}
    rows, evidence = 0, []
    for chunk in read_part(part, list(present)):
        rows += len(chunk.table)
        evidence.append(extras.examine(chunk.table.rename_columns(present)))
    return Examined(rows, extras.merge(evidence))


def read_rows(part: Part, job: Job) -> Tally:
    """Read a part, check it, and write its good rows as pieces and the bad ones to quarantine."""
    plan = match(job.blueprint, part.file.columns, job.mapping)
    return total(_read_chunk(chunk, part, plan, job) for chunk in read_part(part, plan.sources))


def merge_matches(bucket: int, job: Job) -> Tally:
    """Drop the duplicates of some instants' matches, part them in time, unfold them to rows."""
    sides, time = job.blueprint.sides, job.blueprint.time
    table = read_pieces(job.folder("matches", bucket))
    if sides is None or time is None or table is None:
        return Tally()
    found = drop_duplicates(table, [_MATCH])
    names = (time.name, *order_columns(job.blueprint), POSITION, _MATCH)
    by = [(name, "ascending") for name in names]
    matches = found.kept.sort_by(by)
    if order_columns(job.blueprint):
        matches = separate(matches, sides, time.name)
    rows = unfold(matches, sides)
    keys = pc.binary_join_element_wise(rows[_MATCH], rows[sides.pairs[0].column], ":")
    name = f"matches-{bucket:05d}"
    written = _write_rows(job, name, finish(rows, job.blueprint, keys))
    conflicts = quarantine.conflicting(found.conflicts, job.files)
    return total([Tally(copies=found.copies), written, _set_aside(job, name, conflicts)])


def merge_rows(bucket: int, job: Job) -> Bucket:
    """Write a bucket's final file from its pieces."""
    table = read_pieces(job.folder("rows", bucket))
    if table is None:
        arrival = [pa.field(name, pa.int64()) for name in (FILE, POSITION)]
        table = pa.schema([*row_schema(job.blueprint), *arrival]).empty_table()
    found = _deduplicated(table, job.blueprint)
    whole = without_parts(found.kept, job.span)
    kept = by_period(whole, job.blueprint) if job.blueprint.is_by_period else whole
    rows = derive(ordered(kept, job.blueprint), job.blueprint)
    entities = entity_table(rows, job.blueprint, bucket)
    uri = storage.join(job.scratch, "dataset", bucket_path(bucket))
    write_groups(uri, rows, entities["rows"].to_pylist())
    conflicts = quarantine.conflicting(found.conflicts, job.files)
    bad = _set_aside(job, f"rows-{bucket:05d}", conflicts)
    parts = {f"of a {job.blueprint.period} that is not whole": len(found.kept) - len(whole)}
    left_out = {why: count for why, count in parts.items() if count}
    return Bucket(total([Tally(len(rows), found.copies, left_out), bad]), entities)


def _read_chunk(chunk: Chunk, part: Part, plan: Plan, job: Job) -> Tally:
    name = f"{part.order:06d}-{chunk.first_position:012d}"
    source, first = part.file.uri, chunk.first_position
    read = normalise(chunk.table, plan)
    known = join_as_of(read.good, job.blueprint, job.events)
    good = known.append_column(FILE, pa.array(np.full(len(known), part.order)))
    good = good.append_column(POSITION, pa.array(read.positions + first))
    bad = [
        quarantine.unreadable(read.bad, first, source),
        quarantine.broken(chunk.broken, first, source),
    ]
    if job.blueprint.sides:
        good, senseless = _sensible(good, job.blueprint.sides, plan, job.files)
        bad.append(senseless)
        _write_matches(job, name, good, job.blueprint.sides)
        written = Tally()
    else:
        written = _write_rows(job, name, finish(good, job.blueprint))
    seen = Tally(len(chunk.table) + len(chunk.broken))
    return total(
        [seen, written, _set_aside(job, name, pa.concat_tables(bad, promote_options="default"))]
    )


def _sensible(
    table: pa.Table, sides: Sides, plan: Plan, files: tuple[str, ...]
) -> tuple[pa.Table, pa.Table]:
    """The matches with their outcome, and those that make no sense."""
    decided = decide(table, sides, plan)
    problems = pa.array(decided.problems, pa.string())
    is_bad = pc.not_equal(problems, "")
    bad = quarantine.senseless(table.filter(is_bad), problems.filter(is_bad), files)
    return decided.table.filter(pc.invert(is_bad)), bad


def _write_matches(job: Job, name: str, matches: pa.Table, sides: Sides) -> None:
    """Pieces of matches by the hash of their time."""
    time, row = job.blueprint.time, job.blueprint.role(Role.ROW)
    if time is None or not len(matches):
        return
    oriented = orient(matches, sides)
    keys = match_keys(oriented, sides, row.name if row else "", time.name)
    instants = oriented[time.name].cast(pa.int64()).cast(pa.string()).combine_chunks()
    keyed = oriented.append_column(_MATCH, keys)
    for bucket, piece in split(keyed, text_words(instants), job.buckets):
        write_piece(job.folder("matches", bucket), name, piece)


def _write_rows(job: Job, name: str, rows: pa.Table) -> Tally:
    """Pieces of rows by the hash of their owner, without those that are no outcome."""
    kept, excluded = exclude(rows, job.blueprint)
    owners = text_words(kept["owner"].combine_chunks())
    for bucket, piece in split(kept, owners, job.buckets):
        write_piece(job.folder("rows", bucket), name, piece)
    return Tally(excluded=excluded, days=_days(kept, job.blueprint))


def _days(rows: pa.Table, blueprint: Blueprint) -> DaysSeen:
    """The days of which something is known; a plan of days to come says nothing of their end."""
    if not blueprint.adds_up:
        return {}
    outcomes = [name for target in blueprint.targets for name in target.columns]
    told = rows.filter(reduce(pc.or_, [rows[name].is_valid() for name in outcomes]))
    return days_seen(told["time"].cast(pa.int64()).to_numpy(), blueprint.period)


def _set_aside(job: Job, name: str, bad: pa.Table) -> Tally:
    write_piece(storage.join(job.scratch, "quarantine"), name, bad)
    return quarantine.tally_of(bad)


def _deduplicated(table: pa.Table, blueprint: Blueprint) -> Deduplicated:
    if blueprint.adds_up:
        return drop_copies_of_files(table)
    identity = _identity(blueprint)
    return drop_duplicates(table, identity) if identity else all_unique(table)


def _identity(blueprint: Blueprint) -> tuple[str, ...]:
    """What makes a row itself: its key; a row column's value may come again at another time.

    Nothing where only its content does: equal rows may be different things then.
    """
    if not names_rows(blueprint):
        return ()
    return ("key", "time") if blueprint.role(Role.ROW) and not blueprint.sides else ("key",)
