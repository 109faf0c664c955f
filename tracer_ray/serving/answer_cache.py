"""Answers that are kept for a while: in the replica's memory, or in a Redis that replicas share.

Nothing is ever invalidated: a key names all that an answer depends on, so that one of a former
release is not found any more, and goes when its time to live is over.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from cachetools import TTLCache

from tracer_ray.serving.redis_connections import connections

TTL_S = 30.0
_MOST_BYTES = 64 * 2**20
_REST_S = 5.0  # what a Redis that failed is left alone for: each failure may take a while
_LOG = logging.getLogger(__name__)


class AnswerCache(Protocol):
    """Keeps bytes by their key for a time to live."""

    async def look_up(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept for each key, None where nothing is."""

    async def keep(self, answers: Mapping[str, bytes]) -> None:
        """Keep answers; a later one of the same key takes its place."""


class MemoryCache:
    """The cache of one replica; what was used longest ago goes first."""

    def __init__(self, ttl_s: float = TTL_S, most_bytes: int = _MOST_BYTES) -> None:
        """Keep nothing yet."""
        self._kept: TTLCache[str, bytes] = TTLCache(most_bytes, ttl_s, getsizeof=len)

    async def look_up(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept for each key, None where nothing is."""
        return [self._kept.get(key) for key in keys]

    async def keep(self, answers: Mapping[str, bytes]) -> None:
        """Keep answers; one that is larger than the cache is not."""
        for key, answer in answers.items():
            if len(answer) <= self._kept.maxsize:
                self._kept[key] = answer


class RedisCache:
    """A cache that several replicas share; one that does not answer is an empty one."""

    def __init__(self, url: str, ttl_s: float = TTL_S) -> None:
        """Connect to nothing before the first look."""
        from redis.asyncio import Redis

        self._redis = Redis.from_pool(connections(url))  # which it closes with itself
        self._ttl_ms = round(1000 * ttl_s)
        self._away_until_s = 0.0

    async def look_up(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept for each key, None where nothing is."""
        if not keys or time.monotonic() < self._away_until_s:
            return [None] * len(keys)
        try:
            kept = await self._redis.mget([_named(key) for key in keys])
        except Exception as error:  # whatever the client library raises
            self._leave_alone(error)
            return [None] * len(keys)
        return [each if isinstance(each, bytes) else None for each in kept]

    async def keep(self, answers: Mapping[str, bytes]) -> None:
        """Keep answers for the time to live, in one round trip."""
        if not answers or time.monotonic() < self._away_until_s:
            return
        try:
            async with self._redis.pipeline(transaction=False) as orders:
                for key, answer in answers.items():
                    orders.set(_named(key), answer, px=self._ttl_ms)
                await orders.execute()
        except Exception as error:
            self._leave_alone(error)

    async def close(self) -> None:
        """Leave the Redis."""
        await self._redis.aclose()

    def _leave_alone(self, error: Exception) -> None:
        _LOG.warning("event=answer_cache_unavailable reason=%r", str(error))
        self._away_until_s = time.monotonic() + _REST_S


def answer_cache(redis_url: str = "", ttl_s: float = TTL_S) -> AnswerCache:
    """The cache in a Redis (redis://host:port), or without one in memory."""
    return RedisCache(redis_url, ttl_s) if redis_url else MemoryCache(ttl_s)


def _named(key: str) -> str:
    return f"tracer:answer:{key}"
