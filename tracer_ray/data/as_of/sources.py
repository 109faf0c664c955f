"""Which files hold events, and of whom: declared ones, and those that lie beside the rows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Column, Events, Kind, Role
from tracer_ray.data.date_orders import ordered, read_times, with_date_orders
from tracer_ray.data.lookups import with_lookup
from tracer_ray.data.matching import match, match_columns
from tracer_ray.data.presence import with_presence
from tracer_ray.data.row_counts import refuse_several
from tracer_ray.data.schema import Plan
from tracer_ray.data.side_by_side import stacked_files
from tracer_ray.data.sources import SourceFile, first_rows
from tracer_ray.data.values import parse
from tracer_ray.errors import SchemaError
from tracer_ray.features import signed_log

MOST_AMOUNTS = 4
_TIME_SHARE = 0.95
_IDENTIFIERS = ("id", "no", "nr", "number", "code", "key", "zip")


@dataclass(frozen=True)
class EventFiles:
    """Files of the same events."""

    events: Events
    files: tuple[SourceFile, ...]


@dataclass(frozen=True)
class Sorted:
    """Files by what they hold: `rows` of the blueprint (or what it refuses), and `events`.

    `blueprint` knows the order of its dates and declares the events that were found, `mapping` is
    that of the rows' own columns,
    and `notes` say what was not joined and why.
    """

    blueprint: Blueprint
    mapping: Mapping[str, str]
    rows: tuple[SourceFile, ...]
    events: tuple[EventFiles, ...] = ()
    notes: tuple[str, ...] = ()


def sort_out(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> Sorted:
    """Tell files of rows from files of events.

    Declared events are found by their columns. Where a blueprint takes further columns as known,
    any other file is joined that has several rows per row id and one column of times. Raises
    SchemaError where rows are to be made of events and no file has them.
    """
    own = _of_rows(blueprint, mapping)
    known = [name for column in blueprint.columns for name in column.names]
    made = [each.with_made((*own.values(), *known)) for each in files]
    refuse_several([*{each.columns: each.uri for each in made if each.rows_count}.values()])
    told = with_presence(made, own.values(), known)
    files = stacked_files(blueprint, with_lookup(blueprint, told, own), own)
    rows, others = _parted(blueprint, files, own)
    blueprint = with_date_orders(blueprint, rows, own)
    if blueprint.inactivity is None and not (can_join(blueprint) and rows and others):
        return Sorted(blueprint, own, tuple(files))
    if blueprint.inactivity is None and not _are_dated(blueprint, rows, own):
        return Sorted(blueprint, own, tuple(rows), (), _undated(blueprint, others))
    declared = _declared(blueprint, others, mapping)
    taken = {file.uri for each in declared for file in each.files}
    _refuse_absent(blueprint, declared, others)
    left = [file for file in others if file.uri not in taken]
    found = list(_discovered(blueprint, left, mapping))
    joined = tuple(each for each in found if isinstance(each, EventFiles))
    return Sorted(
        with_events(_renamed(blueprint, declared), [each.events for each in joined]),
        own,
        tuple(rows),
        (*declared, *joined),
        tuple(each for each in found if isinstance(each, str)),
    )


def can_join(blueprint: Blueprint) -> bool:
    """Whether rows can be joined with events at all: they are named things at known times."""
    is_named = blueprint.role(Role.ROW) is not None and blueprint.time is not None
    return blueprint.extra_columns_known and blueprint.sides is None and is_named


def _are_dated(
    blueprint: Blueprint, rows: Sequence[SourceFile], mapping: Mapping[str, str]
) -> bool:
    """Whether every file of rows says when its rows are predicted."""
    time = blueprint.time
    plans = [match(blueprint, file.columns, mapping) for file in rows]
    return time is not None and all(time.name in plan.mapping for plan in plans)


def _undated(blueprint: Blueprint, files: Sequence[SourceFile]) -> tuple[str, ...]:
    time = blueprint.time.name if blueprint.time else ""
    names = (file.uri.rpartition("/")[2] for file in files)
    return tuple(
        f"{name} is not joined: the rows have no {time}, so nobody knows what came before them"
        for name in names
    )


def _renamed(blueprint: Blueprint, declared: Sequence[EventFiles]) -> Blueprint:
    """The blueprint whose events go by the user's own names too."""
    found = {each.events.name: each.events for each in declared}
    events = tuple(found.get(each.name, each) for each in blueprint.events)
    return replace(blueprint, events=events)


def _of_rows(blueprint: Blueprint, mapping: Mapping[str, str]) -> dict[str, str]:
    """The mapping without that of events; rows that are made of events need none."""
    is_made = blueprint.inactivity is not None
    return {} if is_made else {name: raw for name, raw in mapping.items() if "." not in name}


def with_events(blueprint: Blueprint, more: Sequence[Events]) -> Blueprint:
    """The blueprint that knows more events: the columns they become, and features of these."""
    columns = tuple(each.column for events in more for each in events.aggregates)
    return replace(
        blueprint,
        events=(*blueprint.events, *more),
        columns=(*blueprint.columns, *columns),
        features=(*blueprint.features, *(signed_log(each.name) for each in columns)),
    )


def _parted(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[list[SourceFile], list[SourceFile]]:
    """Files that have every required column, and the others; rows made of events have no file."""
    filled = [file for file in files if not file.is_empty]
    if blueprint.inactivity:
        return [], filled
    whole = {file.uri for file in filled if not match(blueprint, file.columns, mapping).missing}
    rows = [file for file in filled if file.uri in whole]
    return rows, [file for file in filled if file.uri not in whole]


def _declared(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[EventFiles, ...]:
    """The files of each declared kind of events; the first kind that fits a file has it."""
    found: dict[str, list[SourceFile]] = {}
    for file in files:
        for events in blueprint.events:
            if not match_columns(events.columns, file.columns, _told_of(events, mapping)).missing:
                found.setdefault(events.name, []).append(file)
                break
    return tuple(
        EventFiles(_as_found(each, found[each.name], mapping), tuple(found[each.name]))
        for each in blueprint.events
        if each.name in found
    )


def _told(columns: Iterable[str], events: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """The raw names told for columns of some events: as `column`, or as `events.column`."""
    parted = [(name.rpartition("."), source) for name, source in mapping.items()]
    plain = {name: source for (owner, _, name), source in parted if not owner and name in columns}
    return plain | {name: source for (owner, _, name), source in parted if owner == events}


def _told_of(events: Events, mapping: Mapping[str, str]) -> dict[str, str]:
    return _told([each.name for each in events.columns], events.name, mapping)


def _as_found(events: Events, files: Sequence[SourceFile], mapping: Mapping[str, str]) -> Events:
    """The events with the amounts that there are, and under the user's own names too."""
    told = _told_of(events, mapping)
    plans = [match_columns(events.columns, file.columns, told) for file in files]
    present = {name for plan in plans for name in plan.mapping}

    def known(column: Column) -> Column:
        source = told.get(column.name, column.name)
        return (
            column if source in column.names else replace(column, aliases=(*column.aliases, source))
        )

    return replace(
        events,
        key=known(events.key),
        time=ordered(known(events.time), _where(events.time, files, plans)),
        amounts=tuple(known(each) for each in events.amounts if each.name in present),
    )


def _where(
    column: Column, files: Sequence[SourceFile], plans: Sequence[Plan]
) -> list[tuple[SourceFile, str]]:
    """Each file with the raw name of a column in it."""
    return [(file, plan.mapping[column.name]) for file, plan in zip(files, plans, strict=True)]


def _refuse_absent(
    blueprint: Blueprint, found: Sequence[EventFiles], files: Sequence[SourceFile]
) -> None:
    rule = blueprint.inactivity
    if rule is None or rule.events in {each.events.name for each in found}:
        return
    events = next(each for each in blueprint.events if each.name == rule.events)
    wanted = "; ".join(
        f"{each.name} (found as {', '.join(each.aliases)})"
        for each in events.columns
        if each.required
    )
    present = ", ".join(name for file in files for name in file.columns) or "no column at all"
    raise SchemaError(
        f"blueprint {blueprint.id}: no file of {rule.events} with {wanted}; there is {present}. "
        f"Rename a column, or map it: {events.time.name}=<your column>"
    )


def _discovered(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> Iterator[EventFiles | str]:
    """Events beside the rows, or why a file is none; files with the same columns are one."""
    groups: dict[tuple[str, ...], list[SourceFile]] = {}
    for file in files:
        groups.setdefault(file.columns, []).append(file)
    for group in groups.values():
        name = _name_of(group[0])
        found = _events_of(blueprint, group[0], name, mapping)
        if isinstance(found, Events):
            yield EventFiles(found, tuple(group))
        else:
            yield f"{group[0].uri.rpartition('/')[2]} is not joined: {found}"


def _events_of(
    blueprint: Blueprint, file: SourceFile, name: str, mapping: Mapping[str, str]
) -> Events | str:
    """What a file's events are, or why there are none, judged on its first rows."""
    row = blueprint.role(Role.ROW)
    assert row is not None
    told = _told((row.name,), name, mapping)
    source = match_columns((row,), file.columns, told).mapping.get(row.name)
    if source is None:
        return f"it has no {row.name}"
    rows = first_rows(file, file.columns)
    keys = parse(rows[source], Kind.CATEGORY).values.drop_null()
    if len(keys.unique()) == len(keys):
        return f"it has one row per {row.name}, and what it says may have come later"
    others = [each for each in file.columns if each != source]
    times = [told["date"]] if "date" in told else [n for n in others if _is_time(rows[n])]
    if len(times) != 1:
        which = f"several times ({', '.join(times)})" if times else "no column of times"
        return f"it has {which}; say --map {name}.date=COLUMN"
    amounts = [n for n in others if n not in times and _is_amount(n, rows[n])][:MOST_AMOUNTS]
    return Events(
        name,
        _column(row.name, source, Kind.CATEGORY, Role.ROW),
        ordered(_column("date", times[0], Kind.TIME, Role.TIME), [(file, times[0])]),
        tuple(_column(_snake(each), each, Kind.NUMBER, Role.KNOWN) for each in amounts),
    )


def _column(name: str, source: str, kind: Kind, role: Role) -> Column:
    is_required = role is not Role.KNOWN
    return Column(name, kind, role, name.replace("_", " "), "", (source,), is_required)


def _is_time(values: pa.ChunkedArray) -> bool:
    if pa.types.is_temporal(values.type):
        return True
    if not pa.types.is_string(values.type):
        return False
    read, number = read_times(values), parse(values, Kind.NUMBER)
    is_filled = read.values.null_count < len(values)
    return (
        is_filled and float(np.mean(read.is_bad)) <= 1.0 - _TIME_SHARE and bool(number.is_bad.any())
    )


def _is_amount(name: str, values: pa.ChunkedArray) -> bool:
    """Whether values can be added up: numbers that are not somebody's number."""
    words = _snake(name).split("_")
    if words[-1] in _IDENTIFIERS or words[-1].endswith("id"):
        return False
    if pa.types.is_boolean(values.type) or pa.types.is_nested(values.type):
        return False
    read = parse(values, Kind.NUMBER)
    return not read.is_bad.any() and read.values.null_count < len(values)


def _name_of(file: SourceFile) -> str:
    """The file's name without its ending and its number."""
    stem = file.uri.rpartition("/")[2].partition(".")[0]
    return re.sub(r"[_\W]*\d+$", "", _snake(stem)) or "events"


def _snake(text: str) -> str:
    """A name in snake case.

    >>> _snake("Opened At"), _snake("UnitPrice")
    ('opened_at', 'unit_price')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text.strip())
    return re.sub(r"\W+", "_", spaced).strip("_").lower()
