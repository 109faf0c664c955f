"""The ASGI application that answers predictions; what replicas of a blueprint run.

Bodies are read by the same validator as files, so FastAPI only routes them; what they may hold is
described in the OpenAPI document, per blueprint, with an example that works.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.requests import Request as Row
from tracer_ray.serving.answering import Asking, Observers
from tracer_ray.serving.batches import Batches
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.explaining import REQUEST_ID, explain_errors
from tracer_ray.serving.json_text import json_bytes
from tracer_ray.serving.meter import BATCH_ROWS
from tracer_ray.serving.problems import (
    ProblemError,
    bad_body,
    no_release,
    problem_of,
    unknown_blueprint,
)
from tracer_ray.serving.routing import ROUTING_KEY_HEADER

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 1_000


def prediction_app(champions: Champions, observers: Observers) -> "FastAPI":
    """The application that answers with these champions, as they are at each request."""
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)
    batches, turn = Batches(), asyncio.Lock()

    @app.post("/predict/{blueprint}")
    async def predict(blueprint: str, request: Request) -> Response:
        asking = _asking(champions, observers, blueprint, request)
        body = await read_json(request)
        if not isinstance(body, dict):
            raise ProblemError(bad_body("expected one JSON object of fields"))
        (said,) = await _in_turn(turn, asking, body)
        if isinstance(said, RequestError):
            raise ProblemError(problem_of(said))
        return _json(said)

    @app.post("/predict/{blueprint}/batch")
    async def predict_batch(blueprint: str, request: Request) -> Response:
        asking = _asking(champions, observers, blueprint, request)
        body = await read_json(request)
        rows = body.get("rows") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
            raise ProblemError(
                bad_body(f'expected {{"rows": [...]}} with 1 to {MOST_ROWS} requests')
            )
        answers = await batches.answer(asking.answer, rows, request.receive)
        observers.meter.record(BATCH_ROWS, len(rows), blueprint)
        said = [_row(each) for each in answers]
        return _json({"rows": said, "failed": sum("error" in each for each in said)})

    explain_errors(app)
    return app


async def _in_turn(turn: asyncio.Lock, asking: Asking, row: Row) -> list[Answered | RequestError]:
    """The answer to a row: one per round of the event loop, in the order of arrival.

    Otherwise a round under load answers all that wait, and takes as long: the loop accepts one
    connection per round, so that some clients would wait for seconds, and health checks fail.
    """
    async with turn:
        await asyncio.sleep(0)
        return asking.answer([row])


def _asking(champions: Champions, observers: Observers, blueprint: str, request: Request) -> Asking:
    """Who answers this request: asked for once, so that each answer is wholly one release's."""
    routes = champions.routes(blueprint)
    if routes is None:
        held = champions.held
        known = no_release(blueprint) if blueprint in held else unknown_blueprint(blueprint, held)
        raise ProblemError(known)
    key = request.headers.get(ROUTING_KEY_HEADER, "") if routes.holders else ""
    return Asking(request.scope.get(REQUEST_ID, ""), routes, key, observers)


def _row(said: Answered | RequestError) -> Mapping[str, object]:
    return {"error": problem_of(said).to_json()} if isinstance(said, RequestError) else said


def _json(value: object) -> Response:
    return Response(json_bytes(value), media_type="application/json")
