"""Tables that hold nothing but a series: one number beside a time, whatever it is called."""

import re
from dataclasses import replace

from tracer_ray.analysis.mapping import Mapping
from tracer_ray.analysis.names import Certainty, words_of
from tracer_ray.analysis.profile import Profile
from tracer_ray.blueprint import Blueprint, Column, Kind

_MONEY, _UNITS = "money", "units"
_ROW_NUMBERS = re.compile(r"|rownames|index|unnamed(: ?\d+)?", re.IGNORECASE)
_CALENDAR = frozenset(words_of("year month week day hour quarter weekday name"))


def with_only_number(blueprint: Blueprint, profile: Profile, mapping: Mapping) -> Mapping:
    """The mapping in which the only number beside the only time is what is forecast.

    It is asked for: no more than its place, its values or the name of the file say what it is.
    """
    name = _only_number(profile)
    needed = blueprint.needed_number
    found = mapping.of(needed.name) if name and needed else None
    if found is None or found.certainty is not Certainty.TYPE:
        return mapping
    certainty = likely(blueprint, found.column, profile, name)
    if certainty is Certainty.NONE:
        return mapping
    told = replace(found, source=name, certainty=certainty, options=(name,), is_only=True)
    return replace(mapping, found=tuple(told if each is found else each for each in mapping.found))


def numbers_rows(name: str) -> bool:
    """Whether a name is one that programs give to the number of a row."""
    return _ROW_NUMBERS.fullmatch(name.strip()) is not None


def is_of_the_calendar(name: str) -> bool:
    """Whether a name says a part of the date, which another column has whole.

    >>> is_of_the_calendar("Weekday Name"), is_of_the_calendar("yearly sales")
    (True, False)
    """
    words = set(words_of(name))
    return bool(words) and words <= _CALENDAR


def _only_number(profile: Profile) -> str:
    """The one number of a table that has a time, and nothing else but numbers of rows."""
    said = [each for each in profile.columns if not numbers_rows(each.name)]
    times = [each for each in profile.columns if each.kind is Kind.TIME]
    numbers = [each for each in said if each.role == "number"]
    is_alone = len(times) == len(numbers) == 1 and all(x in times + numbers for x in said)
    return numbers[0].name if is_alone else ""


def likely(blueprint: Blueprint, column: Column, profile: Profile, name: str) -> Certainty:
    """How surely the numbers of a series are those of a column, whatever they are called.

    PART where the file's name has a name of the column, TYPE where values are as the column's:
    prices have fractions and no weekends, units are whole, and money is the rest.
    """
    if not (blueprint.adds_up or column.is_change):
        return Certainty.NONE
    if profile.is_named_after(column.names):
        return Certainty.PART
    is_whole = profile.column(name).is_whole
    is_price = not is_whole and any(each.is_on_weekdays for each in profile.columns)
    is_usual = column.unit == (_UNITS if is_whole else _MONEY) and is_price is column.is_change
    return Certainty.TYPE if is_usual else Certainty.NONE
