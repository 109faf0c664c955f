"""The rate limit of each key: requests per minute, in a moving window.

Counted in the replica's memory, so each replica allows the limit; or, where TRACER_REDIS_URL names
a Redis, once for all of them.
"""

import logging
import math
import time
from typing import TYPE_CHECKING, Any

from tracer_ray.serving.keys import Key
from tracer_ray.serving.redis_connections import connections

if TYPE_CHECKING:
    from limits.aio.storage import Storage
    from redis.asyncio import ConnectionPool

_LOG = logging.getLogger(__name__)


class RateLimit:
    """The limits of all keys, counted here or in a Redis (redis://host:port)."""

    def __init__(self, redis_url: str = "") -> None:
        """Connect to nothing before the first request."""
        from limits.aio.storage import MemoryStorage
        from limits.aio.strategies import MovingWindowRateLimiter

        self._pool = connections(redis_url) if redis_url else None
        storage = _shared(redis_url, self._pool) if self._pool else MemoryStorage()
        self._limiter = MovingWindowRateLimiter(storage)

    async def close(self) -> None:
        """Leave the Redis."""
        if self._pool:
            await self._pool.aclose()

    async def wait_s(self, key: Key) -> int:
        """Count a request; 0 where it is within the limit, else after how many seconds to ask.

        A Redis that does not answer lets requests through: it must not take the service along.
        """
        from limits import RateLimitItemPerMinute

        limit = RateLimitItemPerMinute(key.per_minute)
        try:
            if await self._limiter.hit(limit, key.id):
                return 0
            stats = await self._limiter.get_window_stats(limit, key.id)
        except Exception as error:  # whatever the client library raises
            _LOG.warning("event=rate_limit_unavailable reason=%r", str(error))
            return 0
        return max(1, math.ceil(stats.reset_time - time.time()))


def _shared(redis_url: str, pool: "ConnectionPool") -> "Storage":
    from limits.aio.storage import RedisStorage

    options: dict[str, Any] = {"connection_pool": pool}  # typed too narrowly there
    return RedisStorage(f"async+{redis_url}", implementation="redispy", **options)
