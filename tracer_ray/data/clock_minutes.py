"""Minutes as a clock shows them, `34:16`: box scores write the time on the court so."""

import re

import pyarrow as pa

from tracer_ray.data.values import by_distinct, is_text, texts

UNIT = "minutes"
_CLOCK = re.compile(r"\s*(\d{1,3})(?:\.0+)?:([0-5]\d)(?::00)?\s*")


def minutes_of(text: str) -> float | None:
    """The minutes that a clock shows; None for anything else.

    >>> [minutes_of(each) for each in ("34:30", "34.000000:30", "34:30:00", "34.5", "34:61")]
    [34.5, 34.5, 34.5, None, None]
    """
    found = _CLOCK.fullmatch(text)
    return int(found[1]) + int(found[2]) / 60.0 if found else None


def without_clocks(values: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Text in which what a clock shows is written as a number, as other values are already.

    >>> without_clocks(pa.chunked_array([["34:30", "12", "DNP"]])).to_pylist()
    ['34.5', '12', 'DNP']
    """
    return by_distinct(texts(values), _as_number, pa.string()) if is_text(values.type) else values


def _as_number(value: object) -> str:
    minutes = minutes_of(str(value))
    return str(value) if minutes is None else repr(minutes)
