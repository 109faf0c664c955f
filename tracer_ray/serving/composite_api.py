"""The paths of composites: what there is, and one call for all components of one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.composites.answer import answers_of
from tracer_ray.composites.consultation import Consultation
from tracer_ray.composites.definition import Composite, composite_to_json
from tracer_ray.errors import RequestError, ServiceError
from tracer_ray.prediction.requests import Request as Row
from tracer_ray.serving.api_document import FAILURES, Json, request_body
from tracer_ray.serving.body import read_json
from tracer_ray.serving.json_text import json_response, parse_json
from tracer_ray.serving.many import each_told, list_of
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
        return json_response([_document(each) for _, each in sorted(composites().items())])

    @app.post(
        "/composites/{composite}/predict",
        summary="What all components of a composite say, and which actions pay",
        openapi_extra=request_body(_FIELDS),
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
        return json_response(said)

    @app.post(
        "/composites/{composite}/predict/batch",
        summary=f"The same for up to {MOST_ROWS} requests, each its own answer or an error",
        openapi_extra=request_body({"type": "object", "properties": {"rows": {"type": "array"}}}),
        responses=FAILURES,
    )
    async def predict_batch(composite: str, request: Request) -> Response:
        found = _known(composites(), composite)
        rows = list_of(await read_json(request), "rows", MOST_ROWS, "requests")
        told = await consult(found.names, rows)
        if len(rows) > _ROWS_IN_THE_LOOP:
            answers = await asyncio.to_thread(answers_of, found, rows, told)
        else:
            answers = answers_of(found, rows, told)
        errors = RequestError | ServiceError
        return each_told("rows", [_problem(x) if isinstance(x, errors) else x for x in answers])


def _known(composites: Mapping[str, Composite], name: str) -> Composite:
    if name not in composites:
        raise ProblemError(unknown_composite(name, composites))
    return composites[name]


def _problem(error: RequestError | ServiceError) -> Problem:
    return problem_of(error) if isinstance(error, RequestError) else no_component(str(error))


def _document(composite: Composite) -> object:
    return parse_json(composite_to_json(composite))
