"""The Serve applications: one that describes, and one per blueprint that answers for it.

A fault or a new deployment of one application leaves the others untouched. There is one hop: the
replica that gets a prediction answers it. Composites are answered by the front, which asks all
their components at once.
"""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracer_ray.composites.consultation import (
    WITHIN_S,
    Consultation,
    consult,
    failed,
    late,
    no_champion,
)
from tracer_ray.composites.store import Shelf
from tracer_ray.engine.analysis import analyze
from tracer_ray.engine.metrics import RayMeter, read_metrics
from tracer_ray.engine.refusals import watch_refusals
from tracer_ray.engine.scaling import FRONT_CPUS, Replicas, scaling_of
from tracer_ray.experiments.outcomes import OutcomeLog
from tracer_ray.prediction.requests import Request
from tracer_ray.serving.answer_cache import answer_cache
from tracer_ray.serving.answering import Observers
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.context_api import Coming, Contexts, Told, told_or_refused
from tracer_ray.serving.front_api import Facts, Upstream, facts_of, front_app
from tracer_ray.serving.gate import Gate, GateRules
from tracer_ray.serving.keys import KeyRing
from tracer_ray.serving.outcomes_api import Row, Taken, take_outcomes
from tracer_ray.serving.prediction_api import prediction_app
from tracer_ray.serving.problems import ProblemError, not_stored, unknown_blueprint
from tracer_ray.serving.rate_limit import RateLimit
from tracer_ray.serving.recorder import start_recording
from tracer_ray.serving.redis_connections import REDIS_VARIABLE
from tracer_ray.serving.watching import watch

if TYPE_CHECKING:
    from ray.serve import Application

FRONT = "front"
DEPLOYMENT = "replica"
# Far above what is ever let in: the gate refuses with a problem document, and sooner.
MAX_ONGOING_REQUESTS = 2_000
_ASK_WITHIN_S = 2.0
_TAKE_WITHIN_S = 30.0  # storage may be slow
_LIST_EVERY_S = 5.0  # keys and composites: a listing costs more than reading a pointer
_ROWS_IN_THE_LOOP = 20
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """What one application answers for, and below which path; no blueprints means all promoted."""

    name: str
    route_prefix: str
    blueprints: tuple[str, ...]

    @classmethod
    def of(cls, blueprint: str) -> "Part":
        """A blueprint on its own."""
        return cls(blueprint, f"/predict/{blueprint}", (blueprint,))

    @classmethod
    def together(cls, blueprints: tuple[str, ...]) -> "Part":
        """Several blueprints in the same replicas."""
        return cls("predict", "/predict", blueprints)


@dataclass(frozen=True)
class Setting:
    """What every replica of a service is told: the home, and what is demanded and logged."""

    home: str
    demands_keys: bool = False
    logs_predictions: bool = False


class Replica:
    """A replica that answers: it holds champions and watches for new ones."""

    def __init__(self, setting: Setting, blueprints: tuple[str, ...]) -> None:
        """Load and warm the champions; only then is the replica ready."""
        log_events()
        self._rules = _rules(setting)
        self._champions = Champions(setting.home, blueprints)
        self._champions.load()
        cache = answer_cache(os.environ.get(REDIS_VARIABLE, ""))
        self._contexts = Contexts(self._champions, cache, self._rules.meter)
        self._taking = asyncio.Lock()
        self._outcomes = OutcomeLog(setting.home)
        self._recorder, self._end_recording = None, None
        if setting.logs_predictions:
            recording = start_recording(setting.home, self._rules.meter)
            self._recorder, self._end_recording = recording
        watch(self._look)

    def __serve_build_asgi_app__(self) -> Gate:
        """The application that Ray Serve routes requests to."""
        observers = Observers(self._rules.meter, self._recorder)
        return Gate(prediction_app(self._champions, observers), self._rules)

    def __del__(self) -> None:
        """Write what is left of the log; Ray Serve calls this before a replica ends."""
        if self._end_recording:
            self._end_recording()

    async def facts(self) -> dict[str, Facts]:
        """What the front is told."""
        return facts_of(self._champions)

    async def contexts(self, blueprint: str, names: Sequence[str], coming: Coming) -> Told | None:
        """What is known of entities, None where no release of the blueprint is loaded."""
        return await self._contexts.tell(blueprint, names, coming)

    async def consult(
        self, blueprint: str, requests: Sequence[Request]
    ) -> list[Consultation] | None:
        """What the champion says of requests to a composite; None where none is loaded."""
        predictor = self._champions.predictor(blueprint)
        if predictor is None:
            return None
        if len(requests) <= _ROWS_IN_THE_LOOP:
            return consult(predictor, requests)
        return await asyncio.to_thread(consult, predictor, requests)

    async def take_outcomes(self, blueprint: str, rows: Sequence[Row]) -> Taken | None:
        """What became of rows, stored; None where no release of the blueprint is loaded."""
        champions, log, meter = self._champions, self._outcomes, self._rules.meter
        async with self._taking:  # more threads would only fight the answers for the interpreter
            return await asyncio.to_thread(take_outcomes, champions, log, blueprint, rows, meter)

    def _look(self) -> None:
        before = self._champions.held
        self._champions.look()
        if self._recorder and self._champions.held is not before:
            self._recorder.log.flush()
        self._champions.measure(self._rules.meter)


class Front:
    """The replica that describes; it holds the names of the other applications only."""

    def __init__(self, setting: Setting, parts: Mapping[str, tuple[str, ...]]) -> None:
        """Describe these applications (the blueprints of each by its name)."""
        log_events()
        self._rules = _rules(setting)
        self._parts = parts
        self._shelf = Shelf(setting.home)
        self._shelf.look()
        watch(self._shelf.look, _LIST_EVERY_S)
        watch_refusals(self._rules.meter)

    def __serve_build_asgi_app__(self) -> Gate:
        """The application that Ray Serve routes requests to."""
        upstream = Upstream(
            facts=self.ask,
            contexts=self.ask_contexts,
            outcomes=self.take_outcomes,
            metrics=read_metrics,
            shelf=self._shelf,
            consult=self.consult,
            analyze=analyze,
        )
        return Gate(front_app(upstream), self._rules)

    async def ask(self) -> dict[str, Facts]:
        """The facts of every blueprint; one whose application is silent is not ready."""
        answers = await asyncio.gather(*(self._ask(*part) for part in self._parts.items()))
        return {name: facts for answer in answers for name, facts in answer.items()}

    async def ask_contexts(self, blueprint: str, names: Sequence[str], coming: Coming) -> Told:
        """What the application of a blueprint knows of entities; ProblemError where none does."""
        part = await self._part_of(blueprint)
        told: Told | None = None
        try:
            async with asyncio.timeout(_ASK_WITHIN_S):
                told = await _handle(part).contexts.remote(blueprint, names, coming)
        except Exception as error:  # whatever befell the application, this is not its answer
            _LOG.warning("event=application_silent application=%s reason=%r", part, str(error))
        return told_or_refused(blueprint, told)

    async def take_outcomes(self, blueprint: str, rows: Sequence[Row]) -> Taken:
        """What the application of a blueprint did with outcomes; ProblemError where nothing."""
        part = await self._part_of(blueprint)
        taken: Taken | None = None
        try:
            async with asyncio.timeout(_TAKE_WITHIN_S):
                taken = await _handle(part).take_outcomes.remote(blueprint, rows)
        except Exception as error:
            _LOG.warning("event=outcomes_not_taken application=%s reason=%r", part, str(error))
            raise ProblemError(not_stored()) from error
        return told_or_refused(blueprint, taken)

    async def _part_of(self, blueprint: str) -> str:
        """The application that answers for a blueprint; ProblemError where there is none."""
        part = self._named_part(blueprint)
        known = await self.ask() if not part or not self._parts[part] else {blueprint: None}
        if blueprint not in known:
            raise ProblemError(unknown_blueprint(blueprint, known))
        return part

    async def consult(
        self, blueprints: Sequence[str], requests: Sequence[Request]
    ) -> dict[str, Sequence[Consultation]]:
        """What the applications of blueprints say of requests to a composite, asked at once."""
        said = await asyncio.gather(*(self._consult(name, requests) for name in blueprints))
        return dict(zip(blueprints, said, strict=True))

    async def _consult(self, blueprint: str, requests: Sequence[Request]) -> Sequence[Consultation]:
        part = self._named_part(blueprint)
        if not part:
            return [no_champion(blueprint)] * len(requests)
        try:
            async with asyncio.timeout(WITHIN_S):
                consulted = _handle(part).consult.remote(blueprint, requests)
                said: list[Consultation] | None = await consulted
                return said or [no_champion(blueprint)] * len(requests)
        except TimeoutError:
            return [late(WITHIN_S)] * len(requests)
        except Exception as error:  # whatever befell it, the other components answer
            _LOG.warning("event=component_failed blueprint=%s reason=%r", blueprint, str(error))
            return [failed(error)] * len(requests)

    def _named_part(self, blueprint: str) -> str:
        """The application that answers for a blueprint, "" where none does."""
        return next((n for n, ids in self._parts.items() if not ids or blueprint in ids), "")

    async def _ask(self, name: str, blueprints: tuple[str, ...]) -> dict[str, Facts]:
        try:
            async with asyncio.timeout(_ASK_WITHIN_S):
                told: dict[str, Facts] = await _handle(name).facts.remote()
                return told
        except Exception as error:  # whatever befell it, the others are told of
            _LOG.warning("event=application_silent application=%s reason=%r", name, str(error))
            silent = Facts({"release": None, "refused": None, "reason": "it does not answer"})
            return dict.fromkeys(blueprints or (name,), silent)


def part_application(
    part: Part, setting: Setting, replicas: Replicas, cpus: float = 1.0
) -> "Application":
    """The application that answers for a part."""
    options = {**scaling_of(replicas), "ray_actor_options": {"num_cpus": cpus}}
    return _bound(Replica, options, setting, part.blueprints)


def front_application(setting: Setting, parts: Mapping[str, tuple[str, ...]]) -> "Application":
    """The application that describes the others (the blueprints of each by its name)."""
    options = {"ray_actor_options": {"num_cpus": FRONT_CPUS}}
    return _bound(Front, options, setting, dict(parts))


def _handle(application: str) -> Any:
    from ray import serve

    return serve.get_app_handle(application)


def _rules(setting: Setting) -> GateRules:
    """What the gate of a replica demands; Ray Serve itself repeats a request's id."""
    meter = RayMeter()
    if not setting.demands_keys:
        return GateRules(sends_id=False, meter=meter)
    keys = KeyRing(setting.home)
    keys.look()
    watch(keys.look, _LIST_EVERY_S)
    rate = RateLimit(os.environ.get(REDIS_VARIABLE, ""))
    return GateRules(keys=keys, rate=rate, sends_id=False, meter=meter)


def log_events() -> None:
    """Let what happens while serving be told on stderr, which Ray keeps in the replica's log."""
    log = logging.getLogger("tracer_ray")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s level=%(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)


def _bound(kind: type, options: Mapping[str, Any], *arguments: object) -> "Application":
    from ray import serve

    deploy = serve.deployment(
        name=DEPLOYMENT,
        max_ongoing_requests=MAX_ONGOING_REQUESTS,
        logging_config={"enable_access_log": False},
        **options,
    )
    return deploy(serve.ingress()(kind)).bind(*arguments)
