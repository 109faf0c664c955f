"""Tables with a column for each of many things or dates, looked at as rows below one another."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import replace

from tracer_ray.analysis.judging import NOTHING_TOLD, Archive, is_told
from tracer_ray.analysis.mapping import find_mapping, told_of
from tracer_ray.analysis.names import Certainty
from tracer_ray.analysis.profile import ColumnProfile, Profile, profile
from tracer_ray.analysis.samples import MOST_ROWS, Sample, sample_table
from tracer_ray.analysis.series import is_of_the_calendar, likely, numbers_rows
from tracer_ray.analysis.spacing import with_period
from tracer_ray.analysis.suggestion import Suggestion
from tracer_ray.analysis.weighing import weighed_by_names
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.side_by_side import stack_of
from tracer_ray.data.stacking import Stack, stacked

_FEWEST = 3
# it is a guess that columns are series of their own
_GUESSED = {Certainty.PART: 0.75, Certainty.TYPE: 0.6}


def suggest_side_by_side(
    archive: Archive,
    variants: Sequence[Blueprint],
    known: Profile,
    sample: Sample,
    told: Dictionary[str, str] = NOTHING_TOLD,
) -> tuple[Suggestion, ...]:
    """A suggestion for each blueprint that may read the columns of a table as rows of series."""
    drop = _beside_the_series(known)
    known = replace(known, columns=tuple(x for x in known.columns if x.name not in drop))
    sample = replace(sample, table=sample.table.select(list(known.names)))
    layouts = (each for each in variants if each.is_side_by_side)
    judged = (
        _judge(archive, each, known, sample, told) for each in (*archive.blueprints, *layouts)
    )
    return tuple(_without(drop, each) for each in judged if each)


def _beside_the_series(known: Profile) -> tuple[str, ...]:
    """Columns that are no series: numbers of rows, and parts of a date that is there whole."""
    times = [each.name for each in known.columns if each.role == "time"]
    names = [name for name in known.names if name not in times]
    parts = [name for name in names if is_of_the_calendar(name)] if times else []
    return tuple(name for name in names if numbers_rows(name) or name in parts)


def _without(drop: Sequence[str], found: Suggestion) -> Suggestion:
    """The suggestion that leaves further columns out."""
    more = [word for name in drop if name not in found.drop for word in ("--drop", name)]
    every = tuple(dict.fromkeys((*found.drop, *drop)))
    return replace(found, drop=every, next_command=found.command_with(more))


def as_read(
    blueprint: Blueprint, sample: Sample, told: Dictionary[str, str]
) -> tuple[Sample, Dictionary[str, str]]:
    """The sample as the blueprint's layout reads it, and what is known of its columns."""
    stack = _stack(blueprint, profile(sample), sample, told)
    return (_below(sample, stack), {**_made(stack), **told}) if stack else (sample, told)


def _judge(
    archive: Archive,
    blueprint: Blueprint,
    known: Profile,
    sample: Sample,
    told: Dictionary[str, str],
) -> Suggestion | None:
    """How well a table fits; None where its other columns are not all numbers, or unlikely ones."""
    stack = _stack(blueprint, known, sample, told)
    if stack is None or len(stack.names) < _FEWEST:
        return None
    if any(not _holds_numbers(known.column(name)) for name in stack.names):
        return None
    below = _below(sample, stack)
    long = profile(below)
    certainty = likely(blueprint, blueprint.column(stack.value), long, stack.value)
    if certainty is Certainty.NONE:
        return None
    known_names = {**_made(stack), **told}
    fitted = with_period(blueprint, long, known_names)
    found = archive.suggest(fitted, long, below.table, known_names)
    guessed = _guess(blueprint, stack, found, _GUESSED[certainty])
    return guessed if is_told(blueprint, told) else weighed_by_names(guessed, known)


def _guess(blueprint: Blueprint, stack: Stack, found: Suggestion, worth: float) -> Suggestion:
    """The suggestion that says that columns are series of their own, and how they are read so."""
    shown = ", ".join(map(repr, stack.names[:3]))
    if not blueprint.is_side_by_side:
        how = f"{len(stack.names)} columns ({shown}, ...) are read as {stack.value} by {stack.key}"
        asking = found.asking(stack.value, stack.value, worth)  # what numbers are
        return replace(asking, reason=f"{found.reason}; {how}")
    guess = f"{len(stack.names)} columns ({shown}, ...) are read as one for each {stack.key}"
    return replace(
        found,
        score=found.score * worth,
        reason=f"{found.reason}; {guess}",
        problems=(*found.problems, f"{guess}: say so with `--set layout=columns` if they are"),
    )


def _holds_numbers(column: ColumnProfile) -> bool:
    """Whether a column may be one of a series; what is hardly sold may have 0 and 1 in a month."""
    return column.role in ("number", "flag", "empty")


def _stack(
    blueprint: Blueprint, known: Profile, sample: Sample, told: Dictionary[str, str]
) -> Stack | None:
    """The columns beside the time, however that is called; or those that are times."""
    if not blueprint.is_side_by_side:
        mine = told_of(blueprint.columns, told)
        return stack_of(blueprint, known.names, mine, sample.calendar)
    time = blueprint.time
    found = find_mapping(blueprint, known, told).of(time.name) if time else None
    if time is None or found is None:
        return None
    mine = told_of(blueprint.columns, told)
    return stack_of(blueprint, known.names, {**mine, time.name: found.source})


def _made(stack: Stack) -> dict[str, str]:
    """The columns that nobody has to look for: they are made under the blueprint's names."""
    return {name: name for name in stack.made}


def _below(sample: Sample, stack: Stack) -> Sample:
    """Rows of the table put below one another, not many more than of any other sample."""
    some = sample.table.slice(0, max(MOST_ROWS // len(stack.names), 1))
    rows = sample.rows * len(stack.names)
    return replace(sample, table=sample_table(stacked(some, stack)).table, rows=rows)
