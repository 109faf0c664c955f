"""Rows newer than the release, given with a request: they move the state for that request only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Role, Sides
from tracer_ray.data.adding_up import by_period
from tracer_ray.data.buckets import FILE, POSITION, drop_duplicates, exclude, finish, ordered
from tracer_ray.data.dataset import rows_from_table
from tracer_ray.data.derivation import derive
from tracer_ray.data.matching import match
from tracer_ray.data.schema import Plan, normalise, raw_table
from tracer_ray.data.sides import decide, match_keys, orient, separate, unfold
from tracer_ray.data.whole_periods import days_seen, whole_span, without_parts
from tracer_ray.errors import DataError, RequestError
from tracer_ray.feature_program.program import FeatureProgram
from tracer_ray.feature_program.state import RATINGS, FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.periods import Period
from tracer_ray.prediction.request_fields import bounded
from tracer_ray.prediction.requests import Request, RequestReader, plain
from tracer_ray.rows import Rows


@dataclass(frozen=True)
class Past:
    """What answers for a next row: the program, its state, and the categories it knows."""

    program: FeatureProgram
    state: FeatureState
    vocabulary: Vocabulary


def read_recent(reader: RequestReader, rows: Sequence[Request], owner: str) -> Rows:
    """The rows as ingest would have written them; those without an entity are the owner's.

    Raises RequestError naming the first row that can't be read.
    """
    blueprint = reader.fields.blueprint
    given = [_row(reader, row, number) for number, row in enumerate(rows, 1)]
    names = list(dict.fromkeys(name for row in given for name in row))
    plan = match(blueprint, names)
    if blueprint.entity and any(each.name == blueprint.entity.name for each in plan.missing):
        given = [{**row, blueprint.entity.name: owner} for row in given]
        names.append(blueprint.entity.name)
        plan = match(blueprint, names)
    if plan.missing:
        tried = ", ".join(plan.missing[0].tried)
        raise RequestError(
            f"field 'recent': its rows need {plan.missing[0].name!r} (tried {tried})"
        )
    read = normalise(
        raw_table([{n: _text(v) for n, v in row.items()} for row in given]), bounded(plan)
    )
    if len(read.bad):
        number, reason = (read.bad[name][0].as_py() for name in ("position", "reason"))
        raise RequestError(f"field 'recent', row {number + 1}: {reason}")
    table = reader.with_owners(read.good)
    table = table.append_column(FILE, pa.array(np.zeros(len(table), np.int64)))
    table = table.append_column(POSITION, pa.array(np.arange(len(table))))
    if blueprint.sides:
        finished = _of_sides(table, blueprint, blueprint.sides, plan)
    else:
        finished = finish(table, blueprint)
    told = tuple(each for each in blueprint.exclusions if each.column in plan.mapping)
    kept, _ = exclude(finished, replace(blueprint, exclusions=told))
    if blueprint.adds_up:
        _refuse_parts(kept, blueprint.period)
    kept = by_period(kept, blueprint) if blueprint.is_by_period else kept
    return rows_from_table(derive(ordered(kept, blueprint), blueprint), blueprint)


def _refuse_parts(rows: pa.Table, period: Period) -> None:
    """Half a month of sales is no month's sales."""
    instants = rows["time"].cast(pa.int64()).to_numpy()
    whole = without_parts(rows, whole_span(days_seen(instants, period), period))
    if len(whole) < len(rows):
        raise RequestError(
            f"field 'recent': the first or last {period} of its rows is not whole; give all of its "
            f"days, or one row for it, or leave it out"
        )


def moved(past: Past, rows: Rows) -> FeatureState:
    """The state after the rows; RequestError where they are no newer than it.

    Owners and ratings move. What is known of other keys (what a team allows) stays: a few rows of
    some owners are not all rows of such a key.
    """
    program, state = past.program, past.state
    try:
        cross = program.cross([program.summarise(rows, state)], state)
        _, own = program.transform(rows, cross, past.vocabulary, state)
    except DataError as error:
        raise RequestError(f"field 'recent': {error}") from error
    fresh = dict(own.tables)
    if RATINGS in cross.state.tables:
        fresh[RATINGS] = cross.state.tables[RATINGS]
    old = state.tables
    layered = {label: each.above(old.get(label)) for label, each in fresh.items()}
    return FeatureState({**old, **layered})


def _row(reader: RequestReader, row: Request, number: int) -> Mapping[str, object]:
    for name in row:
        if not reader.fields.accepts(name):
            raise RequestError(f"field 'recent', row {number}: unknown field {name[:60]!r}")
    return {name: plain(name, value) for name, value in row.items() if value is not None}


def _text(value: object) -> str:
    """A value as text, so that rows of different types are read alike.

    >>> _text(7.0), _text(True)
    ('7', 'True')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _of_sides(table: pa.Table, blueprint: Blueprint, sides: Sides, plan: Plan) -> pa.Table:
    """One row per side of each match."""
    decided = decide(table, sides, plan)
    for number, problem in enumerate(decided.problems, 1):
        if problem:
            raise RequestError(f"field 'recent', row {number}: {problem}")
    time, row = blueprint.role(Role.TIME), blueprint.role(Role.ROW)
    if time is None:
        raise RequestError(f"field 'recent': {blueprint.id} has no time to order rows by")
    matches = orient(decided.table, sides)
    keyed = matches.append_column(
        "_match", match_keys(matches, sides, row.name if row else "", time.name)
    )
    once = drop_duplicates(keyed, ["_match"]).kept  # there may be a row for each of its sides
    in_order = once.sort_by([(time.name, "ascending"), (POSITION, "ascending")])
    unfolded = unfold(separate(in_order, sides, time.name), sides)
    keys = pc.binary_join_element_wise(unfolded["_match"], unfolded[sides.pairs[0].column], ":")
    return finish(unfolded, blueprint, keys)
