"""The paths that tell what a release knows of entities as of now."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.errors import RequestError
from tracer_ray.prediction.context import Context, contexts
from tracer_ray.serving.api_document import FAILURES
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.json_text import json_response
from tracer_ray.serving.many import each_told, list_body, list_of
from tracer_ray.serving.problems import ProblemError, no_release, problem_of

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ENTITIES = 50
Told = list[Context | RequestError]
_Told = TypeVar("_Told")
AskContexts = Callable[[str, Sequence[str]], Awaitable[Told]]


def add_contexts(app: "FastAPI", ask: AskContexts) -> None:
    """Let an application tell contexts; `ask` raises ProblemError where nobody can."""

    @app.post(
        "/context/{blueprint}/batch",
        summary=f"What is known of up to {MOST_ENTITIES} entities, each its own or an error",
        openapi_extra=list_body("entities", MOST_ENTITIES, "string"),
        responses=FAILURES,
    )
    async def many(blueprint: str, request: Request) -> Response:
        names = _names(await read_json(request))
        told = await ask(blueprint, names)
        said = [problem_of(x) if isinstance(x, RequestError) else x for x in told]
        return each_told("entities", said)

    @app.get(
        "/context/{blueprint}/{entity}",
        summary="What is known of an entity: what answers, its recent past, its newest values",
        responses=FAILURES,
    )
    async def one(blueprint: str, entity: str) -> Response:
        (told,) = await ask(blueprint, [entity])
        if isinstance(told, RequestError):
            raise ProblemError(problem_of(told))
        return json_response(told)


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
    is_text = isinstance(body, dict) and _are_names(body.get("entities"))
    names = list_of(body if is_text else None, "entities", MOST_ENTITIES, "keys or names")
    return [str(name) for name in names]


def _are_names(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(name, str | int) for name in given)
