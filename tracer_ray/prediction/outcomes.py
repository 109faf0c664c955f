"""Outcomes: rows that say what happened, read by the validator that reads requests and files.

A row names what it is about as requests do (an entity and its time, two sides, or the row's own
id), or by the request that asked about it: `request_id`, and `row`, its number in a batch (0 unless
told). `happened_at` says since when the outcome could be known: where it is absent, since the row's
own time, and since the end of the day (UTC) where that is a date.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Column, Kind, Role
from tracer_ray.data.matching import OPPONENT, RESULTS, VENUE, match, planned_from
from tracer_ray.data.schema import Plan, PlannedColumn, normalise
from tracer_ray.data.sides import decide, unfold
from tracer_ray.data.spelling import fold
from tracer_ray.data.times import microseconds
from tracer_ray.errors import RequestError
from tracer_ray.periods import Period
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.records import row_key
from tracer_ray.rows import MICROSECONDS_PER_DAY

REQUEST_ID, NUMBER, HAPPENED_AT = "request_id", "row", "happened_at"
CONTROLS = (REQUEST_ID, NUMBER, HAPPENED_AT)
_PLANNED = (
    PlannedColumn(NUMBER, Kind.NUMBER, NUMBER, minimum=0.0, maximum=1e6),
    PlannedColumn(HAPPENED_AT, Kind.TIME, HAPPENED_AT),
)


class Outcome(NamedTuple):
    """What a target came to: of the row of a request, or of the row of a key ("" for none).

    `happened_at` is in microseconds (UTC), None where it is not known.
    """

    request_id: str
    row: int
    key: str
    target: str
    actual: float
    happened_at: int | None


@dataclass(frozen=True)
class Settled:
    """The outcomes of a table's rows by position, and the errors of those that say none."""

    outcomes: Mapping[int, Sequence[Outcome]]
    errors: Mapping[int, RequestError]


def read_outcomes(predictor: Predictor, table: pa.Table, *, is_strict: bool = True) -> Settled:
    """What raw rows of the same columns say of what happened.

    A strict reading refuses columns that nobody knows; otherwise they are passed over.
    """
    names = [name for name in table.column_names if name not in CONTROLS]
    try:
        if is_strict:
            _refuse_unknown(predictor, names)
        is_by_request = REQUEST_ID in table.column_names
        plan = _plan_of_values(predictor, names) if is_by_request else _plan(predictor, names)
    except RequestError as error:
        return Settled({}, dict.fromkeys(range(len(table)), error))
    read = normalise(table, replace(plan, columns=(*plan.columns, *_PLANNED)))
    reasons = zip(read.bad["position"].to_pylist(), read.bad["reason"].to_pylist(), strict=True)
    errors = {row: RequestError(f"field {reason}") for row, reason in reasons}
    rows = _decided(predictor, read.good, plan, read.positions.tolist(), errors)
    found: dict[int, list[Outcome]] = {}
    for position, outcome in _outcomes(predictor, rows):
        found.setdefault(position, []).append(outcome)
    silent = RequestError(f"no outcome is given; expected {_expected(predictor)}")
    for position in set(range(len(table))) - found.keys() - errors.keys():
        errors[position] = silent
    return Settled(found, errors)


def _refuse_unknown(predictor: Predictor, names: Sequence[str]) -> None:
    """Raise RequestError for a field that says neither whom a row is about nor what happened."""
    controls = predictor.reader.fields.controls
    for name in names:
        if not predictor.accepts(name) or fold(name) in controls:
            raise RequestError(
                f"unknown field {name[:60]!r}; expected {_expected(predictor)}, and whom the row "
                f"is about, or {', '.join(CONTROLS)}"
            )


def _plan_of_values(predictor: Predictor, names: Sequence[str]) -> Plan:
    """How outcomes are read where the request says whose they are."""
    wanted = {
        fold(each): column
        for column in _outcome_columns(predictor)
        for each in (*column.names, *(name for said in column.wordings for name in said.names))
    }
    sources = {wanted[fold(name)]: name for name in reversed(names) if fold(name) in wanted}
    columns = [planned_from(each, name) for each, name in sources.items()]
    return Plan((*columns, PlannedColumn(REQUEST_ID, Kind.CATEGORY, REQUEST_ID, is_required=True)))


def _plan(predictor: Predictor, names: Sequence[str]) -> Plan:
    """How rows are read that name what they are about; RequestError where they don't."""
    blueprint = predictor.blueprint
    plan = match(blueprint, names)
    label = blueprint.role(Role.LABEL)
    is_labelled = label is not None and label.name in plan.mapping
    naming = (blueprint.entity, blueprint.time) if blueprint.entity else (blueprint.role(Role.ROW),)
    needed = [each for each in naming if each and not (is_labelled and each is blueprint.entity)]
    for column in needed:
        if column.name not in plan.mapping:
            raise RequestError(
                f"field {column.name!r} is missing: {column.description}; or give "
                f"{REQUEST_ID!r} to say which request it settles"
            )
    roles = (Role.ENTITY, Role.LABEL, Role.ROW, Role.TIME, Role.OUTCOME)
    kept = {each.name for each in blueprint.columns if each.role in roles} | {*RESULTS, VENUE}
    kept |= {exclusion.column for exclusion in blueprint.exclusions}
    if blueprint.sides:
        kept |= {OPPONENT + pair.column for pair in blueprint.sides.pairs}
    required = {each.name for each in needed}
    return replace(
        plan,
        columns=tuple(
            replace(each, is_required=each.name in required)
            for each in plan.columns
            if each.name in kept
        ),
    )


def _decided(
    predictor: Predictor,
    table: pa.Table,
    plan: Plan,
    positions: list[int],
    errors: dict[int, RequestError],
) -> list[dict[str, object]]:
    """The rows that say something, with their positions; a match is seen from both sides."""
    sides = predictor.blueprint.sides
    table = table.append_column("_position", pa.array(positions, pa.int64()))
    for exclusion in predictor.blueprint.exclusions:
        if exclusion.column in plan.mapping:
            table = table.filter(
                pc.fill_null(pc.greater(table[exclusion.column], exclusion.above), False)
            )
    if sides and sides.pairs[0].column in plan.mapping:
        decided = decide(table, sides, plan)
        problems = zip(table["_position"].to_pylist(), decided.problems, strict=True)
        errors.update({row: RequestError(why) for row, why in problems if why})
        is_sound = pa.array([not why for why in decided.problems], pa.bool_())
        table = unfold(decided.table.filter(is_sound), sides)
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


def _outcomes(
    predictor: Predictor, rows: Sequence[Mapping[str, object]]
) -> Iterator[tuple[int, Outcome]]:
    """The outcomes of rows as they were read, each with its row's position."""
    blueprint = predictor.blueprint
    for row in rows:
        time = _microseconds(row.get(blueprint.time.name)) if blueprint.time else None
        if blueprint.is_by_period and time is not None:
            time = blueprint.period.begin(time)
        request_id = str(row.get(REQUEST_ID, ""))
        key = "" if request_id else _key(predictor, row, time)
        number = int(float(str(row[NUMBER]))) if row[NUMBER] is not None else 0
        happened_at = _microseconds(row[HAPPENED_AT]) or known_from(time, blueprint.period)
        for target in predictor.targets:
            values = [row.get(name) for name in blueprint.target(target).columns]
            actual = sum(np.nan if each is None else float(str(each)) for each in values)
            if isfinite(actual) and (request_id or key):
                outcome = Outcome(request_id, number, key, target, actual, happened_at)
                yield int(str(row["_position"])), outcome


def known_from(time: int | None, period: Period = Period.DAY) -> int | None:
    """Since when the outcome of a row at `time` can be known: a date counts until its period ends.

    >>> known_from(3_600_000_000), known_from(0) == MICROSECONDS_PER_DAY
    (3600000000, True)
    """
    if time is None or time % MICROSECONDS_PER_DAY:
        return time
    return period.begin(time, after=1)


def _key(predictor: Predictor, row: Mapping[str, object], time: int | None) -> str:
    """The key of a row as its predictions have it."""
    blueprint, own = predictor.blueprint, predictor.blueprint.role(Role.ROW)
    if blueprint.entity is None:
        return row_key((), None, _text(row.get(own.name)) if own else None)
    label = blueprint.role(Role.LABEL)
    given = (blueprint.entity, *((label,) if label else ()))
    names = [predictor.owner_of(*(_text(row.get(each.name)) for each in given))]
    if blueprint.sides:
        names.append(predictor.owner_of(_text(row[OPPONENT + blueprint.sides.pairs[0].column])))
    return row_key(names, time, None)


def _outcome_columns(predictor: Predictor) -> tuple[Column, ...]:
    return tuple(each for each in predictor.blueprint.columns if each.role is Role.OUTCOME)


def _expected(predictor: Predictor) -> str:
    targets = [predictor.blueprint.target(name) for name in predictor.targets]
    return ", or ".join(" and ".join(each.columns) for each in targets)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _microseconds(value: object) -> int | None:
    return microseconds(value) if isinstance(value, datetime) else None
