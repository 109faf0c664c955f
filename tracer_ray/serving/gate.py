"""The gate: what every request passes before an application sees it, and on its way out.

In this order: a key where keys are demanded, room in the replica, the key's rate limit, the
deadline. Whatever goes wrong is a problem document with the request's id, and is counted.
"""

import asyncio
import logging
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from tracer_ray.serving.admission import Admission, Room
from tracer_ray.serving.explaining import REQUEST_ID
from tracer_ray.serving.keys import Key, KeyRing
from tracer_ray.serving.meter import (
    LATENCY,
    LIMITED,
    REQUESTS,
    SHED,
    UNAUTHORISED,
    Measure,
    Meter,
    SilentMeter,
)
from tracer_ray.serving.problems import (
    ProblemError,
    internal,
    no_key,
    too_late,
    too_many,
)
from tracer_ray.serving.rate_limit import RateLimit
from tracer_ray.serving.visit import Visit

DEADLINE_S = 30.0
OPEN = ("/health", "/ready", "/docs", "/openapi.json")  # without a key: probes, and how to ask
_LOG = logging.getLogger(__name__)
_COUNTED = {401: UNAUTHORISED, 429: LIMITED}


@dataclass(frozen=True)
class GateRules:
    """What is demanded; without `keys` nobody needs one, and no rate is limited.

    `sends_id` is False where the server before the gate repeats the request's id by itself.
    """

    keys: KeyRing | None = None
    rate: RateLimit | None = None
    room: Room = field(default_factory=Room)
    deadline_s: float = DEADLINE_S
    sends_id: bool = True
    meter: Meter = field(default_factory=SilentMeter)


class Gate:
    """ASGI middleware around one application."""

    def __init__(self, app: ASGIApp, rules: GateRules | None = None) -> None:
        """Stand before an application."""
        self._app = app
        self._rules = rules or GateRules()
        self._admission = Admission(self._rules.room)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or explain why not.

        The application sees the whole path, whatever prefix the server stripped.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = Visit(scope, self._rules.sends_id)
        inner = {**scope, "root_path": "", REQUEST_ID: visit.id}
        answer = visit.answered_by(send)
        try:
            await self._pass(visit, inner, receive, answer)
        except ProblemError as error:
            await error.problem.response(visit.id)(inner, receive, answer)
        except Exception:
            _LOG.exception("event=failed request_id=%s path=%r", visit.id, visit.path[:200])
            if not visit.status:
                await internal().response(visit.id)(inner, receive, answer)
        finally:
            self._record(visit)

    async def _pass(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through to the application; ProblemError where it must not, or is too late."""
        key = self._key(visit)
        if not visit.is_prediction:
            await self._app(scope, receive, send)
            return
        with self._admission.inside(is_batch=visit.is_batch):
            await self._keep_to_the_rate(key)
            try:
                async with asyncio.timeout(self._rules.deadline_s):
                    await self._app(scope, receive, send)
            except TimeoutError as error:
                if not visit.status:
                    raise ProblemError(too_late(self._rules.deadline_s)) from error

    def _key(self, visit: Visit) -> Key | None:
        """The key that was sent; ProblemError where one is demanded and none is valid."""
        keys = self._rules.keys
        if keys is None or any(visit.path == p or visit.path.startswith(f"{p}/") for p in OPEN):
            return None
        scheme, _, text = visit.headers.get("authorization", "").partition(" ")
        key = keys.find(text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise ProblemError(no_key())
        return key

    async def _keep_to_the_rate(self, key: Key | None) -> None:
        if key is None or self._rules.rate is None:
            return
        wait_s = await self._rules.rate.wait_s(key)
        if wait_s:
            raise ProblemError(too_many(key.per_minute, wait_s))

    def _record(self, visit: Visit) -> None:
        status, seconds = visit.status or 499, visit.seconds  # no answer: the client went away
        if visit.is_prediction:
            kind = "batch" if visit.is_batch else "single"
            # what nobody checked is no label: anybody could fill the memory with new ones
            name = visit.blueprint if status not in (401, 404, 405) else ""
            meter = self._rules.meter
            meter.record(REQUESTS, 1.0, name, kind, str(status))
            if status < 400:
                meter.record(LATENCY, seconds, name, kind)
            if measure := _reason(status):
                meter.record(measure, 1.0, name)
        if status >= 500 and status != 503:  # the others are many at once, and are counted
            _LOG.warning(
                "event=request_failed request_id=%s status=%d path=%r milliseconds=%.1f",
                visit.id,
                status,
                visit.path[:200],
                1000 * seconds,
            )


def _reason(status: int) -> Measure | None:
    return SHED if status == 503 else _COUNTED.get(status)
