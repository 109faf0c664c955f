"""Dates that stand in several columns: a year, a month and perhaps a day.

They are read as one column, whose name is that of its parts with a `+` between them, where somebody
maps it (`--map date=Year+Month+Day`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.data.spelling import fold
from tracer_ray.data.times import month_number
from tracer_ray.data.values import by_distinct, texts

SEPARATOR = "+"
FEWEST_PARTS = 2
_NOTHING = ("", "na", "nan", "null", "none")
_DIGITS = (4, 2, 2)  # of a year, a month and a day


@dataclass(frozen=True)
class DateParts:
    """The columns of a year, a month and perhaps a day, in this order."""

    names: tuple[str, ...]

    @property
    def made(self) -> str:
        """The name of the column that they are read as."""
        return SEPARATOR.join(self.names)


def parts_called(name: str, columns: Sequence[str]) -> DateParts | None:
    """The parts that a name lists, where they are columns; None for any other name.

    >>> parts_called("Year+Month", ["Month", "Year", "Sales"])
    DateParts(names=('Year', 'Month'))
    >>> parts_called("Year+Week", ["Year"])
    """
    names = tuple(name.split(SEPARATOR))
    is_listed = FEWEST_PARTS <= len(names) <= len(_DIGITS) and set(names) <= set(columns)
    return DateParts(names) if is_listed and name not in columns else None


def parts_among(names: Iterable[str], columns: Sequence[str]) -> tuple[DateParts, ...]:
    """The parts of all names that list some and are no column themselves."""
    found = (parts_called(name, columns) for name in dict.fromkeys(names) if SEPARATOR in name)
    return tuple(filter(None, found))


def with_date(table: pa.Table, parts: DateParts) -> pa.Table:
    """The table with one more column, the dates as text; null where a part says nothing.

    Months may be numbers or names. What is no part of a date stays, and is no date.

    >>> table = pa.table({"y": [2024.0, 2024.0], "m": ["Feb", "2"], "d": [29, None]})
    >>> with_date(table, DateParts(("y", "m", "d")))["y+m+d"].to_pylist()
    ['2024-02-29', None]
    """
    written = [
        by_distinct(texts(table[name]), partial(_written, digits=digits), pa.string())
        for name, digits in zip(parts.names, _DIGITS, strict=False)
    ]
    return table.append_column(parts.made, pc.binary_join_element_wise(*written, "-"))


def _written(said: object, digits: int) -> str | None:
    text = "" if said is None else str(said).strip()
    if fold(text) in _NOTHING:
        return None
    month = month_number(text)
    return str(month or text.removesuffix(".0")).rjust(digits, "0")
