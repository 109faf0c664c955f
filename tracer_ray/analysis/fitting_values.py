"""Whether the values of a raw column can be those of a blueprint's column, and why not."""

from collections.abc import Mapping as Dictionary
from datetime import UTC, datetime

from tracer_ray.analysis.profile import ColumnProfile
from tracer_ray.blueprint import Column, Kind, Role
from tracer_ray.data.clock_minutes import minutes_of
from tracer_ray.data.matching import planned_from, words_of_flag
from tracer_ray.data.row_counts import ROWS
from tracer_ray.data.spelling import fold


def problem_of(column: Column, raw: ColumnProfile) -> str:
    """Why the values of a raw column can't be those of a column; "" where they can."""
    if raw.role == "empty":
        return f"{raw.name!r} is empty"
    planned = planned_from(column, raw.name)
    kind, wording = planned.raw_kind, planned.wording
    is_said = is_in_words(raw, planned.words) or (planned.is_clock and _shows_clocks(raw))
    if not raw.is_readable(kind) and not is_said:
        values = ", ".join(raw.examples[:3])
        return raw.note or f"{raw.name!r} has values that are no {kind}: {values}"
    if kind is Kind.FLAG and raw.kind is Kind.NUMBER and not _is_both_ways(raw):
        return f"{raw.name!r} is a number and no flag: {', '.join(raw.examples[:3])}"
    if wording is not None and wording.filled is not None:
        return _filling_problem(raw)
    if wording is not None and wording.above is not None:
        low, high = raw.minimum or 0.0, raw.maximum if raw.maximum is not None else 1.0
        if not low <= wording.above < high:
            return f"{raw.name!r} is never on both sides of {wording.above:g}"
        if raw.first_decile is not None and raw.first_decile > wording.above:
            return (
                f"{raw.name!r} is above {wording.above:g} in more than nine of ten rows: is it a "
                "sum over many?"
            )
    if column.role is Role.OUTCOME and raw.distinct < 2 and raw.name != ROWS:
        return f"{raw.name!r} has one value only: {', '.join(raw.examples)}"
    return _range_problem(column, raw)


def _shows_clocks(raw: ColumnProfile) -> bool:
    """Whether the most frequent values are minutes and seconds."""
    return all(minutes_of(each) is not None for each in raw.examples)


def _filling_problem(raw: ColumnProfile) -> str:
    """Why a time can't say by being there that something happened."""
    if not raw.nulls:
        return f"{raw.name!r} is filled in every row"
    is_planned = raw.last > datetime.now(UTC).date().isoformat()
    return f"{raw.name!r} has times yet to come, of what is planned" if is_planned else ""


def is_in_words(raw: ColumnProfile, words: Dictionary[str, float]) -> bool:
    """Whether all values are words of a flag, and it is both ways."""
    is_listed = raw.distinct == len(raw.examples)
    said = {words.get(fold(each)) for each in raw.examples}
    return is_listed and {0.0, 1.0} <= said and None not in said


def is_in_own_words(column: Column, raw: ColumnProfile) -> bool:
    """Whether the values are the words that a blueprint has for the two ways of its outcome."""
    is_outcome = column.role is Role.OUTCOME and column.kind is Kind.FLAG
    return is_outcome and is_in_words(raw, words_of_flag(column, None))


def _is_both_ways(raw: ColumnProfile) -> bool:
    """Whether yes and no are among the most frequent values; amounts are often 0 as well."""
    return {"0", "1"} <= {each.removesuffix(".0") for each in raw.examples}


def _range_problem(column: Column, raw: ColumnProfile) -> str:
    if raw.minimum is None or raw.maximum is None:
        return ""
    if column.minimum is not None and raw.minimum < column.minimum:
        is_rare = raw.maximum > column.minimum  # a few such rows are set aside, not the column
        return "" if is_rare else f"{raw.name!r} is below {column.minimum:g}"
    if column.maximum is not None and raw.minimum > column.maximum:
        return f"{raw.name!r} is above {column.maximum:g}"
    return ""
