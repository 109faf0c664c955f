"""Ranks among batch mates, and nothing else that depends on them."""

from pathlib import Path

import numpy as np
import pytest

from blueprints.yield_optimization import YIELD_OPTIMIZATION
from tests.in_process import ingested, released
from tracer_ray.errors import RequestError
from tracer_ray.prediction.evaluation import evaluate_target, walk
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.ranking import ranked
from tracer_ray.synthetic import pool_yields

RANKS = ("rank", "ranked_among", "percentile")
DAY = "2024-10-27"


@pytest.fixture(scope="module")
def yields(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    made = pool_yields(pools=12, days=300, seed=3).rows
    return Predictor.open(released(YIELD_OPTIMIZATION, made, tmp_path_factory.mktemp("y")).uri)


def asked(count: int, day: str = DAY) -> list[dict[str, object]]:
    return [{"pool": f"pool {number + 1:03d}", "date": day} for number in range(count)]


def answers(predictor: Predictor, requests: list[dict[str, object]]) -> list[dict[str, object]]:
    said = predictor.answer(requests)
    return [each for each in said if not isinstance(each, RequestError)]


def test_the_highest_score_of_the_day_is_first(yields: Predictor) -> None:
    said = answers(yields, asked(12))
    in_order = sorted(said, key=lambda each: -float(str(each["score"])))
    assert [each["rank"] for each in in_order] == list(range(1, 13))
    assert in_order[0]["percentile"] == 1.0
    assert in_order[-1]["percentile"] == 0.0
    assert {each["ranked_among"] for each in said} == {12}
    assert all(each["score"] == each["expected_yield"] for each in said)


def test_only_ranks_depend_on_batch_mates(yields: Predictor) -> None:
    together = answers(yields, asked(12))
    for each, request in zip(together, asked(12), strict=True):
        (alone,) = answers(yields, [request])
        assert [alone[name] for name in RANKS] == [1, 1, None]
        assert {k: v for k, v in alone.items() if k not in RANKS} == {
            k: v for k, v in each.items() if k not in RANKS
        }


def test_days_are_ranked_apart_and_errors_are_no_mates(yields: Predictor) -> None:
    later, unknown = asked(3, "2024-10-28"), {"pool": "nobody", "date": DAY}
    said = yields.answer([*asked(3), unknown, *later])
    assert isinstance(said[3], RequestError)
    for day in (said[:3], said[4:]):
        known = [each for each in day if not isinstance(each, RequestError)]
        assert sorted(int(str(each["rank"])) for each in known) == [1, 2, 3]


def test_slices_that_are_put_together_are_ranked_as_one(yields: Predictor) -> None:
    requests = asked(12)
    parts = [*yields.answer(requests[:5]), *yields.answer(requests[5:])]
    assert ranked(yields.blueprint, parts) == yields.answer(requests)


def test_the_order_of_known_yields_is_found(yields: Predictor) -> None:
    figures = yields.release.manifest.figures["average_yield"]
    assert figures.ours["rmsle"] < figures.baseline["rmsle"]
    assert figures.ours["rank_correlation"] > 0.5
    assert figures.ours["rank_correlation_t"] > 3.0
    assert np.isfinite(figures.ours["ndcg"])


def test_newer_rows_are_ranked_and_judged_as_test_rows_are(
    yields: Predictor, tmp_path: Path
) -> None:
    """The next sixty days of the same pools, of which the last six have no outcome yet."""
    made = pool_yields(pools=12, days=360, seed=3).rows
    newer = ingested(yields.blueprint, made.slice(300 * 12), tmp_path)
    found = evaluate_target(yields, walk(yields, newer), "average_yield")
    assert found.n == 54 * 12
    assert found.ours["rank_correlation"] > 0.5
    assert found.ours["skill"] > 0.0
    assert "rank_correlation" not in found.baseline or found.baseline["skill"] == 0.0
