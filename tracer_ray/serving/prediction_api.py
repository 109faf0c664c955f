"""The ASGI application that answers predictions; what replicas of a blueprint run.

Bodies are read by the same validator as files, so FastAPI only routes them; what they may hold is
described in the OpenAPI document, per blueprint, with an example that works.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.errors import RequestError
from tracer_ray.prediction.ranking import ranked
from tracer_ray.prediction.requests import Request as Row
from tracer_ray.serving.answering import Observers, answer_rows
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.batches import Batches
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.explaining import REQUEST_ID, explain_errors
from tracer_ray.serving.json_text import json_response
from tracer_ray.serving.many import each_told, list_of
from tracer_ray.serving.meter import BATCH_ROWS
from tracer_ray.serving.problems import (
    ProblemError,
    bad_body,
    no_release,
    problem_of,
    unknown_blueprint,
)
from tracer_ray.serving.rounds import Rounds
from tracer_ray.serving.routing import ROUTING_KEY_HEADER, Routes

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 1_000


def prediction_app(champions: Champions, observers: Observers) -> "FastAPI":
    """The application that answers with these champions, as they are at each request."""
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)
    answer = partial(answer_rows, observers)
    batches, rounds = Batches(answer), Rounds(answer)

    @app.post("/predict/{blueprint}")
    async def predict(blueprint: str, request: Request) -> Response:
        routes = _routes(champions, blueprint)
        body = await read_json(request)
        if not isinstance(body, dict):
            raise ProblemError(bad_body("expected one JSON object of fields"))
        (asked,) = _asked(request, [body])
        (said,) = ranked(routes.blueprint, [await rounds.answer(routes, asked)])
        if isinstance(said, RequestError):
            raise ProblemError(problem_of(said))
        return json_response(said)

    @app.post("/predict/{blueprint}/batch")
    async def predict_batch(blueprint: str, request: Request) -> Response:
        routes = _routes(champions, blueprint)
        body = await read_json(request)
        rows = list_of(body, "rows", MOST_ROWS, "requests")
        answers = await batches.answer(routes, _asked(request, rows), request.receive)
        answers = ranked(routes.blueprint, answers)
        observers.meter.record(BATCH_ROWS, len(rows), blueprint)
        said = [problem_of(x) if isinstance(x, RequestError) else x for x in answers]
        return each_told("rows", said)

    explain_errors(app)
    return app


def _routes(champions: Champions, blueprint: str) -> Routes:
    """Who answers a request: asked for once, so that each answer is wholly one release's."""
    routes = champions.routes(blueprint)
    if routes is None:
        held = champions.held
        known = no_release(blueprint) if blueprint in held else unknown_blueprint(blueprint, held)
        raise ProblemError(known)
    return routes


def _asked(request: Request, rows: Sequence[Row]) -> list[Asked]:
    """The rows of a request, as they are answered, logged and shadowed."""
    request_id: str = request.scope.get(REQUEST_ID, "")
    key, now = request.headers.get(ROUTING_KEY_HEADER, ""), datetime.now(UTC)
    return [Asked(row, number, request_id, key, now) for number, row in enumerate(rows)]
