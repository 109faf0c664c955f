"""Events gathered into one file, and rows joined with what was known of them at their time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracer_ray import storage
from tracer_ray.blueprint import Blueprint, Events, Role
from tracer_ray.data.as_of.history import History, aggregate
from tracer_ray.data.as_of.snapshots import take_snapshots
from tracer_ray.data.as_of.sources import EventFiles
from tracer_ray.data.matching import match_columns
from tracer_ray.data.pieces import write_groups
from tracer_ray.data.schema import Plan, normalise
from tracer_ray.data.sources import SourceFile, parts_of, read_part
from tracer_ray.data.tally import MOST_EXAMPLES, Problem, Tally, total
from tracer_ray.data.values import INSTANT
from tracer_ray.errors import QualityError

_PART_ROWS = 1_000_000
_KEPT = 4
NOBODY = "events of nobody"


@dataclass(frozen=True)
class Gathered:
    """Events in one file of `key`, `time` and amounts, and the URIs that they were read from."""

    events: Events
    uri: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Joined:
    """All events that rows are joined with, what was left out, and notes for the user.

    `snapshots` is where rows that are made of events are, "" where rows have files of their own.
    """

    events: tuple[Gathered, ...] = ()
    left_out: Tally = field(default_factory=Tally)
    notes: tuple[str, ...] = ()
    snapshots: str = ""


@dataclass(frozen=True)
class Read:
    """How many events there were, and how many could not be read."""

    gathered: Gathered
    tally: Tally

    def refuse_low_quality(self, tolerance: float) -> None:
        """Raise QualityError where too many events can't be read."""
        if self.tally.quarantined > tolerance * max(self.tally.rows, 1):
            raise QualityError(
                f"{self.note}; {tolerance:.1%} are tolerated. Correct the data, map other columns "
                f"({self.gathered.events.name}.{self.gathered.events.time.name}=...), or raise the "
                "tolerance"
            )

    @property
    def note(self) -> str:
        """What was read, in words."""
        name, tally = self.gathered.events.name, self.tally
        bad = [f"{n}; such as {'; '.join(p.examples)}" for n, p in tally.problems.items()]
        lost = f", {tally.quarantined:,} are unreadable: {' '.join(bad)}" if bad else ""
        nobody = tally.excluded.get(NOBODY, 0)
        theirs = f", {nobody:,} are nobody's" if nobody else ""
        return f"{tally.rows:,} events of {name} are aggregated as of each row{theirs}{lost}"


def gather_events(found: EventFiles, folder: str) -> Read:
    """Read all files of some events into one; what can't be read is counted and left out."""
    events, tables, tallies = found.events, [], []
    gathered = Gathered(
        events,
        storage.join(folder, f"{events.name}.parquet"),
        tuple(file.uri for file in found.files),
    )
    for order, file in enumerate(found.files):
        plan = _plan(events, file)
        for part in parts_of(file, order, _PART_ROWS):
            for chunk in read_part(part, plan.sources):
                read = normalise(chunk.table, plan)
                good = read.good.rename_columns(_stored_names(events))
                tables.append(good.filter(pc.is_valid(good["key"])))
                nobody = {NOBODY: good["key"].null_count}
                tallies.append(Tally(len(chunk.table), 0, nobody, _problems(read.bad)))
    rows = pa.concat_tables(tables)
    write_groups(gathered.uri, rows, [len(rows)])
    return Read(gathered, total(tallies))


def _plan(events: Events, file: SourceFile) -> Plan:
    """How a file is read; an event of nobody is left out and is no bad row (guests of a shop)."""
    plan = match_columns(events.columns, file.columns, {})
    return replace(
        plan,
        columns=tuple(
            replace(each, is_required=False) if each.name == events.key.name else each
            for each in plan.columns
        ),
    )


def _stored_names(events: Events) -> list[str]:
    return ["key", "time", *(each.name for each in events.amounts)]


def _problems(bad: pa.Table) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    for problem, reason in zip(bad["problem"].to_pylist(), bad["reason"].to_pylist(), strict=True):
        known = problems.get(problem, Problem(0, ()))
        problems[problem] = Problem(known.count + 1, (*known.examples, reason)[:MOST_EXAMPLES])
    return problems


@lru_cache(maxsize=_KEPT)
def read_history(uri: str) -> History:
    """The gathered events; kept in memory, because every piece of the rows needs them.

    The file must never change: each ingest has a folder of its own.
    """
    system, path = storage.filesystem(uri)
    with storage.explained(uri, "read"), system.open_input_file(path) as stream:
        return History.of(pq.ParquetFile(stream).read())


def write_snapshots(gathered: Gathered, blueprint: Blueprint, uri: str) -> Tally:
    """Write the rows that a blueprint's inactivity makes of events; counts what is left out."""
    rule, row, time = blueprint.inactivity, blueprint.role(Role.ROW), blueprint.time
    if rule is None or row is None or time is None:
        raise ValueError(f"{blueprint.id}: its rows are not made of events")
    made = take_snapshots(read_history(gathered.uri), rule)
    outcomes = {
        rule.outcome: made.outcome,
        rule.duration: made.duration_days,
        rule.has_left: made.has_left,
    }
    table = pa.table(
        {
            row.name: pa.array(made.names, pa.string()),
            time.name: pa.array(made.instants).cast(INSTANT),
            **{name: pa.array(values, from_pandas=True) for name, values in outcomes.items()},
        }
    )
    write_groups(uri, table, [len(table)])
    return Tally(len(made), excluded={k: v for k, v in made.left_out.items() if v})


def join_as_of(rows: pa.Table, blueprint: Blueprint, gathered: Sequence[Gathered]) -> pa.Table:
    """Normalised rows with what was known of their events at their time."""
    row, time = blueprint.role(Role.ROW), blueprint.time
    if not gathered or row is None or time is None:
        return rows
    names = np.array(rows[row.name].to_pylist(), dtype=np.object_)
    instants = rows[time.name].cast(pa.int64()).to_numpy()
    for each in gathered:
        known = aggregate(read_history(each.uri), each.events, names, instants)
        for name, values in known.items():
            place = rows.column_names.index(name)
            rows = rows.set_column(place, name, pa.array(values, from_pandas=True))
    return rows


def absent_columns(absent: Iterable[str], gathered: Sequence[Gathered]) -> tuple[str, ...]:
    """The columns that no file has and no events become."""
    made = {aggregate.name for each in gathered for aggregate in each.events.aggregates}
    return tuple(name for name in absent if name not in made)
