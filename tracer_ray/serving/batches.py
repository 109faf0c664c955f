"""Batches: answered in slices beside the event loop, so that single requests go on.

Slices of all batches of a replica take turns in one thread: more threads would only fight for the
interpreter. A batch whose client went away, or whose time is up, gives up the slices it has left.
An answer depends on its batch mates in its rank alone; ranks are taken anew over the whole batch,
so slices change nothing.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.ranking import ranked
from tracer_ray.prediction.requests import Request

_ROWS_IN_THE_LOOP = 20
_ROWS_OF_A_SLICE = 250
_Result = TypeVar("_Result")


class Batches:
    """The batches of one replica."""

    def __init__(self) -> None:
        """Start no thread before the first batch that needs it."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batch")

    async def answer(
        self, predictor: Predictor, rows: Sequence[Request], receive: Receive
    ) -> list[Answered | RequestError]:
        """An answer or error per row, in their order; ClientDisconnect where nobody waits."""
        if len(rows) <= _ROWS_IN_THE_LOOP:
            return predictor.answer(rows)
        return await unless_gone(self._in_slices(predictor, rows), receive)

    async def _in_slices(
        self, predictor: Predictor, rows: Sequence[Request]
    ) -> list[Answered | RequestError]:
        answers: list[Answered | RequestError] = []
        loop = asyncio.get_running_loop()
        for start in range(0, len(rows), _ROWS_OF_A_SLICE):
            part = rows[start : start + _ROWS_OF_A_SLICE]
            answers += await loop.run_in_executor(self._thread, predictor.answer, part)
        return ranked(predictor.blueprint, answers)


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
