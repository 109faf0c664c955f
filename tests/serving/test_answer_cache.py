"""Contexts that are kept: the same ones, never those of another release, and gone in time."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from tests.ledger import Ledger
from tests.twin_releases import pointer_to, twin
from tracer_ray.errors import RequestError
from tracer_ray.ports import free_port
from tracer_ray.registry.pointers import write_pointer
from tracer_ray.serving.answer_cache import AnswerCache, MemoryCache, RedisCache, answer_cache
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.context_api import Contexts, Told
from tracer_ray.serving.meter import CONTEXTS

ID = "player_props"


class Asked:
    """Contexts of a home's champions with a cache, and how many were kept in it."""

    def __init__(self, champions: Champions, cache: AnswerCache) -> None:
        self.ledger = Ledger()
        self.contexts = Contexts(champions, cache, self.ledger)

    async def tell(self, *names: str) -> Told:
        told = await self.contexts.tell(ID, names, {})
        assert told is not None
        return told

    @property
    def kept(self) -> float:
        return self.ledger.total(CONTEXTS, ID, "kept")


def test_what_is_kept_is_told_again_and_errors_are_not(champions: Champions) -> None:
    async def ask() -> None:
        asked = Asked(champions, MemoryCache())
        first = await asked.tell("1001", "nobody", "1001", "1002")
        again = await asked.tell("1002", "nobody", "1001")
        assert (again[0], again[2]) == (first[3], first[0])
        assert isinstance(again[1], RequestError)
        assert asked.kept == 2
        assert asked.ledger.total(CONTEXTS, ID, "put together") == 2

    asyncio.run(ask())


def test_what_is_no_text_is_an_error_and_no_fault_of_the_cache(champions: Champions) -> None:
    async def ask() -> None:
        contexts = Contexts(champions, MemoryCache(), Ledger())
        (wrong,) = await contexts.tell(ID, ["1001"], {"opponent": "\ud800"}) or []
        assert "Unicode" in str(wrong)
        (unknown,) = await contexts.tell(ID, ["\ud800"], {}) or []
        assert isinstance(unknown, RequestError)

    asyncio.run(ask())


def test_another_release_is_told_of_at_once(home: str) -> None:
    champions = Champions(home, (ID,))
    champions.load()

    async def ask() -> None:
        asked = Asked(champions, MemoryCache())
        before = await asked.tell("1001")
        write_pointer(home, pointer_to(twin(home, ID, 1)))
        champions.look()
        await asked.tell("1001")
        assert asked.kept == 0
        assert await asked.tell("1001") == await asked.tell("1001") != before
        assert asked.kept == 2

    asyncio.run(ask())


def test_nothing_is_kept_longer_than_its_time_or_beyond_its_room() -> None:
    async def ask() -> None:
        brief = MemoryCache(ttl_s=0.02)
        await brief.keep({"a": b"1"})
        time.sleep(0.03)
        assert await brief.look_up(["a"]) == [None]
        small = MemoryCache(most_bytes=4)
        await small.keep({"a": b"12", "b": b"34", "c": b"56", "d": b"too long"})
        assert await small.look_up(["a", "b", "c", "d"]) == [None, b"34", b"56", None]

    asyncio.run(ask())


def test_replicas_that_share_a_redis_share_what_is_kept(
    champions: Champions, redis_url: str
) -> None:
    async def ask() -> None:
        caches = [answer_cache(redis_url), answer_cache(redis_url), RedisCache(redis_url, 0.05)]
        one, other, _ = (Asked(champions, each) for each in caches)
        assert await one.tell("1001", "1002") == await other.tell("1001", "1002")
        assert (one.kept, other.kept) == (0, 2)
        await caches[2].keep({"brief": b"1"})
        assert await caches[0].look_up(["brief"]) == [b"1"]
        time.sleep(0.06)
        assert await caches[0].look_up(["brief"]) == [None]
        await _close(caches)

    asyncio.run(ask())


def test_a_redis_that_is_down_is_an_empty_cache_and_is_left_alone_for_a_while(
    champions: Champions, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> None:
        cache = answer_cache(f"redis://127.0.0.1:{free_port()}")
        asked = Asked(champions, cache)
        assert await asked.tell("1001") == await asked.tell("1001")
        assert asked.kept == 0
        await _close([cache])

    asyncio.run(ask())
    assert [each.message[:35] for each in caplog.records] == ["event=answer_cache_unavailable reas"]


async def _close(caches: Sequence[AnswerCache]) -> None:
    for each in caches:
        assert isinstance(each, RedisCache)
        await each.close()
