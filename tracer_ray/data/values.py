"""Reading the values of a raw column as numbers, flags, times or categories.

Every reader takes text as well as typed values, so that CSV and Parquet, and files whose types
differ, give the same. What can't be read without guessing is marked bad and never guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import DateOrder, Kind
from tracer_ray.data.spelling import fold
from tracer_ray.data.times import AFTER_LAST, FIRST, instant

NO_WORDS: Mapping[str, float] = MappingProxyType({})
BoolArray = npt.NDArray[np.bool_]

INSTANT = pa.timestamp("us", tz="UTC")
ARROW_TYPES = {
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.float64(),
    Kind.CATEGORY: pa.string(),
    Kind.TIME: INSTANT,
}
EXPECTED = {
    Kind.NUMBER: "not a finite number",
    Kind.FLAG: "not a flag (yes/no, true/false, 1/0)",
    Kind.CATEGORY: "not text",
    Kind.TIME: "not a date between 1900 and 2100 (ISO 8601, YYYYMMDD or epoch seconds; 31/01/2024 "
    "where the column has a date that can't be meant otherwise)",
}
_TIMES = ("", " 00:00", " 00:00:00", " 00:00:00.000000")
_NO_DATE = [f"0000-00-00{time}" for time in _TIMES]  # as MySQL writes it
_NULLS = pa.array(["", "na", "n/a", "nan", "nat", "null", "none", "-", "<na>", *_NO_DATE])
_YES = "1 1.0 true t yes y ja j oui sí si sì sim wahr vrai verdadero vero verdadeiro waar"
_NO = "0 0.0 false f no n nein non não nao nee falsch faux falso onwaar"
_FLAGS = {**dict.fromkeys(_YES.split(), 1.0), **dict.fromkeys(_NO.split(), 0.0)}
CURRENCY_SIGNS = "€$£¥₹"
_AROUND = f"{CURRENCY_SIGNS} \u00a0"
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?|[1-9]\d?(,\d{2})+,\d{3}(\.\d*)?")
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Parsed:
    """A column as it was read: null where it was null or bad; `is_bad` marks the latter."""

    values: pa.Array
    is_bad: BoolArray


def parse(
    values: pa.Array | pa.ChunkedArray,
    kind: Kind,
    date_order: DateOrder = DateOrder.YEAR_FIRST,
    words: Mapping[str, float] = NO_WORDS,
) -> Parsed:
    """Read a column as a kind: float64, string, or UTC timestamps in microseconds.

    Dates such as 31/01/2024 are read where the `date_order` says how they are meant; `words`
    (folded) are flags beside yes and no, and NaN where they say neither: null, and not bad.

    >>> parse(pa.array([" 1,234.5 ", "€12", "1,5", "", None]), Kind.NUMBER).values.to_pylist()
    [1234.5, 12.0, None, None, None]
    >>> parse(pa.array(["1,5", "inf", "n/a"]), Kind.NUMBER).is_bad.tolist()
    [True, True, False]
    >>> parse(pa.array(["Yes", "n", "0", "maybe"]), Kind.FLAG).values.to_pylist()
    [1.0, 0.0, 0.0, None]
    >>> parse(pa.array(["won", "open"]), Kind.FLAG, words={"won": 1.0, "open": np.nan}).is_bad.any()
    np.False_
    >>> parse(pa.array([20240131, 1706659200]), Kind.TIME).values[0] == (
    ...     parse(pa.array(["2024-01-31T02:00+02:00"]), Kind.TIME).values[0])
    True
    >>> str(parse(pa.array(["3/4/24"]), Kind.TIME, DateOrder.DAY_FIRST).values[0].as_py())
    '2024-04-03 00:00:00+00:00'
    >>> parse(pa.array([7.0, None]), Kind.CATEGORY).values.to_pylist()
    ['7', None]
    """
    plain = _plain(values)
    readers: dict[Kind, Callable[[pa.Array], pa.Array]] = {
        Kind.NUMBER: _numbers,
        Kind.FLAG: partial(_flags, words=words),
        Kind.CATEGORY: _categories,
        Kind.TIME: partial(_times, date_order=date_order),
    }
    if pa.types.is_nested(plain.type) or pa.types.is_null(plain.type):
        read = pa.nulls(len(plain), ARROW_TYPES[kind])
        return Parsed(read, _has_value(plain))
    given = plain if kind is Kind.CATEGORY else without_null_words(plain)
    read = readers[kind](given)
    if kind is Kind.CATEGORY:
        return Parsed(read, np.zeros(len(read), dtype=np.bool_))
    is_bad = _has_value(given) & ~_has_value(read)
    is_worded = kind is Kind.FLAG and bool(words)
    return Parsed(pc.if_else(pc.is_nan(read), None, read) if is_worded else read, is_bad)


def texts(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The raw values as text, as they are shown to the user."""
    plain = _plain(values)
    if pa.types.is_nested(plain.type):
        return pa.array([None if each is None else str(each) for each in plain.to_pylist()])
    return plain.cast(pa.string(), safe=False)


def by_distinct(
    values: pa.Array, read: Callable[[object], object | None], type_: pa.DataType
) -> pa.Array:
    """Read each distinct value once."""
    encoded = values.dictionary_encode()
    found = [read(each) for each in encoded.dictionary.to_pylist()]
    return pa.array(found, type_).take(encoded.indices)


def _plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(whole, pa.ChunkedArray):  # no chunk, or too large for one
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.nulls(0, whole.type)
    if pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_decode()
    if is_text(whole.type) or pa.types.is_binary(whole.type):
        return whole.cast(pa.string())
    return pc.if_else(pc.is_nan(whole), None, whole) if _is_float(whole.type) else whole


def is_text(type_: pa.DataType) -> bool:
    """Whether values are text, however Arrow keeps it."""
    if pa.types.is_dictionary(type_):
        return is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


def _is_float(type_: pa.DataType) -> bool:
    return bool(pa.types.is_float32(type_) or pa.types.is_float64(type_))


def _has_value(values: pa.Array) -> BoolArray:
    mask: BoolArray = np.asarray(values.is_valid())
    return mask


def without_null_words(values: pa.Array) -> pa.Array:
    """Text without spaces around it, null where it is a word for null; other values as they are."""
    if not is_text(values.type):
        return values
    trimmed = pc.utf8_trim_whitespace(values)
    is_null = pc.is_in(pc.utf8_lower(trimmed), value_set=_NULLS)
    return pc.if_else(is_null, pa.scalar(None, pa.string()), trimmed)


def _numbers(values: pa.Array) -> pa.Array:
    if pa.types.is_temporal(values.type):
        return pa.nulls(len(values), pa.float64())
    if is_text(values.type):
        read = by_distinct(values, _number_of_text, pa.float64())
    else:
        read = values.cast(pa.float64(), safe=False)
    return pc.if_else(pc.is_finite(read), read, pa.scalar(None, pa.float64()))


def _number_of_text(value: object) -> float | None:
    """A number with its currency, percent sign and thousands, and a minus, brackets, or behind.

    >>> [_number_of_text(each) for each in ("-$1,234.50", "$(12.5)", "12.5-", "4 %", "1-2", "-")]
    [-1234.5, -12.5, -12.5, 4.0, None, None]
    """
    text = str(value).replace("\u2212", "-").strip(_AROUND)
    sign = ""
    if text[:1] == "(" and text[-1:] == ")":
        sign, text = "-", text[1:-1]
    elif text[-1:] == "-":
        sign, text = "-", text[:-1]
    elif text[:1] in ("+", "-"):
        sign, text = text[0], text[1:]
    digits = text.strip(_AROUND).removesuffix("%").strip(_AROUND)
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    return float(sign + digits) if _NUMBER.fullmatch(digits) else None


def _flags(values: pa.Array, words: Mapping[str, float]) -> pa.Array:
    if pa.types.is_temporal(values.type):
        return pa.nulls(len(values), pa.float64())
    return by_distinct(
        values.cast(pa.string(), safe=False),
        lambda value: _FLAGS.get(str(value).lower(), words.get(fold(str(value)))),
        pa.float64(),
    )


def _categories(values: pa.Array) -> pa.Array:
    if _is_float(values.type):
        return by_distinct(values, _category_of_number, pa.string())
    return by_distinct(values.cast(pa.string(), safe=False), _category_of_text, pa.string())


def _category_of_number(value: object) -> str:
    number = float(str(value))
    return str(int(number)) if number.is_integer() else repr(number)


def _category_of_text(value: object) -> str | None:
    return " ".join(unicodedata.normalize("NFC", str(value)).split()) or None


def _times(values: pa.Array, date_order: DateOrder) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        microseconds = values.cast(pa.timestamp("us", tz=values.type.tz), safe=False)
        read = microseconds.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_date(values.type):
        read = values.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_temporal(values.type) or pa.types.is_boolean(values.type):
        read = pa.nulls(len(values), pa.int64())
    else:
        read = by_distinct(values, partial(instant, date_order=date_order), pa.int64())
    is_plausible = pc.and_(pc.greater_equal(read, FIRST), pc.less(read, AFTER_LAST))
    return pc.if_else(is_plausible, read, pa.scalar(None, pa.int64())).cast(INSTANT)
