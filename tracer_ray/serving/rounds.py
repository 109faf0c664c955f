"""Rounds: single requests that wait at the same time are answered together.

A row in company costs a tenth of a row alone, because most of an answer's work is done once for all
of its rows. Nobody is kept waiting for company: a round takes what is there at the next turn of the
event loop, alone where it is alone. An answer never depends on its round mates.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from tracer_ray.serving.answering import AnswerRows, Said
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.routing import Routes

# A round of so many holds up the event loop for about two milliseconds. Were it unbounded, it would
# answer all that wait, and take as long.
MOST_ROWS = 32


@dataclass(frozen=True)
class Waiting:
    """A row, who answers it as of when it came, and where its answer goes."""

    routes: Routes
    asked: Asked
    said: "asyncio.Future[Said]"


class Rounds:
    """The single requests of one replica, answered in the order in which they came."""

    def __init__(self, answer: AnswerRows) -> None:
        """Begin with nobody waiting."""
        self._answer = answer
        self._waiting: deque[Waiting] = deque()
        self._work: asyncio.Task[None] | None = None

    async def answer(self, routes: Routes, asked: Asked) -> Said:
        """The answer to a row, or its error; a caller that is cancelled leaves the queue."""
        mine = Waiting(routes, asked, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._work is None:
            self._work = asyncio.create_task(self._go_round())
        return await mine.said

    async def _go_round(self) -> None:
        """Answer until nobody waits, and let the event loop turn once per answer.

        A turn accepts one connection. With fewer turns than answers new clients would wait for
        seconds behind those that are connected, and health checks would fail.
        """
        turns = 1
        try:
            while self._waiting:
                for _ in range(turns):
                    await asyncio.sleep(0)
                taken = self._next()
                for mates in taken:
                    self._tell(mates)
                turns = max(1, sum(map(len, taken)))
        finally:
            self._work = None

    def _next(self) -> list[list[Waiting]]:
        """The rows that came first, by who answers them; what was given up is left out."""
        taken: dict[int, list[Waiting]] = {}
        for _ in range(min(MOST_ROWS, len(self._waiting))):
            first = self._waiting.popleft()
            if not first.said.done():
                taken.setdefault(id(first.routes), []).append(first)
        return list(taken.values())

    def _tell(self, mates: list[Waiting]) -> None:
        """Give each row its answer; where that fails, each is tried alone and hurts only itself."""
        try:
            answers = self._answer(mates[0].routes, [each.asked for each in mates])
        except Exception as error:
            if len(mates) == 1:
                mates[0].said.set_exception(error)
            else:
                for each in mates:
                    self._tell([each])
            return
        for each, said in zip(mates, answers, strict=True):
            each.said.set_result(said)
