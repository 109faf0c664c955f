"""The paths of composites: what there is, and one call for all components of one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.composites.answer import answers_of
from tracer_ray.composites.consultation import Consultation
from tracer_ray.composites.definition import Composite, composite_to_json
from tracer_ray.errors import RequestError, ServiceError
from tracer_ray.prediction.requests import Request as Row
from tracer_ray.serving.api_document import FAILURES, Json
from tracer_ray.serving.body import read_json
from tracer_ray.serving.json_text import json_bytes, parse_json
from tracer_ray.serving.problems import (
    Problem,
    ProblemError,
    bad_body,
    no_component,
    problem_of,
    unknown_composite,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 200
_ROWS_IN_THE_LOOP = 5
Composites = Callable[[], Mapping[str, Composite]]
Consult = Callable[[Sequence[str], Sequence[Row]], Awaitable[Mapping[str, Sequence[Consultation]]]]
_FIELDS: Json = {
    "type": "object",
    "description": "the fields of all components; entity, values by component, and an object per "
    "component for what is for it alone",
}


def add_composites(app: "FastAPI", composites: Composites, consult: Consult) -> None:
    """Let an application answer composites; `consult` asks components for all requests at once."""

    @app.get("/composites", summary="The composites that can be asked")
    async def list_composites() -> Response:
        return _json([_document(each) for _, each in sorted(composites().items())])

    @app.post(
        "/composites/{composite}/predict",
        summary="What all components of a composite say, and which actions pay",
        openapi_extra=_body(_FIELDS),
        responses=FAILURES,
    )
    async def predict(composite: str, request: Request) -> Response:
        found = _known(composites(), composite)
        body = await read_json(request)
        if not isinstance(body, dict):
            raise ProblemError(bad_body("expected one JSON object of fields"))
        (said,) = answers_of(found, [body], await consult(found.names, [body]))
        if isinstance(said, RequestError | ServiceError):
            raise ProblemError(_problem(said))
        return _json(said)

    @app.post(
        "/composites/{composite}/predict/batch",
        summary=f"The same for up to {MOST_ROWS} requests, each its own answer or an error",
        openapi_extra=_body({"type": "object", "properties": {"rows": {"type": "array"}}}),
        responses=FAILURES,
    )
    async def predict_batch(composite: str, request: Request) -> Response:
        found = _known(composites(), composite)
        rows = _rows(await read_json(request))
        told = await consult(found.names, rows)
        if len(rows) > _ROWS_IN_THE_LOOP:
            answers = await asyncio.to_thread(answers_of, found, rows, told)
        else:
            answers = answers_of(found, rows, told)
        said = [
            {"error": _problem(each).to_json()}
            if isinstance(each, RequestError | ServiceError)
            else each
            for each in answers
        ]
        return _json({"rows": said, "failed": sum("error" in each for each in said)})


def _known(composites: Mapping[str, Composite], name: str) -> Composite:
    if name not in composites:
        raise ProblemError(unknown_composite(name, composites))
    return composites[name]


def _rows(body: object) -> list[Any]:
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        raise ProblemError(bad_body(f'expected {{"rows": [...]}} with 1 to {MOST_ROWS} requests'))
    return rows


def _problem(error: RequestError | ServiceError) -> Problem:
    return problem_of(error) if isinstance(error, RequestError) else no_component(str(error))


def _document(composite: Composite) -> object:
    return parse_json(composite_to_json(composite))


def _body(schema: Json) -> Json:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _json(value: object) -> Response:
    return Response(json_bytes(value), media_type="application/json")
