"""Refusing a release: why it does not answer here, as anybody may read it."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from tracer_ray.errors import TracerError
from tracer_ray.registry.pointers import Pointer

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """A release that does not answer here, why, and since when (ISO time)."""

    release: str
    reason: str
    when: str


def refuse(pointer: Pointer, error: Exception) -> Refusal:
    """The refusal of what a pointer names; the whole reason is logged."""
    _LOG.error(
        "event=release_refused blueprint=%s release=%s reason=%r",
        pointer.blueprint,
        pointer.release,
        str(error),
        exc_info=None if isinstance(error, TracerError) else error,
    )
    return Refusal(pointer.release, told(error), now_text())


def told(error: Exception) -> str:
    """The reason as anybody may read it: no trace, and of a path only its last part."""
    kind = type(error).__name__
    if not isinstance(error, TracerError):
        return f"{kind}: see the server's log"
    return f"{kind}: {' '.join(word.rpartition('/')[2] for word in str(error).split())}"


def now_text() -> str:
    """The present as ISO text, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
