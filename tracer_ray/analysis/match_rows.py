"""Whether rows are matches of two sides, and say who won."""

import pyarrow as pa

from tracer_ray.analysis.mapping import Mapping
from tracer_ray.analysis.profile import READABLE
from tracer_ray.analysis.row_identity import tell_rows_apart
from tracer_ray.blueprint import Blueprint, Role, Sides
from tracer_ray.data.matching import OPPONENT, RESULT, match
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
    """Why the column that says who won can't be read; "" where it can, or scores say it."""
    told = {each.column.name: each.source for each in mapping.found}
    plan = match(blueprint, table.column_names, told)
    source = plan.mapping.get(RESULT)
    if source is None:
        return ""
    problems = decide(normalise(table, plan).good, sides, plan).problems
    if len(problems) - problems.count("") <= (1.0 - READABLE) * len(problems):
        return ""
    shown = ", ".join(map(str, table[source].unique().to_pylist()[:3]))
    return f"{source!r} says neither who won nor a score, as 2-1: {shown}"
