"""Batches that come at once are answered one after another, and wait where they can be counted."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from tracer_ray.errors import RequestError
from tracer_ray.serving.answering import Said
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.batches import Batches
from tracer_ray.serving.routing import Routes

ROUTES = cast(Routes, None)  # who answers is not asked for here
ASKED = [Asked({}, 0, "", "", datetime.now(UTC))]


async def _never() -> dict[str, object]:
    await asyncio.Event().wait()
    return {}


def test_small_batches_wait_inside_and_let_the_loop_turn_between_them() -> None:
    inside = 0
    seen: list[int] = []

    def answer(_: Routes, asked: Sequence[Asked]) -> list[Said]:
        return [{} for _ in asked]

    async def come(batches: Batches) -> None:
        nonlocal inside
        inside += 1
        await batches.answer(ROUTES, ASKED, _never)
        inside -= 1

    async def look() -> None:
        while not seen or inside:
            seen.append(inside)
            await asyncio.sleep(0)

    async def main() -> None:
        batches = Batches(answer)
        await asyncio.gather(*(come(batches) for _ in range(5)), look())

    asyncio.run(main())
    assert {5, 4, 3, 2, 1} <= set(seen)


def test_a_batch_that_fails_lets_the_next_one_in() -> None:
    def answer(_: Routes, asked: Sequence[Asked]) -> list[Said]:
        raise RequestError("no")

    async def main() -> list[object]:
        batches = Batches(answer)
        both = (batches.answer(ROUTES, ASKED, _never) for _ in range(2))
        return list(await asyncio.gather(*both, return_exceptions=True))

    assert [type(each) for each in asyncio.run(main())] == [RequestError, RequestError]
