"""JSON in and out of the HTTP interface: strict, and safe to read from anybody."""

import json
from typing import NoReturn

from starlette.responses import Response

DEEPEST = 8  # a batch of requests with rows of their own needs 5
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_bytes(value: object) -> bytes:
    """A value as compact UTF-8; ValueError where a number is not finite."""
    return _COMPACT.encode(value).encode()


def json_response(value: object, status: int = 200) -> Response:
    """A response that says the value."""
    return Response(json_bytes(value), status, media_type="application/json")


def parse_json(body: bytes) -> object:
    """The value of a body; ValueError naming what is wrong, also for NaN and deep nesting.

    >>> parse_json(b'{"line": 25.5}')
    {'line': 25.5}
    >>> parse_json(b"[[[[[[[[[1]]]]]]]]]")
    Traceback (most recent call last):
    ValueError: it is nested too deeply: 8 levels at most
    """
    too_deep = f"it is nested too deeply: {DEEPEST} levels at most"
    try:
        value: object = json.loads(body, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError(too_deep) from error
    if _is_deeper(value, DEEPEST):
        raise ValueError(too_deep)
    return value


def _is_deeper(value: object, levels: int) -> bool:
    if isinstance(value, dict):
        return levels == 0 or any(_is_deeper(each, levels - 1) for each in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_is_deeper(each, levels - 1) for each in value)
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
