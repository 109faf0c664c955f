"""Whether the rows are of the kind that a blueprint predicts: one per thing, or a history."""

import pyarrow as pa

from tracer_ray.analysis.mapping import Mapping
from tracer_ray.blueprint import Blueprint, Kind, Role
from tracer_ray.data.values import parse

_ONE_PER_THING = 0.9  # distinct things for each row; sampled copies and re-deliveries stay below
_FEWEST_ROWS_EACH = 2.0


def shape_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    """Why the rows are not of the expected kind; "" where they are, or where nothing tells."""
    if not len(table) or blueprint.sums_days:
        return ""
    if blueprint.horizon_days:
        return _daily_problem(blueprint, mapping, table)
    if blueprint.entity is not None:
        return _history_problem(blueprint, mapping, table)
    return _snapshot_problem(blueprint, mapping, table)


def _daily_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    time, entity = _source(blueprint, mapping, Role.TIME), _source(blueprint, mapping, Role.ENTITY)
    if not time:
        return ""
    days = (
        parse(table[time], Kind.TIME).values.cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
    )
    keys = {"day": days}
    if entity:
        keys["entity"] = parse(table[entity], Kind.CATEGORY).values
    if _distinct(pa.table(keys)) >= _ONE_PER_THING * len(table):
        return ""
    each = f"each {entity!r}" if entity else "the business (or map the column of each series)"
    return f"there are several rows a day for {each}; one is expected: add them up by day first"


def _history_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    entity, time = _source(blueprint, mapping, Role.ENTITY), _source(blueprint, mapping, Role.TIME)
    if not entity:
        is_one = not time or _distinct(table.select([time])) >= _ONE_PER_THING * len(table)
        return "" if is_one else f"there are several rows for each {time!r}, and nothing says whose"
    distinct = _distinct(table.select([entity]))
    if len(table) >= _FEWEST_ROWS_EACH * distinct:
        return ""
    return f"{entity!r} hardly comes again, and a history of each {entity!r} is needed"


def _snapshot_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    row, time = _source(blueprint, mapping, Role.ROW), _source(blueprint, mapping, Role.TIME)
    if not row:
        return ""
    names = list(dict.fromkeys(filter(None, (row, time))))
    if _distinct(table.select(names)) >= _ONE_PER_THING * len(table):
        return ""
    return (
        f"there are several rows for each {row!r}; one row for {blueprint.who} is expected: "
        "add them up first"
    )


def _source(blueprint: Blueprint, mapping: Mapping, role: Role) -> str:
    column = blueprint.role(role)
    found = mapping.of(column.name) if column else None
    return found.source if found and not found.problem else ""


def _distinct(table: pa.Table) -> int:
    """The number of different rows."""
    return len(table.group_by(table.column_names).aggregate([]))
