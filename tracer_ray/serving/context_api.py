"""The paths that tell what a release knows of entities as of now."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.errors import RequestError
from tracer_ray.prediction.context import Context, contexts
from tracer_ray.serving.api_document import FAILURES, Json
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.json_text import json_bytes
from tracer_ray.serving.problems import ProblemError, bad_body, no_release, problem_of

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ENTITIES = 50
Told = list[Context | RequestError]
_Told = TypeVar("_Told")
AskContexts = Callable[[str, Sequence[str]], Awaitable[Told]]
_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["entities"],
                    "properties": {
                        "entities": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MOST_ENTITIES,
                            "items": {"type": "string"},
                        }
                    },
                }
            }
        },
    }
}


def add_contexts(app: "FastAPI", ask: AskContexts) -> None:
    """Let an application tell contexts; `ask` raises ProblemError where nobody can."""

    @app.post(
        "/context/{blueprint}/batch",
        summary=f"What is known of up to {MOST_ENTITIES} entities, each its own or an error",
        openapi_extra=_BODY,
        responses=FAILURES,
    )
    async def many(blueprint: str, request: Request) -> Response:
        names = _names(await read_json(request))
        told = await ask(blueprint, names)
        rows = [
            {"error": problem_of(each).to_json()} if isinstance(each, RequestError) else each
            for each in told
        ]
        failed = sum(isinstance(each, RequestError) for each in told)
        return _json({"entities": rows, "failed": failed})

    @app.get(
        "/context/{blueprint}/{entity}",
        summary="What is known of an entity: what answers, its recent past, its newest values",
        responses=FAILURES,
    )
    async def one(blueprint: str, entity: str) -> Response:
        (told,) = await ask(blueprint, [entity])
        if isinstance(told, RequestError):
            raise ProblemError(problem_of(told))
        return _json(told)


def contexts_of(champions: Champions, blueprint: str, names: Sequence[str]) -> Told | None:
    """What the champion knows of each; None where no release of the blueprint is loaded here."""
    predictor = champions.predictor(blueprint)
    return contexts(predictor, names) if predictor else None


def told_or_refused(blueprint: str, told: _Told | None) -> _Told:
    """What was told; ProblemError where there was no release to tell it."""
    if told is None:
        raise ProblemError(no_release(blueprint))
    return told


def _names(body: object) -> list[str]:
    given = body.get("entities") if isinstance(body, dict) else None
    names = given if isinstance(given, list) else []
    is_text = all(isinstance(name, str | int) for name in names)
    if not (is_text and 1 <= len(names) <= MOST_ENTITIES):
        raise ProblemError(
            bad_body(f'expected {{"entities": [...]}} with 1 to {MOST_ENTITIES} keys or names')
        )
    return [str(name) for name in names]


def _json(value: object) -> Response:
    return Response(json_bytes(value), media_type="application/json")
