"""Reading the values of a raw column as numbers, flags, times or categories.

Every reader takes text as well as typed values, so that CSV and Parquet, and files whose types
differ, give the same. What can't be read without guessing is marked bad and never guessed.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Kind

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
    Kind.TIME: "not a date between 1900 and 2100 (ISO 8601, YYYYMMDD or epoch seconds)",
}
_NULLS = pa.array(["", "na", "n/a", "nan", "nat", "null", "none", "-", "<na>"])
_FLAGS = {
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y"), 1.0),
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n"), 0.0),
}
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
_AFTER_LAST = datetime(2101, 1, 1, tzinfo=UTC)
# what an integer means by its size: 8 digits are a date, the rest counts from 1970
_EPOCH_UNITS = ((10**8, 1), (10**11, 10**3), (10**14, 10**6), (10**17, 10**9))
_LATEST_EPOCH_S = 4_133_980_800


@dataclass(frozen=True)
class Parsed:
    """A column as it was read: null where it was null or bad; `is_bad` marks the latter."""

    values: pa.Array
    is_bad: BoolArray


def parse(values: pa.Array | pa.ChunkedArray, kind: Kind) -> Parsed:
    """Read a column as a kind: float64, string, or UTC timestamps in microseconds.

    >>> parse(pa.array([" 1,234.5 ", "€12", "1,5", "", None]), Kind.NUMBER).values.to_pylist()
    [1234.5, 12.0, None, None, None]
    >>> parse(pa.array(["1,5", "inf", "n/a"]), Kind.NUMBER).is_bad.tolist()
    [True, True, False]
    >>> parse(pa.array(["Yes", "n", "0", "maybe"]), Kind.FLAG).values.to_pylist()
    [1.0, 0.0, 0.0, None]
    >>> parse(pa.array([20240131, 1706659200]), Kind.TIME).values[0] == (
    ...     parse(pa.array(["2024-01-31T02:00+02:00"]), Kind.TIME).values[0])
    True
    >>> parse(pa.array([7.0, None]), Kind.CATEGORY).values.to_pylist()
    ['7', None]
    """
    plain = _plain(values)
    readers: dict[Kind, Callable[[pa.Array], pa.Array]] = {
        Kind.NUMBER: _numbers,
        Kind.FLAG: _flags,
        Kind.CATEGORY: _categories,
        Kind.TIME: _times,
    }
    if pa.types.is_nested(plain.type) or pa.types.is_null(plain.type):
        read = pa.nulls(len(plain), ARROW_TYPES[kind])
        return Parsed(read, _has_value(plain))
    given = plain if kind is Kind.CATEGORY else _without_null_words(plain)
    read = readers[kind](given)
    return Parsed(
        read,
        _has_value(given) & ~_has_value(read)
        if kind is not Kind.CATEGORY
        else np.zeros(len(read), dtype=np.bool_),
    )


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
    if _is_text(whole.type) or pa.types.is_binary(whole.type):
        return whole.cast(pa.string())
    return pc.if_else(pc.is_nan(whole), None, whole) if _is_float(whole.type) else whole


def _is_text(type_: pa.DataType) -> bool:
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


def _without_null_words(values: pa.Array) -> pa.Array:
    if not _is_text(values.type):
        return values
    trimmed = pc.utf8_trim_whitespace(values)
    is_null = pc.is_in(pc.utf8_lower(trimmed), value_set=_NULLS)
    return pc.if_else(is_null, pa.scalar(None, pa.string()), trimmed)


def _numbers(values: pa.Array) -> pa.Array:
    if pa.types.is_temporal(values.type):
        return pa.nulls(len(values), pa.float64())
    if _is_text(values.type):
        read = by_distinct(values, _number_of_text, pa.float64())
    else:
        read = values.cast(pa.float64(), safe=False)
    return pc.if_else(pc.is_finite(read), read, pa.scalar(None, pa.float64()))


def _number_of_text(value: object) -> float | None:
    text = str(value).strip("€$£¥ \u00a0").replace("\u2212", "-")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return float(text) if _NUMBER.fullmatch(text) else None


def _flags(values: pa.Array) -> pa.Array:
    if pa.types.is_temporal(values.type):
        return pa.nulls(len(values), pa.float64())
    return by_distinct(
        values.cast(pa.string(), safe=False),
        lambda value: _FLAGS.get(str(value).lower()),
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


def _times(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        microseconds = values.cast(pa.timestamp("us", tz=values.type.tz), safe=False)
        read = microseconds.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_date(values.type):
        read = values.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_temporal(values.type) or pa.types.is_boolean(values.type):
        read = pa.nulls(len(values), pa.int64())
    else:
        read = by_distinct(values, _instant, pa.int64())
    is_plausible = pc.and_(
        pc.greater_equal(read, _microseconds(_FIRST)), pc.less(read, _microseconds(_AFTER_LAST))
    )
    return pc.if_else(is_plausible, read, pa.scalar(None, pa.int64())).cast(INSTANT)


def _instant(value: object) -> int | None:
    text = str(value).strip()
    if re.fullmatch(r"\d+(\.0*)?", text):
        return _instant_of_integer(int(text.split(".")[0]))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", text):
        return _instant_of_iso(text.replace(" UTC", "+00:00"))
    return None


def _instant_of_integer(number: int) -> int | None:
    if len(str(number)) == 8:
        return _instant_of_iso(str(number))
    for smallest, per_second in reversed(_EPOCH_UNITS):
        if number >= smallest:
            is_plausible = number // per_second < _LATEST_EPOCH_S
            return number * 1_000_000 // per_second if is_plausible else None
    return None


def _instant_of_iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _microseconds(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
