"""JSON in and out of the HTTP interface: strict, and safe to read from anybody."""

import json
from typing import NoReturn

_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_bytes(value: object) -> bytes:
    """A value as compact UTF-8; ValueError where a number is not finite."""
    return _COMPACT.encode(value).encode()


def parse_json(body: bytes) -> object:
    """The value of a body; ValueError naming what is wrong, also for NaN and deep nesting.

    >>> parse_json(b'{"line": 25.5}')
    {'line': 25.5}
    """
    try:
        value: object = json.loads(body, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
