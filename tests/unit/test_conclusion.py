"""What a run concludes: calibrated on calibration rows, scored once on test rows."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    mean_absolute_error,
    roc_auc_score,
    root_mean_squared_error,
)

from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tests.small_run import prepared
from tracer_ray.blueprint import Answer
from tracer_ray.splits import Part
from tracer_ray.synthetic import matches, player_games
from tracer_ray.training.conclusion import Conclusion, conclude
from tracer_ray.training.enrolment import Fleet
from tracer_ray.training.judgement import Judged, judge_bucket, merge
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.scoring import score
from tracer_ray.training.standing import Standing

SEASON = Fleet(Standing("season average"), {}, {})
ELO = Fleet(Standing("Elo rating"), {}, {})


@pytest.fixture(scope="module")
def props(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    made = player_games(players=8, seasons=2, games_per_season=50, seed=4).rows
    return prepared(PLAYER_PROPS, made, tmp_path_factory.mktemp("props"), "points")


@pytest.fixture(scope="module")
def duels(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    made = matches(teams=8, rounds=120, seed=4).rows
    return prepared(MATCH_OUTCOME, made, tmp_path_factory.mktemp("duels"), "won")


def judged(plan: TrainingPlan, target: str, fleet: Fleet) -> Judged:
    buckets = range(plan.dataset.buckets)
    return merge([judge_bucket(plan, target, each, {}, fleet.standing) for each in buckets])


def concluded(plan: TrainingPlan, rows: Judged) -> Conclusion:
    target, fleet = ("points", SEASON) if "points" in plan.targets else ("won", ELO)
    return conclude(plan, target, rows, fleet)


def spread_of(found: Conclusion) -> dict[str, list[float]]:
    """Everything that was fitted."""
    uncertainty = found.uncertainty
    arrays = uncertainty.distribution.to_arrays() if uncertainty.distribution else {}
    return {name: array.tolist() for name, array in arrays.items()} | {
        "draws": [float(uncertainty.has_draws)],
        "knots": list(uncertainty.calibrator.y) if uncertainty.calibrator else [],
    }


def test_numbers_are_scored_as_by_scikit_learn(props: TrainingPlan) -> None:
    rows = judged(props, "points", SEASON)
    found = concluded(props, rows)
    test = rows.take(rows.part == Part.TEST)
    assert found.figures.rows == len(test)
    for scores, said in (
        (found.figures.ours, test.ours),
        (found.figures.pooled, test.pooled),
        (found.figures.baseline, test.baselines["season average"]),
    ):
        assert scores["mae"] == pytest.approx(mean_absolute_error(test.actual, said))
        assert scores["rmse"] == pytest.approx(root_mean_squared_error(test.actual, said))
    assert set(found.baselines) == set(test.baselines)
    assert next(iter(found.baselines)) == "season average"


def test_probabilities_are_scored_as_by_scikit_learn() -> None:
    random = np.random.default_rng(0)
    said = random.uniform(0.05, 0.95, 300)
    actual = (random.random(300) < said).astype(np.float64)
    found = score(actual, said, Answer.PROBABILITY)
    assert found["log_loss"] == pytest.approx(log_loss(actual, said))
    assert found["brier"] == pytest.approx(brier_score_loss(actual, said))
    assert found["auc"] == pytest.approx(roc_auc_score(actual, said))
    assert found["pr_auc"] == pytest.approx(average_precision_score(actual, said))
    assert set(found) == {"log_loss", "brier", "auc", "pr_auc", "ece"}


@pytest.mark.parametrize("name", ["props", "duels"])
def test_nothing_is_fitted_to_test_rows(name: str, request: pytest.FixtureRequest) -> None:
    plan: TrainingPlan = request.getfixturevalue(name)
    rows = judged(plan, *(("points", SEASON) if name == "props" else ("won", ELO)))
    other = np.where(rows.part == Part.TEST, 0.0, rows.actual)
    changed = concluded(plan, replace(rows, actual=other))
    assert spread_of(changed) == spread_of(concluded(plan, rows))


def test_a_draw_among_earlier_meetings_makes_draws_possible(duels: TrainingPlan) -> None:
    rows = judged(duels, "won", ELO)
    assert not concluded(duels, rows).uncertainty.has_draws
    first = rows.meeting == rows.meeting[0]
    drawn = replace(rows, actual=np.where(first, 0.0, rows.actual))
    assert concluded(duels, drawn).uncertainty.has_draws


def test_both_sides_answers_sum_to_one(duels: TrainingPlan) -> None:
    rows = judged(duels, "won", ELO)
    found = concluded(duels, rows)
    meeting = rows.meeting[rows.part == Part.TEST]
    sums = [found.outcomes.predicted[meeting == each].sum() for each in set(meeting)]
    np.testing.assert_allclose(sums, 1.0)


def test_every_owner_is_scored_on_its_own_test_rows(props: TrainingPlan) -> None:
    rows = judged(props, "points", SEASON)
    test = rows.take(rows.part == Part.TEST)
    found = {each.owner: each for each in concluded(props, rows).entities}
    assert sorted(found) == props.dataset.entities["owner"].to_pylist()
    for number, owner in enumerate(props.dataset.entities["owner"].to_pylist()):
        theirs = test.owner == number
        record = found[owner]
        assert record.test_rows == theirs.sum()
        if not theirs.any():
            assert np.isnan([record.test_ours, record.skill]).all()
            continue
        ours = np.abs(test.actual - test.ours)[theirs].mean()
        naive = np.abs(test.actual - test.baselines["season average"])[theirs].mean()
        assert record.test_ours == pytest.approx(ours)
        assert record.test_baseline == pytest.approx(naive)
        assert record.skill == pytest.approx(1.0 - ours / naive)


def test_the_report_shows_where_outcomes_fell(props: TrainingPlan) -> None:
    rows = judged(props, "points", SEASON)
    shown = concluded(props, rows).outcomes
    test = rows.take(rows.part == Part.TEST)
    np.testing.assert_array_equal(shown.actual, test.actual)
    assert shown.pit is not None
    assert ((shown.pit >= 0.0) & (shown.pit <= 1.0)).all()
    assert 0.35 < shown.pit.mean() < 0.65
    assert shown.is_over is not None
    lines = np.floor(test.baselines[PLAYER_PROPS.baselines[0].name]) + 0.5
    np.testing.assert_array_equal(shown.is_over, test.actual > lines)


def test_the_figures_name_the_rows_they_stand_on(props: TrainingPlan) -> None:
    rows = judged(props, "points", SEASON)
    found = concluded(props, rows).figures
    fewer = rows.take(np.arange(len(rows)) < len(rows) - 1)
    assert concluded(props, rows).figures.tested_on == found.tested_on
    assert concluded(props, fewer).figures.tested_on != found.tested_on
