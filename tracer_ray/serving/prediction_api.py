"""The ASGI application that answers predictions; what replicas of a blueprint run.

Bodies are read by the same validator as files, so FastAPI only routes them; what they may hold is
described in the OpenAPI document, per blueprint, with an example that works.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.serving.batches import Batches
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.explaining import explain_errors
from tracer_ray.serving.json_text import json_bytes
from tracer_ray.serving.meter import ANSWERS, BATCH_ROWS, Meter
from tracer_ray.serving.problems import (
    ProblemError,
    bad_body,
    no_release,
    problem_of,
    unknown_blueprint,
)
from tracer_ray.serving.rounds import Rounds

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 1_000


def prediction_app(champions: Champions, meter: Meter) -> "FastAPI":
    """The application that answers with these champions, as they are at each request."""
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)
    batches, rounds = Batches(), Rounds()

    @app.post("/predict/{blueprint}")
    async def predict(blueprint: str, request: Request) -> Response:
        predictor = _predictor(champions, blueprint)
        body = await read_json(request)
        if not isinstance(body, dict):
            raise ProblemError(bad_body("expected one JSON object of fields"))
        said = await rounds.answer(predictor, body)
        _count(meter, blueprint, [said])
        if isinstance(said, RequestError):
            raise ProblemError(problem_of(said))
        return _json(said)

    @app.post("/predict/{blueprint}/batch")
    async def predict_batch(blueprint: str, request: Request) -> Response:
        predictor = _predictor(champions, blueprint)
        body = await read_json(request)
        rows = body.get("rows") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
            raise ProblemError(
                bad_body(f'expected {{"rows": [...]}} with 1 to {MOST_ROWS} requests')
            )
        answers = await batches.answer(predictor, rows, request.receive)
        meter.record(BATCH_ROWS, len(rows), blueprint)
        _count(meter, blueprint, answers)
        said = [_row(each) for each in answers]
        return _json({"rows": said, "failed": sum("error" in each for each in said)})

    explain_errors(app)
    return app


def _predictor(champions: Champions, blueprint: str) -> Predictor:
    """What answers this request, wholly: asked for once."""
    predictor = champions.predictor(blueprint)
    if predictor is None:
        held = champions.held
        known = no_release(blueprint) if blueprint in held else unknown_blueprint(blueprint, held)
        raise ProblemError(known)
    return predictor


def _count(meter: Meter, blueprint: str, answers: Sequence[Answered | RequestError]) -> None:
    """Count what answered: a level, or error where nothing did."""
    levels = Counter(
        "error" if isinstance(each, RequestError) else str(each["level"]) for each in answers
    )
    for level, number in levels.items():
        meter.record(ANSWERS, number, blueprint, level)


def _row(said: Answered | RequestError) -> Mapping[str, object]:
    return {"error": problem_of(said).to_json()} if isinstance(said, RequestError) else said


def _json(value: object) -> Response:
    return Response(json_bytes(value), media_type="application/json")
