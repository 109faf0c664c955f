"""Files with a column for each entity or each period, read as rows below one another.

That columns are entities (a share, a product) has to be said: nothing in a file tells whether its
columns are many series, or many things about one. Columns that are named by dates (`2024-01`,
`Feb 2024`), or by the names that a calendar in another file has for dates (`d_1`), are periods of a
series, whose other columns say whose it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from tracer_ray.blueprint import Blueprint
from tracer_ray.data.calendars import NO_CALENDAR, calendars_of
from tracer_ray.data.date_orders import read_times
from tracer_ray.data.matching import match
from tracer_ray.data.sources import SourceFile
from tracer_ray.data.stacking import Stack

FEWEST_COLUMNS = 2
FEWEST_PERIODS = 6


def stacked_files(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[SourceFile, ...]:
    """The files as the blueprint's layout, and the names of their columns, have them read.

    A calendar that was needed for that is no file of rows, and left out.
    """
    found = calendars_of(files) if blueprint.is_by_period else {}
    calendars = {each.uri for each in found.values()}
    dates = {columns: each.dates for columns, each in found.items()}
    return tuple(
        _stacked(blueprint, each, mapping, dates.get(each.columns, NO_CALENDAR))
        for each in files
        if each.uri not in calendars
    )


def stack_of(
    blueprint: Blueprint,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    calendar: Mapping[str, str] = NO_CALENDAR,
) -> Stack | None:
    """The columns that a blueprint reads as rows; None where it reads a row as one."""
    if blueprint.is_side_by_side:
        return _entities(blueprint, columns, mapping)
    return _periods(blueprint, columns, mapping, calendar)


def _entities(
    blueprint: Blueprint, columns: Sequence[str], mapping: Mapping[str, str]
) -> Stack | None:
    """All columns that the blueprint does not know, under its entity and its outcome.

    None where the columns have one of these two themselves, or hardly others.
    """
    entity, outcome = blueprint.entity, blueprint.needed_number
    if entity is None or outcome is None:
        return None
    plan = match(blueprint, columns, mapping)
    names = tuple(name for name in columns if name not in plan.sources)
    is_long = bool({entity.name, outcome.name} & plan.mapping.keys())
    if is_long or len(names) < FEWEST_COLUMNS:
        return None
    return Stack(names, entity.name, outcome.name)


def _periods(
    blueprint: Blueprint,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    calendar: Mapping[str, str],
) -> Stack | None:
    """The columns that are named by dates, under the time and the outcome of a series.

    None where there are hardly any, or where the columns have one of these two themselves.
    """
    time, outcome = blueprint.time, blueprint.needed_number
    if not blueprint.is_by_period or time is None or outcome is None or not columns:
        return None
    labels = [calendar.get(name, name) for name in columns]
    is_date = read_times(pa.chunked_array([pa.array(labels, pa.string())])).values.is_valid()
    said = zip(columns, labels, is_date.to_pylist(), strict=True)
    dated = {name: label for name, label, is_dated in said if is_dated}
    if len(dated) < FEWEST_PERIODS:
        return None
    if {time.name, outcome.name} & match(blueprint, columns, mapping).mapping.keys():
        return None
    return Stack(tuple(dated), time.name, outcome.name, tuple(dated.values()))


def _stacked(
    blueprint: Blueprint,
    file: SourceFile,
    mapping: Mapping[str, str],
    calendar: Mapping[str, str],
) -> SourceFile:
    beside = {key for key, _ in file.partitions}
    beside |= {name for each in file.dates for name in each.names}
    columns = [name for name in file.columns if name not in beside]
    stack = None if file.is_empty else stack_of(blueprint, columns, mapping, calendar)
    if stack is None:
        return file
    kept = [name for name in file.columns if name not in stack.names]
    rows = file.rows * len(stack.names)
    return replace(file, columns=(*kept, *stack.made), rows=rows, stack=stack)
