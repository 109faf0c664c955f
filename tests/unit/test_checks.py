"""A run finds out when its rows leak, and how lucky the best of its candidates is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tests.own_rows import MAE, RESOURCES
from tests.small_run import planned, write_features
from tracer_ray.blueprint import candidate
from tracer_ray.splits import Part
from tracer_ray.synthetic import matches, player_games
from tracer_ray.training.control import leak_warning, measure_control, shuffled_rows
from tracer_ray.training.optimism import corrected_loss, optimism
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import LabelledRows, PooledTrial, judged_outcomes
from tracer_ray.training.stages import gather

BOOSTED = candidate("lightgbm", num_leaves=15, depth=4, learning_rate=0.1, rounds=60)


@pytest.fixture(scope="module")
def props(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    games = player_games(players=20, seasons=2, games_per_season=60, seed=1).rows
    return planned(PLAYER_PROPS, games, tmp_path_factory.mktemp("props"), ("points",), buckets=1)


def test_shuffled_outcomes_are_the_same_outcomes_and_teach_nothing(props: TrainingPlan) -> None:
    write_features(props)
    rows, shuffled = gather(props, "points"), shuffled_rows(props, "points")
    goal = props.objective("points")
    assert sorted(shuffled.y) == sorted(rows.y)
    sound = measure_control(rows, goal, BOOSTED, RESOURCES)
    control = measure_control(shuffled, goal, BOOSTED, RESOURCES)
    assert sound is not None
    assert sound.has_skill  # there is something to learn
    assert control is not None
    assert not control.has_skill
    assert control.rows == rows.part(Part.VALIDATION).sum()
    assert leak_warning(control) == ""


def test_a_feature_that_reads_its_own_outcome_is_found_out(props: TrainingPlan) -> None:
    shuffled = shuffled_rows(props, "points")
    x = shuffled.x.copy()
    x[:, 0] = shuffled.y
    leaking = replace(shuffled, x=x)
    control = measure_control(leaking, props.objective("points"), BOOSTED, RESOURCES)
    assert control is not None
    assert control.has_skill
    assert "rows leak" in leak_warning(control)


def test_sides_of_shuffled_meetings_teach_nothing_either(tmp_path: Path) -> None:
    table = matches(teams=12, rounds=60, seed=1).rows
    plan = planned(MATCH_OUTCOME, table, tmp_path, ("won",), buckets=1)
    control = measure_control(shuffled_rows(plan, "won"), plan.objective("won"), BOOSTED, RESOURCES)
    assert control is not None
    assert not control.has_skill


def rows_of(y: np.ndarray[tuple[int], np.dtype[np.float64]]) -> LabelledRows:
    """Rows of which the second half is validation."""
    count = len(y)
    parts = np.where(np.arange(count) < count // 2, Part.TRAIN, Part.VALIDATION).astype(np.int8)
    x = np.zeros((count, 2), dtype=np.float32)
    return LabelledRows(x, y, np.arange(count, dtype=np.float64), parts, is_by_time=True)


def test_few_rows_are_not_controlled() -> None:
    assert measure_control(rows_of(np.arange(100.0)), MAE, BOOSTED, RESOURCES) is None
    assert leak_warning(None) == ""


def test_the_best_of_many_guesses_is_expected_to_be_an_average_guess() -> None:
    random = np.random.default_rng(3)
    rows = rows_of(random.normal(size=800))
    actual = judged_outcomes(rows)
    guesses = [random.normal(size=400) for _ in range(30)]
    losses = [float(np.abs(actual - each).mean()) for each in guesses]
    trials = [
        PooledTrial(BOOSTED, each, loss, 0.0) for each, loss in zip(guesses, losses, strict=True)
    ]
    found = optimism(rows, MAE, trials, seed=0)
    assert found is not None
    assert found.candidates == 30
    assert found.best == min(losses)
    luck = np.mean(losses) - min(losses)
    assert found.corrected - found.best > 0.5 * luck
    assert found.corrected == pytest.approx(np.mean(losses), rel=0.05)


def test_one_candidate_owes_nothing_to_having_been_chosen() -> None:
    losses = np.random.default_rng(1).gamma(2.0, size=(1, 2000))
    assert corrected_loss(losses) == pytest.approx(losses.mean(), rel=0.01)
    assert optimism(rows_of(np.arange(10.0)), MAE, (), seed=0) is None
