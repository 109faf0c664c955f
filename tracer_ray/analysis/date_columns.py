"""Tables whose time stands in several columns: a year, a month and perhaps a day."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from tracer_ray.analysis.names import words_of
from tracer_ray.analysis.profile import READABLE, profile_column
from tracer_ray.analysis.samples import Sample
from tracer_ray.blueprint import Kind
from tracer_ray.data.date_parts import SEPARATOR, DateParts, parts_among, with_date

_YEAR, _MONTH = ("year",), ("month",)
_DAYS = (words_of("day of month"), words_of("day"), words_of("date"))


def with_date_column(sample: Sample, told: Mapping[str, str]) -> Sample:
    """The sample with one column of dates for a year, a month and a day, if nothing else is a time.

    The parts are left out; a sample without them is given back as it is. What the user has `told`
    to be such a date is one.
    """
    names = sample.table.column_names
    if mapped := parts_among(told.values(), names):
        return replace(sample, table=with_date(sample.table, mapped[0]))
    found = _parts([each for each in names if not _is_whole_date(sample.table, each)])
    if found is None or _has_time(sample.table, [n for n in names if n not in found.names]):
        return sample
    for parts in (found, DateParts(found.names[:2])):
        dated = with_date(sample.table, parts)
        if profile_column(parts.made, dated[parts.made]).readable[Kind.TIME] >= READABLE:
            kept = [name for name in dated.column_names if name not in found.names]
            return replace(sample, table=dated.select(kept))
    return sample


def spoken(name: str) -> str:
    """What a column of dates is called: `date`, with the words before its parts.

    >>> spoken("arrival_year+arrival_month"), spoken("Year+Month+Day"), spoken("when")
    ('arrival date', 'date', 'when')
    """
    first, *others = name.split(SEPARATOR)
    words = words_of(first)
    if not others or words[-1:] != _YEAR:
        return name
    before = [word for word in words[:-1] if word != "date"]
    return " ".join([*before, "date"])


def _parts(names: Sequence[str]) -> DateParts | None:
    """The columns of the first year that a month of the same words stands beside."""
    by_words = {words_of(name): name for name in reversed(names)}
    for words, year in by_words.items():
        before = words[:-1]
        if words[-1:] == _YEAR and (*before, *_MONTH) in by_words:
            days = (by_words.get((*before, *day)) for day in _DAYS)
            day = next((name for name in days if name), None)
            month = by_words[(*before, *_MONTH)]
            return DateParts((year, month, *((day,) if day else ())))
    return None


def _is_whole_date(table: pa.Table, name: str) -> bool:
    """Whether a column called a date is one, and not the day in a month beside it."""
    return words_of(name)[-1:] == ("date",) and _has_time(table, [name])


def _has_time(table: pa.Table, names: Sequence[str]) -> bool:
    return any(profile_column(name, table[name]).kind is Kind.TIME for name in names)
