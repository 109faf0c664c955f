"""API keys: shown once, hashed at rest, valid until revoked, within their rate."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.cli import main
from tracer_ray.errors import RequestError
from tracer_ray.ports import free_port
from tracer_ray.serving.keys import KeyRing, create_key, list_keys, revoke_key
from tracer_ray.serving.rate_limit import RateLimit


def _ring(home: Path) -> KeyRing:
    ring = KeyRing(str(home))
    ring.look()
    return ring


def test_a_key_is_valid_until_it_is_revoked(tmp_path: Path) -> None:
    key, text = create_key(str(tmp_path), "ana", per_minute=7)
    ring = _ring(tmp_path)
    found = ring.find(text)
    assert found is not None
    assert (found.name, found.per_minute) == ("ana", 7)
    revoke_key(str(tmp_path), key.id)
    assert ring.find(text) is not None
    ring.look()
    assert ring.find(text) is None
    assert [each.is_revoked for each in list_keys(str(tmp_path))] == [True]


def test_no_file_holds_the_key(tmp_path: Path) -> None:
    _, text = create_key(str(tmp_path), "ana")
    secret = text.split("_", 2)[2]
    assert len(secret) >= 43  # 256 bits
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(secret in file.read_text() for file in files)


@given(st.text())
def test_no_other_text_is_a_key(text: str) -> None:
    assert RING.find(text) is None


RING = KeyRing("no home")


@pytest.mark.parametrize("change", ["", "x", "tracer_", "Tracer"])
def test_nearly_the_key_is_no_key(tmp_path: Path, change: str) -> None:
    _, text = create_key(str(tmp_path), "ana")
    other = {"": text[:-1], "x": f"{text}x", "tracer_": text.removeprefix("tracer_")}
    assert _ring(tmp_path).find(other.get(change, text.replace("tracer", change))) is None


def test_the_commands_make_list_and_revoke(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path), "--json"]
    assert main(["keys", "create", "ana", "--per-minute", "5", *home]) == 0
    made = json.loads(capsys.readouterr().out)
    assert _ring(tmp_path).find(made["key"])
    assert main(["keys", "revoke", made["id"], *home]) == 0
    assert main(["keys", "list", *home]) == 0
    (listed,) = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (listed["name"], listed["per_minute"], listed["is_revoked"]) == ("ana", 5, True)
    assert made["key"].split("_", 2)[2] not in json.dumps(listed)
    assert main(["keys", "revoke", "nobody", *home]) == 2
    assert "no key 'nobody'; there is" in capsys.readouterr().err
    with pytest.raises(RequestError, match="at least 1"):
        create_key(str(tmp_path), "ana", per_minute=0)


def test_a_key_has_its_own_rate(tmp_path: Path) -> None:
    first, _ = create_key(str(tmp_path), "ana", per_minute=3)
    second, _ = create_key(str(tmp_path), "bo", per_minute=3)

    async def ask() -> None:
        rate = RateLimit()
        assert [await rate.wait_s(first) for _ in range(3)] == [0, 0, 0]
        assert 1 <= await rate.wait_s(first) <= 60
        assert await rate.wait_s(second) == 0

    asyncio.run(ask())


def test_replicas_that_share_a_redis_share_the_rate(tmp_path: Path, redis_url: str) -> None:
    key, _ = create_key(str(tmp_path), "ana", per_minute=3)

    async def ask() -> None:
        one, other = RateLimit(redis_url), RateLimit(redis_url)
        assert [await each.wait_s(key) for each in (one, other, one)] == [0, 0, 0]
        assert await other.wait_s(key) >= 1
        await one.close()
        await other.close()

    asyncio.run(ask())


def test_a_redis_that_is_down_lets_requests_through(tmp_path: Path) -> None:
    key, _ = create_key(str(tmp_path), "ana", per_minute=1)

    async def ask() -> None:
        rate = RateLimit(f"redis://127.0.0.1:{free_port()}")
        assert [await rate.wait_s(key) for _ in range(3)] == [0, 0, 0]
        await rate.close()

    asyncio.run(ask())
