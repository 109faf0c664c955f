"""Whether rows are matches of two sides, and say who won."""

import numpy as np
import pyarrow as pa

from tracer_ray.analysis.mapping import Mapping
from tracer_ray.analysis.profile import READABLE
from tracer_ray.analysis.row_identity import tell_rows_apart
from tracer_ray.blueprint import Blueprint, Role, Sides
from tracer_ray.data.matching import OPPONENT, RESULT, SCORELINE, match
from tracer_ray.data.schema import normalise
from tracer_ray.data.sides import decide


def match_problem(sides: Sides, blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    """Why rows are no matches: those of players say many times who met whom.

    Or why nothing can be learned of them: a result that can't be read.
    """
    pair = sides.pairs[0].column
    found = [mapping.of(name) for name in (pair, OPPONENT + pair)]
    sources = [each.source for each in found if each]
    names = [mapping.source(blueprint.time), *sources]
    if len(set(filter(None, names))) < 3:
        return ""
    told_apart = (mapping.source(blueprint.role(role)) for role in (Role.ROW, Role.ORDER))
    if tell_rows_apart(table.select([*names, *filter(None, told_apart)])):
        return _result_problem(sides, blueprint, mapping, table)
    shown = " and ".join(map(repr, sources))
    return (
        f"there are several rows for each {shown} of one time; a row for a match, or one for "
        "each of its sides is expected"
    )


def _result_problem(sides: Sides, blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    """Why the column that says who won can't be read, or who won; "" where it can, or scores do."""
    told = {each.column.name: each.source for each in mapping.found}
    plan = match(blueprint, table.column_names, told)
    source = plan.mapping.get(RESULT) or plan.mapping.get(SCORELINE, "")
    if not source:
        return ""
    read = normalise(table, plan)
    decided = decide(read.good, sides, plan)
    is_bad = np.array(decided.problems) != ""
    if is_bad.mean() > 1.0 - READABLE:
        unread = table[source].take(pa.array(read.positions[is_bad])).unique().to_pylist()
        return f"{source!r} says neither who won nor a score, as 2-1: {_shown(unread)}"
    ways = set(decided.table[sides.won].drop_null().to_pylist())
    values = table[source].unique().to_pylist()
    return "" if {0.0, 1.0} <= ways else f"by {source!r} one side always wins: {_shown(values)}"


def _shown(values: list[object]) -> str:
    return ", ".join(map(str, values[:3]))
