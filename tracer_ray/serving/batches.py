"""Batches: answered in slices beside the event loop, so that single requests go on.

Slices of all batches of a replica take turns in one thread: more threads would only fight for the
interpreter. Small ones are answered in the loop, one a turn: what waits is inside then, where it
can be counted as the load that replicas are added for. A batch whose client went away, or whose
time is up, gives up the slices it has left. But for ranks, which are taken over the whole batch
afterwards, an answer never depends on its batch mates, so slices change nothing.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from tracer_ray.serving.answering import AnswerRows, Said
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.routing import Routes

_ROWS_IN_THE_LOOP = 20
_ROWS_OF_A_SLICE = 250
_Result = TypeVar("_Result")


class Batches:
    """The batches of one replica."""

    def __init__(self, answer: AnswerRows) -> None:
        """Start no thread before the first batch that needs it."""
        self._answer = answer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._turn = asyncio.Lock()

    async def answer(self, routes: Routes, asked: Sequence[Asked], receive: Receive) -> list[Said]:
        """An answer or error per row, in their order; ClientDisconnect where nobody waits."""
        if len(asked) <= _ROWS_IN_THE_LOOP:
            async with self._turn:
                await asyncio.sleep(0)
                return self._answer(routes, asked)
        return await unless_gone(self._in_slices(routes, asked), receive)

    async def _in_slices(self, routes: Routes, asked: Sequence[Asked]) -> list[Said]:
        answers: list[Said] = []
        loop = asyncio.get_running_loop()
        for start in range(0, len(asked), _ROWS_OF_A_SLICE):
            part = asked[start : start + _ROWS_OF_A_SLICE]
            answers += await loop.run_in_executor(self._thread, self._answer, routes, part)
        return answers


async def unless_gone(work: Coroutine[object, object, _Result], receive: Receive) -> _Result:
    """The result of some work, given up when the client disconnects.

    The whole request must have been read from `receive`. Raises ClientDisconnect.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect()
    finally:
        working.cancel()
        leaving.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
