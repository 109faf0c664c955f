"""Rounds: what waits together is answered together, and nobody notices."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from tracer_ray.errors import RequestError
from tracer_ray.prediction.examples import example_request
from tracer_ray.serving.answering import Observers, Said, answer_rows
from tracer_ray.serving.asked import Asked
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.meter import SilentMeter
from tracer_ray.serving.rounds import MOST_ROWS, Rounds
from tracer_ray.serving.routing import Routes

ANSWER = partial(answer_rows, Observers(SilentMeter()))
NOW = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def churn(champions: Champions) -> Routes:
    """Who answers customer_churn."""
    routes = champions.routes("customer_churn")
    assert routes is not None
    return routes


@pytest.fixture(scope="module")
def matches(champions: Champions) -> Routes:
    """Who answers match_outcome."""
    routes = champions.routes("match_outcome")
    assert routes is not None
    return routes


def _asked(row: Any) -> Asked:
    return Asked(row, 0, "", "", NOW)


def _rows(routes: Routes, number: int) -> list[Asked]:
    """Rows that differ."""
    row = dict(example_request(routes.champion.predictor))
    return [_asked({**row, "tenure_months": months}) for months in range(number)]


def _together(asked: list[tuple[Routes, Asked]]) -> list[Said | BaseException]:
    async def ask() -> list[Said | BaseException]:
        rounds = Rounds(ANSWER)
        answers = (rounds.answer(routes, each) for routes, each in asked)
        return list(await asyncio.gather(*answers, return_exceptions=True))

    return asyncio.run(ask())


def test_rows_that_wait_together_are_answered_as_if_alone(churn: Routes, matches: Routes) -> None:
    match = _asked(example_request(matches.champion.predictor))
    asked = [
        each for row in _rows(churn, 2 * MOST_ROWS + 1) for each in ((churn, row), (matches, match))
    ]
    alone = [ANSWER(routes, [each])[0] for routes, each in asked]
    assert _together(asked) == alone


def test_reasons_that_are_next_to_nothing_depend_on_no_company(churn: Routes) -> None:
    row = _asked({"tenure_months": 2})
    (alone,) = ANSWER(churn, [row])
    for company in range(2, MOST_ROWS):
        assert ANSWER(churn, [row] * company) == [alone] * company


def test_a_wrong_row_hurts_only_itself(churn: Routes) -> None:
    good, other = _rows(churn, 2)
    said = _together([(churn, good), (churn, _asked({"tenure_months": "long"})), (churn, other)])
    assert isinstance(said[1], RequestError)
    assert [said[0], said[2]] == ANSWER(churn, [good, other])


def test_a_row_that_nobody_can_read_hurts_only_itself(churn: Routes) -> None:
    good, other = _rows(churn, 2)
    said = _together([(churn, good), (churn, _asked(5)), (churn, other)])
    assert isinstance(said[1], Exception)
    assert [said[0], said[2]] == ANSWER(churn, [good, other])


def test_a_caller_who_leaves_is_not_answered_and_stops_nobody(churn: Routes) -> None:
    first, second, third = _rows(churn, 3)

    async def ask() -> list[Said]:
        rounds = Rounds(ANSWER)
        before, leaving, after = (
            asyncio.create_task(rounds.answer(churn, row)) for row in (first, second, third)
        )
        await asyncio.sleep(0)
        leaving.cancel()
        said = [await before, await after]
        assert leaving.cancelled()
        return said

    assert asyncio.run(ask()) == ANSWER(churn, [first, third])


def test_other_work_goes_on_between_rounds(churn: Routes) -> None:
    rows = _rows(churn, 5 * MOST_ROWS)

    async def ask() -> tuple[set[int], list[Said]]:
        rounds, turns = Rounds(ANSWER), 0

        async def work() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def one(asked: Asked) -> tuple[int, Said]:
            said = await rounds.answer(churn, asked)
            return turns, said

        working = asyncio.create_task(work())
        found = await asyncio.gather(*map(one, rows))
        working.cancel()
        return {turn for turn, _ in found}, [said for _, said in found]

    turns, said = asyncio.run(ask())
    assert len(turns) == 5
    assert said == ANSWER(churn, rows)
