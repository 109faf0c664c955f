"""The paths of composites: made, shown and deleted, and one call for all components of one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.composites.answer import answers_of
from tracer_ray.composites.consultation import Consultation
from tracer_ray.composites.definition import Composite, composite_to_json
from tracer_ray.composites.draft import draft_of
from tracer_ray.composites.store import Shelf, unknown_composite
from tracer_ray.errors import (
    BlueprintError,
    CompositeError,
    CompositeMissingError,
    CompositeTakenError,
    RequestError,
    ServiceError,
    StorageError,
)
from tracer_ray.prediction.requests import Request as Row
from tracer_ray.serving.api_document import FAILURES, Json, request_body
from tracer_ray.serving.body import read_json
from tracer_ray.serving.json_text import json_response, parse_json
from tracer_ray.serving.many import each_told, list_of
from tracer_ray.serving.problems import (
    Problem,
    ProblemError,
    bad_body,
    bad_composite,
    composite_missing,
    composite_not_stored,
    composite_taken,
    no_component,
    problem_of,
)

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 200
_ROWS_IN_THE_LOOP = 5
_LOG = logging.getLogger(__name__)
Consult = Callable[[Sequence[str], Sequence[Row]], Awaitable[Mapping[str, Sequence[Consultation]]]]
_DOCUMENT: Json = {
    "type": "object",
    "required": ["id", "objective", "components"],
    "properties": {
        "id": {"type": "string", "description": "small letters, digits and _"},
        "objective": {"type": "string", "examples": ["maximize_revenue_6_months"]},
        "components": {
            "type": "array",
            "description": "blueprint ids, or objects with blueprint, value, period_months, stake",
            "items": {"type": ["string", "object"]},
        },
        "actions": {
            "type": "array",
            "description": "objects with name, component, cost, effect, effect_interval",
            "items": {"type": "object"},
        },
        "margin": {"type": "number", "description": "share of sales that is profit"},
    },
}
_FIELDS: Json = {
    "type": "object",
    "description": "the fields of all components; entity, values by component, and an object per "
    "component for what is for it alone",
}


def add_composites(app: "FastAPI", shelf: Shelf, consult: Consult) -> None:
    """Let an application keep composites and answer them.

    `consult` asks components for all requests at once.
    """
    _add_documents(app, shelf)
    _add_answers(app, shelf, consult)


def _add_documents(app: "FastAPI", shelf: Shelf) -> None:
    """The paths on which composites are made, shown and deleted."""

    @app.get("/composites", summary="The composites that can be asked")
    async def list_composites() -> Response:
        return json_response([_document(each) for _, each in sorted(shelf.composites.items())])

    @app.post(
        "/composites",
        summary="Store a composite, which is answered at once; ?replace=true replaces one",
        status_code=201,
        openapi_extra=request_body(_DOCUMENT),
        responses={**FAILURES, 409: {**FAILURES["422"], "description": "there is one of that id"}},
    )
    async def create(request: Request, replace: bool = False) -> Response:
        made = drafted(await read_json(request))
        await _stored(lambda: shelf.put(made, is_replacing=replace))
        return json_response(_document(made), 201)

    @app.get("/composites/{composite}", summary="The document of a composite", responses=FAILURES)
    async def show(composite: str) -> Response:
        return json_response(_document(_known(shelf.composites, composite)))

    @app.delete(
        "/composites/{composite}",
        summary="Forget a composite; its components and their releases stay",
        status_code=204,
        responses=FAILURES,
    )
    async def delete(composite: str) -> Response:
        await _stored(lambda: shelf.remove(composite))
        return Response(status_code=204)


def _add_answers(app: "FastAPI", shelf: Shelf, consult: Consult) -> None:
    """The paths on which composites are asked."""

    @app.post(
        "/composites/{composite}/predict",
        summary="What all components of a composite say, and which actions pay",
        openapi_extra=request_body(_FIELDS),
        responses=FAILURES,
    )
    async def predict(composite: str, request: Request) -> Response:
        found = _known(shelf.composites, composite)
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
        found = _known(shelf.composites, composite)
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
        raise ProblemError(composite_missing(str(unknown_composite(name, tuple(composites)))))
    return composites[name]


def drafted(body: object) -> Composite:
    """The composite that a body describes; ProblemError naming what is wrong with it.

    Components may be mere blueprint ids.
    """
    components = body.get("components") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(components, list):
        raise ProblemError(bad_body("expected one JSON object with id, objective and components"))
    spelled = [{"blueprint": each} if isinstance(each, str) else each for each in components]
    try:
        return draft_of({**body, "components": spelled})
    except (BlueprintError, CompositeError) as error:
        raise ProblemError(bad_composite(str(error))) from error


async def _stored(change: Callable[[], None]) -> None:
    """Make a change to what is stored, in a thread; ProblemError where it can't be made."""
    try:
        await asyncio.to_thread(change)
    except CompositeMissingError as error:
        raise ProblemError(composite_missing(str(error))) from error
    except CompositeTakenError as error:
        raise ProblemError(composite_taken(str(error))) from error
    except CompositeError as error:
        raise ProblemError(bad_composite(str(error))) from error
    except StorageError as error:
        _LOG.warning("event=composite_not_stored reason=%r", str(error))
        raise ProblemError(composite_not_stored()) from error


def _problem(error: RequestError | ServiceError) -> Problem:
    return problem_of(error) if isinstance(error, RequestError) else no_component(str(error))


def _document(composite: Composite) -> object:
    return parse_json(composite_to_json(composite))
