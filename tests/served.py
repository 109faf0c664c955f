"""The HTTP service in the process of the test: the front and the predictions behind one gate."""

from collections.abc import Mapping, Sequence

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from tracer_ray.analysis.uploads import analyze_bytes
from tracer_ray.composites.consultation import Consultation, consult, no_champion
from tracer_ray.composites.definition import Composite
from tracer_ray.composites.store import Shelf
from tracer_ray.errors import DataError
from tracer_ray.experiments.outcomes import OutcomeLog
from tracer_ray.prediction.requests import Request
from tracer_ray.serving.answer_cache import MemoryCache
from tracer_ray.serving.answering import Observers
from tracer_ray.serving.api_document import Json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.context_api import Coming, Contexts, Told, told_or_refused
from tracer_ray.serving.front_api import Facts, Upstream, facts_of, front_app
from tracer_ray.serving.gate import Gate, GateRules
from tracer_ray.serving.outcomes_api import Row, Taken, take_outcomes
from tracer_ray.serving.prediction_api import prediction_app
from tracer_ray.serving.problems import ProblemError, bad_data, unknown_blueprint
from tracer_ray.serving.recorder import Recorder


class Served:
    """One ASGI application with everything, as the proxy would route it."""

    def __init__(
        self,
        champions: Champions,
        rules: GateRules | None = None,
        recorder: Recorder | None = None,
        shelf: Shelf | None = None,
        outcomes_home: str = "",
    ) -> None:
        rules = rules or GateRules()
        self._champions = champions
        self._meter = rules.meter
        self._told = Contexts(champions, MemoryCache(), rules.meter)
        self._outcome_log = OutcomeLog(outcomes_home or champions.home)
        observers = Observers(rules.meter, recorder)
        self._predictions = Gate(prediction_app(champions, observers), rules)
        upstream = Upstream(
            facts=self._ask,
            contexts=self._contexts,
            outcomes=self._outcomes,
            metrics=self._metrics,
            shelf=shelf or Shelf(champions.home),
            consult=self._consult,
            analyze=self._analyze,
        )
        self._front = Gate(front_app(upstream), rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = self._champions.held
        is_known = any(f"{scope['path']}/".startswith(f"/predict/{name}/") for name in names)
        await (self._predictions if is_known else self._front)(scope, receive, send)

    async def _ask(self) -> Mapping[str, Facts]:
        return facts_of(self._champions)

    async def _contexts(self, blueprint: str, names: Sequence[str], coming: Coming) -> Told:
        if blueprint not in self._champions.held:
            raise ProblemError(unknown_blueprint(blueprint, self._champions.held))
        return told_or_refused(blueprint, await self._told.tell(blueprint, names, coming))

    async def _consult(
        self, blueprints: Sequence[str], requests: Sequence[Request]
    ) -> dict[str, Sequence[Consultation]]:
        held = {name: self._champions.predictor(name) for name in blueprints}
        return {
            name: consult(each, requests) if each else [no_champion(name)] * len(requests)
            for name, each in held.items()
        }

    async def _outcomes(self, blueprint: str, rows: Sequence[Row]) -> Taken:
        if blueprint not in self._champions.held:
            raise ProblemError(unknown_blueprint(blueprint, self._champions.held))
        log = self._outcome_log
        taken = take_outcomes(self._champions, log, blueprint, rows, self._meter)
        return told_or_refused(blueprint, taken)

    async def _analyze(self, body: bytes) -> Json:
        try:
            return analyze_bytes(body).to_json()
        except DataError as error:
            raise ProblemError(bad_data(str(error))) from error

    async def _metrics(self) -> str:
        return ""


def shelf_of(home: str, composites: Sequence[Composite]) -> Shelf:
    """A shelf with these composites, which are stored nowhere."""
    shelf = Shelf(home)
    shelf.composites = {each.id: each for each in composites}
    return shelf


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """A client of an application in this process; what it raises is a 500."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")
