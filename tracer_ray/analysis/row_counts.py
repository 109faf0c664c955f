"""Logs without a number or an id: rows of what was sold or asked for, each of which may count."""

from collections.abc import Mapping as Dictionary
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.analysis.judging import Archive
from tracer_ray.analysis.mapping import find_mapping
from tracer_ray.analysis.names import Certainty
from tracer_ray.analysis.profile import Profile, profile_column
from tracer_ray.analysis.row_identity import tell_rows_apart
from tracer_ray.analysis.samples import Sample
from tracer_ray.analysis.shape import owners_and_periods, told_apart_by
from tracer_ray.analysis.suggestion import Suggestion
from tracer_ray.analysis.weighing import is_likely, weighed_by_names
from tracer_ray.blueprint import Blueprint, Column
from tracer_ray.data.date_orders import read_times
from tracer_ray.data.row_counts import ROWS, asks_for_rows, with_row_counts

_COUNTED = ("units", "count")
_GUESSED = 0.75  # of a suggestion for which nothing but being many rows speaks
_FEWEST_A_DAY = 3.0
_REGULAR = 0.9


def with_told_rows(sample: Sample, told: Dictionary[str, str]) -> Sample:
    """The sample with a column that counts its rows, where somebody says so."""
    if not asks_for_rows(told.values(), sample.table.column_names):
        return sample
    return replace(sample, table=with_row_counts(sample.table))


def counted_number(blueprint: Blueprint) -> Column | None:
    """The number of things that a blueprint adds up; None where it adds up none."""
    number = blueprint.needed_number if blueprint.adds_up else None
    return number if number and number.unit in _COUNTED else None


def suggest_row_counts(
    archive: Archive, known: Profile, sample: Sample, told: Dictionary[str, str]
) -> tuple[Suggestion, ...]:
    """A suggestion for each blueprint that adds up a number which a log of many rows a day lacks.

    That its rows are to be counted is asked for, where names are not rather of something else.
    """
    if not asks_for_rows([ROWS], known.names):
        return ()
    likely = (each for each in archive.blueprints if is_likely(each.id, known))
    lacking = [(each, number) for each in likely if (number := _lacking(each, known, told))]
    counted = with_row_counts(sample.table)
    read = replace(known, columns=(*known.columns, profile_column(ROWS, counted[ROWS])))
    logs = [
        (each, more)
        for each, number in lacking
        if _is_log(each, read, counted, more := {**told, number.name: ROWS})
    ]
    judged = (archive.suggest(each, read, counted, more) for each, more in logs)
    return tuple(weighed_by_names(_asking(each), known) for each in judged)


def _asking(found: Suggestion) -> Suggestion:
    """The suggestion that asks whether rows are to be counted."""
    (number,) = (name for name, source in found.mapping.items() if source == ROWS)
    asking = found.asking(number, ROWS, _GUESSED)
    return replace(asking, reason=f"{asking.reason}; nothing says how many: each row may be one")


def _lacking(blueprint: Blueprint, known: Profile, told: Dictionary[str, str]) -> Column | None:
    """The number of things that a blueprint adds up, where no name says it."""
    number = counted_number(blueprint)
    if number is None or number.name in told:
        return None
    found = find_mapping(blueprint, known, told).of(number.name)
    return None if found and found.certainty >= Certainty.PART else number


def _is_log(
    blueprint: Blueprint, known: Profile, table: pa.Table, told: Dictionary[str, str]
) -> bool:
    """Whether there are many rows a day, at no regular times, or that nothing tells apart."""
    mapping = find_mapping(blueprint, known, told)
    time = mapping.of(blueprint.time.name) if blueprint.time else None
    if time is None or time.problem:
        return False
    times = read_times(table[time.source]).values.drop_null()
    days = pc.floor_temporal(times, unit="day").unique()
    is_many = len(times) >= _FEWEST_A_DAY * max(len(days), 1)
    if len(times.unique()) > len(days):
        return is_many and not _is_regular(times)
    keys = pa.table(owners_and_periods(blueprint, mapping, table))
    is_one_each = tell_rows_apart(keys) or told_apart_by(blueprint, mapping, known, table)
    return is_many and not is_one_each


def _is_regular(times: pa.Array) -> bool:
    """Whether nearly all instants are equally far apart, as those of readings are.

    >>> _is_regular(pa.array([0, 60, 120, 180], pa.timestamp("s")))
    True
    >>> _is_regular(pa.array([0, 7, 120, 180], pa.timestamp("s")))
    False
    """
    instants = np.unique(times.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy())
    _, counts = np.unique(np.diff(instants), return_counts=True)
    return len(counts) > 0 and bool(counts.max() >= _REGULAR * counts.sum())
