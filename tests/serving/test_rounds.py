"""Rounds: what waits together is answered together, and nobody notices."""

import asyncio
from typing import Any, cast

import pytest

from tracer_ray.errors import RequestError
from tracer_ray.prediction.examples import example_request
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.rounds import MOST_ROWS, Rounds, Said


@pytest.fixture(scope="module")
def churn(champions: Champions) -> Predictor:
    """The champion of customer_churn."""
    predictor = champions.predictor("customer_churn")
    assert predictor is not None
    return predictor


@pytest.fixture(scope="module")
def matches(champions: Champions) -> Predictor:
    """The champion of match_outcome."""
    predictor = champions.predictor("match_outcome")
    assert predictor is not None
    return predictor


def _rows(predictor: Predictor, number: int) -> list[dict[str, object]]:
    """Rows that differ."""
    row = dict(example_request(predictor))
    return [{**row, "tenure_months": months} for months in range(number)]


def _together(asked: list[tuple[Predictor, Any]]) -> list[Said | BaseException]:
    async def ask() -> list[Said | BaseException]:
        rounds = Rounds()
        answers = (rounds.answer(predictor, row) for predictor, row in asked)
        return list(await asyncio.gather(*answers, return_exceptions=True))

    return asyncio.run(ask())


def test_rows_that_wait_together_are_answered_as_if_alone(
    churn: Predictor, matches: Predictor
) -> None:
    match = {**example_request(matches), "date": "2031-01-01"}
    asked = [
        each for row in _rows(churn, 2 * MOST_ROWS + 1) for each in ((churn, row), (matches, match))
    ]
    alone = [predictor.answer([row])[0] for predictor, row in asked]
    assert _together(asked) == alone


def test_a_wrong_row_hurts_only_itself(churn: Predictor) -> None:
    good, other = _rows(churn, 2)
    said = _together([(churn, good), (churn, {"tenure_months": "long"}), (churn, other)])
    assert isinstance(said[1], RequestError)
    assert [said[0], said[2]] == churn.answer([good, other])


def test_a_row_that_nobody_can_read_hurts_only_itself(churn: Predictor) -> None:
    good, other = _rows(churn, 2)
    said = _together([(churn, good), (churn, cast(Any, 5)), (churn, other)])
    assert isinstance(said[1], Exception)
    assert [said[0], said[2]] == churn.answer([good, other])


def test_a_caller_who_leaves_is_not_answered_and_stops_nobody(churn: Predictor) -> None:
    first, second, third = _rows(churn, 3)

    async def ask() -> list[Said]:
        rounds = Rounds()
        before, leaving, after = (
            asyncio.create_task(rounds.answer(churn, row)) for row in (first, second, third)
        )
        await asyncio.sleep(0)
        leaving.cancel()
        said = [await before, await after]
        assert leaving.cancelled()
        return said

    assert asyncio.run(ask()) == churn.answer([first, third])


def test_other_work_goes_on_between_rounds(churn: Predictor) -> None:
    rows = _rows(churn, 5 * MOST_ROWS)

    async def ask() -> tuple[set[int], list[Said]]:
        rounds, turns = Rounds(), 0

        async def work() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def one(row: dict[str, object]) -> tuple[int, Said]:
            said = await rounds.answer(churn, row)
            return turns, said

        working = asyncio.create_task(work())
        found = await asyncio.gather(*map(one, rows))
        working.cancel()
        return {turn for turn, _ in found}, [said for _, said in found]

    turns, said = asyncio.run(ask())
    assert len(turns) == 5
    assert said == churn.answer(rows)
