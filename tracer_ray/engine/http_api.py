"""The HTTP interface to loaded releases: an ASGI application that knows nothing of Ray.

The bodies of predictions are read by the same validator as files, so FastAPI only routes them; what
they may hold is described in the OpenAPI document, per blueprint, with an example that works.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.engine.api_document import answer_route, batch_route, describe
from tracer_ray.engine.json_text import json_bytes, parse_json
from tracer_ray.engine.problems import Problem, bad_body, problem_of, too_large, unknown_blueprint
from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.predictor import Predictor

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 1_000
MOST_BYTES = 4 * 2**20
_ROWS_IN_THE_LOOP = 20  # more are answered in a thread, so that other requests go on

Predictors = Mapping[str, Predictor]


def create_app(predictors: Predictors) -> "FastAPI":
    """The application that answers for these predictors, by blueprint id."""
    from fastapi import FastAPI

    from tracer_ray import __version__

    app = FastAPI(
        title="Tracer",
        version=__version__,
        summary="Calibrated predictions of promoted releases.",
        redoc_url=None,
    )
    descriptions = [describe(each) for each in predictors.values()]

    @app.get("/health", summary="Whether the process is alive")
    async def health() -> Response:
        return _json({"status": "ok"})

    @app.get("/ready", summary="Which releases are loaded and answer")
    async def ready() -> Response:
        return _json({"status": "ready", "releases": {k: p.name for k, p in predictors.items()}})

    @app.get("/blueprints", summary="What can be asked, and what is answered")
    async def list_blueprints() -> Response:
        return _json(descriptions)

    for name, predictor in predictors.items():
        _add_routes(app, name, predictor)

    @app.post("/predict/{blueprint}", include_in_schema=False)
    @app.post("/predict/{blueprint}/batch", include_in_schema=False)
    async def refuse(blueprint: str) -> Response:
        return unknown_blueprint(blueprint, list(predictors)).response()

    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(Exception, _fail)
    return app


def _add_routes(app: "FastAPI", name: str, predictor: Predictor) -> None:
    async def predict(request: Request) -> Response:
        body = await _read(request)
        if isinstance(body, Problem):
            return body.response()
        if not isinstance(body, dict):
            return bad_body("expected one JSON object of fields").response()
        (said,) = predictor.answer([body])
        return problem_of(said).response() if isinstance(said, RequestError) else _json(said)

    async def predict_batch(request: Request) -> Response:
        body = await _read(request)
        if isinstance(body, Problem):
            return body.response()
        rows = body.get("rows") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
            return bad_body(f'expected {{"rows": [...]}} with 1 to {MOST_ROWS} requests').response()
        if len(rows) <= _ROWS_IN_THE_LOOP:
            return _batch(predictor, rows)
        return await asyncio.to_thread(_batch, predictor, rows)

    app.post(f"/predict/{name}", **answer_route(predictor))(predict)
    app.post(f"/predict/{name}/batch", **batch_route(predictor))(predict_batch)


def _batch(predictor: Predictor, rows: Sequence[Mapping[str, object]]) -> Response:
    """Each row's own answer or error, in their order."""
    said = [_row(each) for each in predictor.answer(rows)]
    return _json({"rows": said, "failed": sum("error" in each for each in said)})


def _row(said: Answered | RequestError) -> dict[str, object]:
    return {"error": problem_of(said).to_json()} if isinstance(said, RequestError) else said


async def _read(request: Request) -> object:
    """The body's JSON, or the problem with it; no more than the limit is ever read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return too_large(MOST_BYTES)
    try:
        return parse_json(bytes(body))
    except ValueError as error:
        return bad_body(f"expected JSON: {error}")


def _json(value: object) -> Response:
    return Response(json_bytes(value), media_type="application/json")


async def _explain(request: Request, error: Exception) -> Response:
    """An error of routing (no such path, wrong method) as a problem document."""
    if not isinstance(error, HTTPException):
        return await _fail(request, error)
    return Problem(error.status_code, "http", error.detail, error.detail).response(error.headers)


async def _fail(_: Request, __: Exception) -> Response:
    detail = "the failure is in the server's log; the request may be sent again"
    return Problem(500, "internal", "Internal error", detail).response()
