"""Connections to the Redis that replicas share, where TRACER_REDIS_URL names one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

REDIS_VARIABLE = "TRACER_REDIS_URL"
_WITHIN_S = 0.25


def connections(redis_url: str) -> "ConnectionPool":
    """Connections that give up soon: an answer itself takes a millisecond."""
    from redis.asyncio import ConnectionPool

    return ConnectionPool.from_url(
        redis_url, socket_timeout=_WITHIN_S, socket_connect_timeout=_WITHIN_S
    )
