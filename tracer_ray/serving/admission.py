"""How many requests may wait in a replica; the others are refused at once.

A replica answers one after another, so what waits in it is all the delay there is. Refusing early
keeps that below half a second under any load, and the replica busy with answers that still help.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tracer_ray.serving.problems import ProblemError, overloaded


@dataclass(frozen=True)
class Room:
    """How many single requests and how many batches may be inside at once.

    400 answers of a millisecond, 16 batches of at most 50.
    """

    singles: int = 400
    batches: int = 16


class Admission:
    """The requests inside one replica."""

    def __init__(self, room: Room) -> None:
        """Begin empty."""
        self._most = {False: room.singles, True: room.batches}
        self._inside = {False: 0, True: 0}

    @contextmanager
    def inside(self, *, is_batch: bool) -> Iterator[None]:
        """Stay inside; ProblemError where there is no room."""
        if self._inside[is_batch] >= self._most[is_batch]:
            raise ProblemError(overloaded(self._most[is_batch]))
        self._inside[is_batch] += 1
        try:
            yield
        finally:
            self._inside[is_batch] -= 1
