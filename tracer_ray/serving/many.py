"""Requests about many things at once: a list comes in, and each has its own answer or error."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from tracer_ray.serving.api_document import Json, request_body
from tracer_ray.serving.json_text import json_bytes, json_response
from tracer_ray.serving.problems import Problem, ProblemError, bad_body


def list_of(body: object, name: str, most: int, what: str) -> list[Any]:
    """The list of that name in a body; ProblemError where there is none, or none of its length.

    >>> list_of({"rows": [1]}, "rows", 2, "requests")
    [1]
    """
    given = body.get(name) if isinstance(body, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= most:
        raise ProblemError(bad_body(f'expected {{"{name}": [...]}} with 1 to {most} {what}'))
    return given


def list_body(name: str, most: int, item_type: str, **others: Json) -> Json:
    """What the OpenAPI document says of a body that holds such a list, and may hold others."""
    items = {"type": "array", "minItems": 1, "maxItems": most, "items": {"type": item_type}}
    properties = {name: items, **others}
    return request_body({"type": "object", "required": [name], "properties": properties})


def each_written(name: str, said: Sequence[bytes | Problem]) -> Response:
    """As `each_told`, of answers that are JSON already."""
    rows = [json_bytes({"error": x.to_json()}) if isinstance(x, Problem) else x for x in said]
    failed = sum(isinstance(each, Problem) for each in said)
    body = b'{"%b":[%b],"failed":%d}' % (name.encode(), b",".join(rows), failed)
    return Response(body, media_type="application/json")


def each_told(name: str, said: Sequence[Mapping[str, object] | Problem]) -> Response:
    """The answers under their name, problems among them as errors, and how many of these."""
    rows = [{"error": each.to_json()} if isinstance(each, Problem) else each for each in said]
    return json_response({name: rows, "failed": sum(isinstance(each, Problem) for each in said)})
