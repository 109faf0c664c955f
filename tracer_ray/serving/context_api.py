"""The paths that tell what a release knows of entities as of now."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.errors import RequestError
from tracer_ray.prediction.context import contexts
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.serving.answer_cache import AnswerCache
from tracer_ray.serving.api_document import FAILURES
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.json_text import json_bytes
from tracer_ray.serving.many import each_written, list_body, list_of
from tracer_ray.serving.meter import CONTEXTS, Meter
from tracer_ray.serving.problems import ProblemError, bad_body, no_release, problem_of

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ENTITIES = 50
Told = list[bytes | RequestError]  # JSON
_Told = TypeVar("_Told")
Coming = Mapping[str, object]
AskContexts = Callable[[str, Sequence[str], Coming], Awaitable[Told]]


def add_contexts(app: "FastAPI", ask: AskContexts) -> None:
    """Let an application tell contexts; `ask` raises ProblemError where nobody can."""

    @app.post(
        "/context/{blueprint}/batch",
        summary=f"What is known of up to {MOST_ENTITIES} entities, each its own or an error",
        openapi_extra=list_body("entities", MOST_ENTITIES, "string", coming={"type": "object"}),
        responses=FAILURES,
    )
    async def many(blueprint: str, request: Request) -> Response:
        body = await read_json(request)
        told = await ask(blueprint, _names(body), _coming(body))
        said = [problem_of(x) if isinstance(x, RequestError) else x for x in told]
        return each_written("entities", said)

    @app.get(
        "/context/{blueprint}/{entity}",
        summary="What is known of an entity: what answers, its recent past, its newest values",
        responses=FAILURES,
    )
    async def one(blueprint: str, entity: str, request: Request) -> Response:
        (told,) = await ask(blueprint, [entity], dict(request.query_params))
        if isinstance(told, RequestError):
            raise ProblemError(problem_of(told))
        return Response(told, media_type="application/json")


class Contexts:
    """What the champions of a replica know of entities, put together once in a while."""

    def __init__(self, champions: Champions, cache: AnswerCache, meter: Meter) -> None:
        """Put together nothing before it is asked for."""
        self._champions, self._cache, self._meter = champions, cache, meter

    async def tell(self, blueprint: str, names: Sequence[str], coming: Coming) -> Told | None:
        """What is known of each name; None where no release of the blueprint is loaded here.

        `coming` are fields of a row to come, the same for all.
        """
        predictor = self._champions.predictor(blueprint)
        if predictor is None:
            return None
        keys = {name: _key(predictor, name, coming) for name in names}
        looked_up = zip(keys, await self._cache.look_up([*keys.values()]), strict=True)
        kept = {name: written for name, written in looked_up if written is not None}
        lost = [name for name in keys if name not in kept]
        found = dict(zip(lost, contexts(predictor, lost, None, coming), strict=True))
        errors = {name: each for name, each in found.items() if isinstance(each, RequestError)}
        fresh = {name: json_bytes(found[name]) for name in lost if name not in errors}
        await self._cache.keep({keys[name]: written for name, written in fresh.items()})
        for result, told_so in (("kept", kept), ("put together", fresh)):
            if told_so:
                self._meter.record(CONTEXTS, len(told_so), blueprint, result)
        told: dict[str, bytes | RequestError] = {**kept, **fresh, **errors}
        return [told[name] for name in names]


def _key(predictor: Predictor, name: str, coming: Coming) -> str:
    """All that a context depends on but for the clock: release, newer rows, and the question.

    The question is of any length, and need not be Unicode.
    """
    newer = predictor.refreshed.uri if predictor.refreshed else ""
    question = json.dumps([name, newer, coming], sort_keys=True).encode()
    digest = blake2b(question, digest_size=16).hexdigest()
    return f"{predictor.blueprint.id}/{predictor.name}/{digest}"


def told_or_refused(blueprint: str, told: _Told | None) -> _Told:
    """What was told; ProblemError where there was no release to tell it."""
    if told is None:
        raise ProblemError(no_release(blueprint))
    return told


def _names(body: object) -> list[str]:
    is_text = isinstance(body, dict) and _are_names(body.get("entities"))
    names = list_of(body if is_text else None, "entities", MOST_ENTITIES, "keys or names")
    return [str(name) for name in names]


def _coming(body: object) -> Coming:
    given = body.get("coming", {}) if isinstance(body, dict) else {}
    if not isinstance(given, dict):
        raise ProblemError(bad_body("coming: expected an object of fields"))
    return given


def _are_names(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(name, str | int) for name in given)
