"""The gate: who may pass, how many at once, for how long, and what every answer carries."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.ledger import Ledger
from tests.served import Served, client_of
from tracer_ray.serving.admission import Room
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.gate import Gate, GateRules
from tracer_ray.serving.keys import KeyRing, create_key
from tracer_ray.serving.meter import LIMITED, REQUESTS, SHED, UNAUTHORISED
from tracer_ray.serving.rate_limit import RateLimit

PATH = "/predict/customer_churn"
BODY = {"tenure_months": 2}
LIMIT_S = 30.0


@dataclass
class Slow:
    """An application that answers once it is allowed to, and knows who is inside."""

    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        try:
            await self.may_answer.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
        finally:
            self.inside -= 1


async def _until_inside(slow: Slow, number: int) -> None:
    async with asyncio.timeout(LIMIT_S):
        while slow.inside != number:
            await asyncio.sleep(0)


def _check(reply: httpx.Response, status: int, kind: str) -> None:
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"] == f"urn:tracer:problem:{kind}"
    assert problem["instance"] == f"urn:tracer:request:{reply.headers['x-request-id']}"


def test_more_than_there_is_room_for_is_refused_at_once_and_counted() -> None:
    ledger = Ledger()

    async def ask() -> None:
        slow = Slow()
        rules = GateRules(room=Room(singles=2, batches=1), meter=ledger)
        async with client_of(Gate(slow, rules)) as client:
            waiting = [asyncio.create_task(client.post(PATH)) for _ in range(2)]
            waiting.append(asyncio.create_task(client.post(f"{PATH}/batch")))
            await _until_inside(slow, 3)
            for path in (PATH, f"{PATH}/batch"):
                refused = await client.post(path)
                _check(refused, 503, "overloaded")
                assert int(refused.headers["retry-after"]) >= 1
            slow.may_answer.set()
            assert {reply.status_code for reply in await asyncio.gather(*waiting)} == {200}
            assert (await client.post(PATH)).status_code == 200

    asyncio.run(ask())
    assert ledger.total(SHED) == 2
    assert ledger.total(REQUESTS) == 6


def test_what_is_late_is_told_so_and_makes_room() -> None:
    async def ask() -> None:
        slow = Slow()
        rules = GateRules(room=Room(singles=1), deadline_s=0.01)
        async with client_of(Gate(slow, rules)) as client:
            for _ in range(2):
                _check(await client.post(PATH), 504, "too-late")
                assert slow.inside == 0

    asyncio.run(ask())


def test_a_batch_past_its_deadline_is_given_up(champions: Champions) -> None:
    async def ask() -> None:
        served = Served(champions, GateRules(deadline_s=0.005))
        async with client_of(served) as client:
            late = await client.post(f"{PATH}/batch", json={"rows": [BODY] * 1000})
            _check(late, 504, "too-late")
            assert (await client.get("/health")).status_code == 200

    asyncio.run(ask())


def test_a_client_that_goes_away_gives_up_its_own_batch_only(champions: Champions) -> None:
    served = Served(champions)

    async def leave() -> list[Message]:
        """Send a whole batch, then hang up."""
        body = b'{"rows": [' + b", ".join([b'{"tenure_months": 2}'] * 1000) + b"]}"
        said: list[Message] = [
            {"type": "http.request", "body": body},
            {"type": "http.disconnect"},
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return said.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": f"{PATH}/batch", "headers": []}
        await served({**scope, "query_string": b"", "http_version": "1.1"}, receive, send)
        return sent

    async def ask() -> None:
        async with client_of(served) as client:
            rows = {"rows": [BODY] * 600}
            staying = asyncio.create_task(client.post(f"{PATH}/batch", json=rows))
            sent = await leave()
            assert sent[0]["status"] == 499
            assert len((await staying).json()["rows"]) == 600

    asyncio.run(ask())


def test_without_a_valid_key_only_what_describes_is_open(
    champions: Champions, tmp_path: Path
) -> None:
    _, text = create_key(str(tmp_path), "ana")
    keys = KeyRing(str(tmp_path))
    keys.look()
    ledger = Ledger()

    async def ask() -> None:
        async with client_of(Served(champions, GateRules(keys=keys, meter=ledger))) as client:
            for path in ("/health", "/ready", "/docs", "/openapi.json", "/docs/assets/favicon.png"):
                assert (await client.get(path)).status_code == 200
            for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {text}"}):
                reply = await client.post(PATH, json=BODY, headers=headers)
                _check(reply, 401, "no-key")
                assert reply.headers["www-authenticate"] == "Bearer"
            for path in ("/metrics", "/blueprints", "/docsx"):
                _check(await client.get(path), 401, "no-key")
            headers = {"Authorization": f"Bearer {text}"}
            assert (await client.post(PATH, json=BODY, headers=headers)).status_code == 200
            assert (await client.get("/blueprints", headers=headers)).status_code == 200

    asyncio.run(ask())
    assert ledger.total(UNAUTHORISED) == 3


def test_over_its_rate_a_key_is_told_when_to_ask_again(
    champions: Champions, tmp_path: Path
) -> None:
    text = create_key(str(tmp_path), "ana", per_minute=2)[1]
    keys = KeyRing(str(tmp_path))
    keys.look()
    ledger = Ledger()

    async def ask() -> None:
        rules = GateRules(keys=keys, rate=RateLimit(), meter=ledger)
        async with client_of(Served(champions, rules)) as client:
            client.headers["Authorization"] = f"Bearer {text}"
            assert (await client.post(PATH, json=BODY)).status_code == 200
            assert (await client.post(f"{PATH}/batch", json={"rows": [BODY]})).status_code == 200
            refused = await client.post(PATH, json=BODY)
            _check(refused, 429, "too-many")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert (await client.get("/blueprints")).status_code == 200

    asyncio.run(ask())
    assert ledger.total(LIMITED) == 1


@pytest.mark.parametrize("path", ["/health", "/docs", "/nowhere", PATH])
def test_every_answer_has_the_headers_that_browsers_heed(champions: Champions, path: str) -> None:
    async def ask() -> httpx.Response:
        async with client_of(Served(champions)) as client:
            return await client.get(path)

    headers = asyncio.run(ask()).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("order-17", True), ("a" * 128, True), ("a" * 129, False), ("a b", False), ('x"y', False)],
)
def test_the_id_of_a_request_is_the_clients_where_it_fits_a_log(
    champions: Champions, given: str, is_kept: bool
) -> None:
    async def ask() -> httpx.Response:
        async with client_of(Served(champions)) as client:
            return await client.post(PATH, json={}, headers={"X-Request-ID": given})

    reply = asyncio.run(ask())
    _check(reply, 422, "bad-request")
    assert (reply.headers["x-request-id"] == given) is is_kept


def test_a_bug_is_a_problem_without_a_trace_and_the_log_has_its_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a secret path /home/x.py")

    async def ask() -> httpx.Response:
        async with client_of(Gate(broken)) as client:
            return await client.post(PATH, headers={"X-Request-ID": "order-17"})

    reply = asyncio.run(ask())
    _check(reply, 500, "internal")
    assert "secret" not in reply.text
    assert "request_id=order-17" in caplog.text
    assert "a secret path" in caplog.text


def test_a_label_is_never_what_anybody_made_up(champions: Champions) -> None:
    ledger = Ledger()

    async def ask() -> None:
        async with client_of(Served(champions, replace(GateRules(), meter=ledger))) as client:
            for name in range(5):
                await client.post(f"/predict/made-up-{name}", json={})

    asyncio.run(ask())
    assert {labels[0] for _, _, labels in ledger.values} == {""}
