"""Numbers with a comma before their fraction (29,85), as tables of many countries have them.

Whether a comma begins a fraction or parts thousands is told by the column: it does the former where
one of the numbers can be meant in that way only, and none of them in the other way only.
"""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.data.values import CURRENCY_SIGNS, is_text, without_null_words

_AROUND = rf"[{CURRENCY_SIGNS}%\s]*"
_BEFORE, _BEHIND = rf"^{_AROUND}[(+-]?{_AROUND}", rf"{_AROUND}[)-]?{_AROUND}$"
_COMMA_NUMBER = rf"{_BEFORE}(\d{{1,3}}(\.\d{{3}})+|\d+)(,\d+)?{_BEHIND}"
_THOUSANDS = rf"{_BEFORE}[1-9]\d{{0,2}}(,\d{{3}})+{_BEHIND}"
_POINT_NUMBER = rf"{_BEFORE}[\d,]*\.\d+{_BEHIND}"
_MOST_OTHERS = 0.05  # notes among the numbers, which stay unread


def columns_with_decimal_commas(table: pa.Table) -> frozenset[str]:
    """The columns of text whose numbers have a comma before their fraction.

    >>> rows = pa.table({"a": ["29,85", "1.234", "-"], "b": ["1,234", "5", "6"], "c": ["x"] * 3})
    >>> sorted(columns_with_decimal_commas(rows))
    ['a']
    """
    return frozenset(name for name in table.column_names if _has_decimal_commas(table[name]))


def with_decimal_points(table: pa.Table) -> pa.Table:
    """A whole table in which all numbers are written with a point alone.

    >>> with_decimal_points(pa.table({"a": ["29,85", "1.234"]}))["a"].to_pylist()
    ['29.85', '1234']
    """
    return with_points(table, columns_with_decimal_commas(table))


def with_points(table: pa.Table, names: Collection[str]) -> pa.Table:
    """The table in which the numbers of these columns are written with a point alone.

    >>> with_points(pa.table({"a": ["1.234,50", "1.234", "€ 2", "n/a"]}), ["a"])["a"].to_pylist()
    ['1234.50', '1234', '€ 2', 'n/a']
    """
    for place, name in enumerate(table.column_names):
        if name in names:
            table = table.set_column(place, name, _pointed(table[name]))
    return table


def _has_decimal_commas(values: pa.ChunkedArray) -> bool:
    if pa.types.is_dictionary(values.type) or not is_text(values.type):
        return False
    if not pc.any(pc.match_substring(values, ",")).as_py():
        return False
    given = without_null_words(values.unique()).drop_null()
    is_number = pc.match_substring_regex(given, _COMMA_NUMBER)
    numbers, others = given.filter(is_number), given.filter(pc.invert(is_number))
    if len(others) > _MOST_OTHERS * len(given) or _any(others, _POINT_NUMBER):
        return False
    with_comma = numbers.filter(pc.match_substring(numbers, ","))
    return not pc.all(pc.match_substring_regex(with_comma, _THOUSANDS)).as_py()


def _any(values: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(values, pattern)).as_py())


def _pointed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    without_groups = pc.replace_substring(values, ".", "")
    written = pc.replace_substring(without_groups, ",", ".")
    return pc.if_else(pc.match_substring_regex(values, _COMMA_NUMBER), written, values)
