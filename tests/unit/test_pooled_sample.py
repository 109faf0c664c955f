"""What fits to a sample of rows say of fits to all of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from blueprints.player_props import PLAYER_PROPS
from tests.small_run import planned
from tracer_ray.blueprint import Baseline, Candidate, Portfolio, candidate
from tracer_ray.synthetic import player_games
from tracer_ray.training.pooled import PooledTrial
from tracer_ray.training.pooled_sample import SampledFit, corrected, grown_seconds, pooled_rates
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import build_features, gather_surveys, labelled_rows, survey

SECONDS = st.floats(0.01, 100.0)
NOTHING_SAID = np.zeros(0)


@given(SECONDS, SECONDS, st.floats(1.0, 1000.0))
def test_a_fixed_part_and_a_part_per_row_are_told_apart(
    fixed_s: float, per_row_s: float, times: float
) -> None:
    # the sample has 3 rows, its third one
    few_s, many_s = fixed_s + per_row_s, fixed_s + 3.0 * per_row_s
    expected_s = fixed_s + 3.0 * times * per_row_s
    assert abs(grown_seconds(few_s, many_s, times) - expected_s) < 1e-6 * expected_s


@given(SECONDS, SECONDS, st.floats(1.0, 1000.0))
def test_more_rows_never_take_less(few_s: float, many_s: float, times: float) -> None:
    assert grown_seconds(few_s, many_s, times) >= many_s


def sampled(asked: Candidate, rounds: int, search_s: float, refit_s: float) -> SampledFit:
    pinned = candidate(asked.family, rounds=rounds) if rounds else asked
    return SampledFit(asked, PooledTrial(pinned, NOTHING_SAID, 1.0, 0.1), search_s, refit_s)


def test_one_booster_on_all_rows_corrects_the_others_and_no_linear_model() -> None:
    boosted, other, linear = map(candidate, ("lightgbm", "xgboost", "elastic_net"))
    fits = [
        sampled(boosted, 90, 4.0, 2.0),
        sampled(other, 70, 8.0, 6.0),
        sampled(linear, 0, 1.0, 1.0),
    ]
    took = sampled(boosted, 180, 6.0, 4.0)
    found = corrected(fits, fits[0], took)
    assert [(each.search_s, each.refit_s) for each in found] == [
        (6.0, 4.0),
        (12.0, 12.0),
        (1.0, 1.0),
    ]


def test_many_rows_are_foretold_by_a_fit_to_the_rows_of_all_buckets(tmp_path: Path) -> None:
    games = player_games(players=8, seasons=2, games_per_season=70, seed=1).rows
    boosters = Portfolio((candidate("lightgbm"), candidate("xgboost")), ())
    alone = replace(PLAYER_PROPS, portfolio=boosters, baselines=(Baseline("usual points"),))
    plan = planned(alone, games, tmp_path, ("points",))
    build_features(plan, 0, *gather_surveys(plan, [survey(plan, 0)]))
    reader = BucketReader(plan.part_folder("features"))
    rates = pooled_rates(plan, "points", labelled_rows(plan, "points", reader.features(0)), 1)
    assert min(rates.search, rates.ensemble) > 0.0
    assert len(reader.features(1)) == len(plan.read_rows(1))
