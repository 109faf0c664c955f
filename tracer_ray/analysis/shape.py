"""Whether the rows are of the kind that a blueprint predicts: one per thing, or a history."""

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.analysis.mapping import Mapping
from tracer_ray.analysis.match_rows import match_problem
from tracer_ray.analysis.profile import ColumnProfile, Profile
from tracer_ray.analysis.row_identity import distinct_rows, tell_rows_apart
from tracer_ray.blueprint import PERIOD, Blueprint, Kind, Role
from tracer_ray.data.date_orders import read_times
from tracer_ray.data.matching import is_counted
from tracer_ray.data.row_counts import ROWS
from tracer_ray.data.values import parse
from tracer_ray.periods import Period

_ENOUGH_ROWS_EACH = 20.0  # of something that is forecast by itself
_FEWEST_ROWS_EACH = 2.0
_MOST_GROUPS = 0.05  # groups for each row


def shape_problem(blueprint: Blueprint, mapping: Mapping, profile: Profile, table: pa.Table) -> str:
    """Why the rows are not of the expected kind; "" where they are, or where nothing tells."""
    if not len(table):
        return ""
    if blueprint.sides:
        return match_problem(blueprint.sides, blueprint, mapping, table)
    if blueprint.adds_up:
        counted = _counting_problem(mapping, table)
        return counted or _period_problem(blueprint, mapping, profile)
    if blueprint.horizon_steps:
        return _daily_problem(blueprint, mapping, table)
    if blueprint.response:
        problem = _price_problem(blueprint, mapping, table)
        return problem or _lines_problem(blueprint, mapping, profile, table)
    if blueprint.entity is not None:
        return _history_problem(blueprint, mapping, table)
    return _snapshot_problem(blueprint, mapping, table)


def mixed_columns(
    blueprint: Blueprint, mapping: Mapping, profile: Profile, table: pa.Table
) -> tuple[str, ...]:
    """Raw columns that tell rows of one day (or month) apart, which are taken together.

    Units of items in stores, taken as takings of stores, lose the items. None where the entity and
    the day tell the rows apart, or where nothing but an order's number does (orders of a day are
    meant to be added up).
    """
    is_together = blueprint.is_by_period or blueprint.response
    counts_rows = bool(_counted(mapping)) or ROWS in _outcomes(mapping)
    if not is_together or counts_rows or profile.has_sales:
        return ()
    return told_apart_by(blueprint, mapping, profile, table)


def is_thin(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> bool:
    """Whether each thing that is forecast by itself has few rows, as products sold now and then."""
    entity = mapping.source(blueprint.entity)
    if not blueprint.adds_up or not entity:
        return False
    return len(table) < _ENOUGH_ROWS_EACH * distinct_rows(table.select([entity]))


def _counted(mapping: Mapping) -> str:
    """The raw column whose names are counted, if any."""
    counted = (each.source for each in mapping.found if is_counted(each.column, each.source))
    return next(counted, "")


def _outcomes(mapping: Mapping) -> set[str]:
    return {each.source for each in mapping.found if each.column.role is Role.OUTCOME}


def _comes_again(column: ColumnProfile, rows: int) -> bool:
    """Whether a column names groups of rows: few names or whole numbers, each many times."""
    is_name = column.role in ("entity", "category") or (column.role == "number" and column.is_whole)
    return is_name and 2 <= column.distinct <= _MOST_GROUPS * rows


def _counting_problem(mapping: Mapping, table: pa.Table) -> str:
    """Why rows can't be counted: a log of what happened to each thing counts it several times.

    A time of each thing names none; a mere day may be that of a sum.
    """
    source = _counted(mapping)
    if not source:
        return ""
    if source in [each.source for each in mapping.found if each.column.role is Role.TIME]:
        return _days_problem(source, table)
    if tell_rows_apart(table.select([source])):
        return ""
    return f"there are several rows for each {source!r}, which counts one a row: keep its first"


def _days_problem(source: str, table: pa.Table) -> str:
    times = read_times(table[source]).values
    is_day = pc.all(pc.equal(pc.floor_temporal(times, unit="day"), times)).as_py()
    return (
        f"{source!r} has days only, as a table of sums has: which column counts?" if is_day else ""
    )


def _period_problem(blueprint: Blueprint, mapping: Mapping, profile: Profile) -> str:
    """Why rows of months are no days: those between would count as closed.

    Days that are a week apart may as well be those of a market, which are forecast as they are.
    """
    time = mapping.source(blueprint.time)
    period = profile.column(time).period if time else blueprint.period
    is_fixed = blueprint.period is not Period.DAY or not blueprint.has_parameter(PERIOD)
    if period is not Period.MONTH or is_fixed:
        return ""
    return f"{time!r} has a row a {period}: say so with `--set period={period}`"


def _daily_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    time, entity = mapping.source(blueprint.time), mapping.source(blueprint.entity)
    if not time:
        return ""
    is_averaged = bool(blueprint.averages)
    keys = {"when": table[time] if is_averaged else _ordinals(table[time], Period.DAY)}
    if entity:
        keys["entity"] = parse(table[entity], Kind.CATEGORY).values
    if tell_rows_apart(pa.table(keys)):
        return ""
    each = f"each {entity!r}" if entity else "the business (or map the column of each series)"
    when = f"of one {time!r}" if is_averaged else "a day"
    return f"there are several rows {when} for {each}; one is expected: add them up by day first"


def _ordinals(values: pa.ChunkedArray, period: Period) -> pa.Array:
    """The day, week or month of each time; 0 for those that can't be read."""
    instants = read_times(values).values.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0)
    return pa.array(period.ordinal(instants.to_numpy(zero_copy_only=False)))


def _history_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    entity, time = mapping.source(blueprint.entity), mapping.source(blueprint.time)
    if not entity:
        is_one = not time or tell_rows_apart(table.select([time]))
        return "" if is_one else f"there are several rows for each {time!r}, and nothing says whose"
    distinct = distinct_rows(table.select([entity]))
    if len(table) >= _FEWEST_ROWS_EACH * distinct:
        return ""
    return f"{entity!r} hardly comes again, and a history of each {entity!r} is needed"


def _price_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    """Why nothing can be learned of a price: nobody's ever changed."""
    entity = mapping.source(blueprint.entity)
    price = mapping.of(blueprint.response.price) if blueprint.response else None
    if not price or not entity:
        return ""
    if distinct_rows(table.select([entity, price.source])) > distinct_rows(table.select([entity])):
        return ""
    return f"{price.source!r} never changes for any {entity!r}: its effect can't be learned"


def _lines_problem(
    blueprint: Blueprint, mapping: Mapping, profile: Profile, table: pa.Table
) -> str:
    """Why rows say nothing of demand at a price: they are lines of orders, many a day.

    Rows of one day that other columns tell apart are those of markets, or of a test of prices.
    """
    entity, time = mapping.source(blueprint.entity), mapping.source(blueprint.time)
    keys = owners_and_periods(blueprint, mapping, table)
    is_one = not (entity and time) or tell_rows_apart(pa.table(keys))
    if is_one or (not profile.has_sales and told_apart_by(blueprint, mapping, profile, table)):
        return _history_problem(blueprint, mapping, table)
    return (
        f"there are several rows for each {entity!r} of one day, as of orders; one is expected: "
        "add them up first"
    )


def told_apart_by(
    blueprint: Blueprint, mapping: Mapping, profile: Profile, table: pa.Table
) -> tuple[str, ...]:
    """Raw columns that tell rows of one day apart, where the owner and the day do not."""
    if not mapping.source(blueprint.time) or not len(table):
        return ()
    keys = owners_and_periods(blueprint, mapping, table)
    used = {*keys, *_outcomes(mapping)}
    names = [
        each.name
        for each in profile.columns
        if each.name not in used and _comes_again(each, len(table))
    ]
    others = {name: parse(table[name], Kind.CATEGORY).values for name in names}
    is_mixed = not tell_rows_apart(pa.table(keys)) and tell_rows_apart(pa.table({**keys, **others}))
    return tuple(names) if is_mixed else ()


def owners_and_periods(
    blueprint: Blueprint, mapping: Mapping, table: pa.Table
) -> dict[str, pa.Array]:
    """Whose and of which period each row is, by raw column."""
    roles = (Role.ENTITY, Role.SEGMENT)
    owners = filter(None, (mapping.source(blueprint.role(role)) for role in roles))
    keys = {each: parse(table[each], Kind.CATEGORY).values for each in owners}
    time = mapping.source(blueprint.time)
    return {**keys, time: _ordinals(table[time], blueprint.period)} if time else keys


def _snapshot_problem(blueprint: Blueprint, mapping: Mapping, table: pa.Table) -> str:
    row, time = mapping.source(blueprint.role(Role.ROW)), mapping.source(blueprint.time)
    if not row:
        return ""
    names = list(dict.fromkeys(filter(None, (row, time))))
    if tell_rows_apart(table.select(names)):
        return ""
    return (
        f"there are several rows for each {row!r}; one row for {blueprint.who} is expected: "
        "add them up first"
    )
