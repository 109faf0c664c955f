"""What every level said of rows that no model was fitted to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.portfolio_risk import PORTFOLIO_RISK
from tests.small_run import prepared
from tracer_ray.link import log_odds, sigmoid
from tracer_ray.releases.tables import Level
from tracer_ray.splits import Part
from tracer_ray.synthetic import matches
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.judgement import Assignment, Judged, judge_bucket, merge
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.selection import ALTERNATIVES
from tracer_ray.training.standing import Standing

BASELINE = "Elo rating"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    made = matches(teams=6, rounds=60, seed=4).rows
    return prepared(MATCH_OUTCOME, made, tmp_path_factory.mktemp("judge"), "won")


def judged(plan: TrainingPlan, assignments: dict[str, Assignment]) -> Judged:
    buckets = range(plan.dataset.buckets)
    return merge(
        [judge_bucket(plan, "won", each, assignments, Standing(BASELINE)) for each in buckets]
    )


def assignment(plan: TrainingPlan, owner: str, choice: int) -> Assignment:
    """An owner whose own model says 0.9, 0.8, 0.7, ... of its judged rows."""
    rows = plan.dataset.read_owner(owner)
    parts = plan.cuts.assign(rows.times, rows.keys)
    own = 0.9 - 0.02 * np.arange(np.isin(parts, (Part.CALIBRATION, Part.TEST)).sum())
    unknown = np.full(len(ALTERNATIVES), 0.1)
    return Assignment(choice, FleetRecord(owner, len(rows), 1, 0.0, unknown, unknown, own))


def test_only_calibration_and_test_rows_are_judged_in_order_of_time(plan: TrainingPlan) -> None:
    found = judged(plan, {})
    assert set(found.part.tolist()) == {Part.CALIBRATION, Part.TEST}
    assert (np.diff(found.position) >= 0).all()
    assert len(set(found.keys)) == len(found)
    names = np.array(plan.dataset.entities["owner"].to_pylist(), object)[found.owner]
    assert all(key.endswith(f":{name}") for key, name in zip(found.keys, names, strict=True))
    assert all(found.meeting == np.array([key.rpartition(":")[0] for key in found.keys], object))


def test_without_a_fleet_the_pooled_model_answers(plan: TrainingPlan) -> None:
    found = judged(plan, {})
    np.testing.assert_array_equal(found.ours, found.pooled)
    assert np.isfinite(found.ours).all()
    assert set(found.baselines) == {each.name for each in plan.blueprint.baselines}


@pytest.mark.parametrize("choice", range(-1, len(ALTERNATIVES)))
def test_an_owner_gets_what_was_decided_for_it_row_for_row(plan: TrainingPlan, choice: int) -> None:
    owner = "Team 03"
    chosen = assignment(plan, owner, choice)
    found = judged(plan, {owner: chosen})
    is_theirs = found.owner == plan.dataset.entities["owner"].to_pylist().index(owner)
    np.testing.assert_array_equal(found.ours[~is_theirs], found.pooled[~is_theirs])
    pooled, own = found.pooled[is_theirs], chosen.record.own
    expected = {
        Level.POOLED: pooled,
        Level.BASELINE: found.baselines[BASELINE][is_theirs],
        Level.ENTITY: own,
        Level.BLEND: sigmoid(
            (1.0 - chosen.weight) * log_odds(pooled) + chosen.weight * log_odds(own)
        ),
    }[chosen.level]
    np.testing.assert_allclose(found.ours[is_theirs], expected)


def test_sides_of_a_meeting_are_made_to_agree(plan: TrainingPlan) -> None:
    found = judged(plan, {}).reconciled(has_draws=False)
    assert found.is_sided
    for meeting in set(found.meeting):
        both = found.meeting == meeting
        assert both.sum() == 2
        assert found.ours[both].sum() == pytest.approx(1.0)
        assert found.pooled[both].sum() == pytest.approx(1.0)
        assert found.actual[both].sum() == 1.0


def test_the_order_of_the_buckets_does_not_show(plan: TrainingPlan) -> None:
    pieces = [judge_bucket(plan, "won", bucket, {}, Standing(BASELINE)) for bucket in (0, 1)]
    first, second = merge(pieces), merge(pieces[::-1])
    for name in ("keys", "owner", "part", "position", "actual", "ours", "pooled"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    np.testing.assert_array_equal(first.baselines[BASELINE], second.baselines[BASELINE])


def test_reasons_name_the_numbers_that_decided(plan: TrainingPlan) -> None:
    own = assignment(plan, "Team 01", 2)
    assert own.reason == "its own model gains +0.1 +- 0.1 per validation row over the pooled model"
    assert replace(own, choice=3).reason.startswith("the baseline gains +0.1")
    assert replace(own, choice=-1).reason.endswith("per validation row, not beyond chance")
    failed = replace(own, record=replace(own.record, error="x"), choice=-1)
    assert (failed.level, failed.weight) == (Level.POOLED, 0.0)
    assert failed.reason == "its trial failed; the pooled model answers"


def test_where_widths_come_from_rows_training_rows_calibrate_a_constant_baseline(
    tmp_path: Path,
) -> None:
    days = np.datetime64("2020-01-01", "us") + np.arange(400) * np.timedelta64(1, "D")
    values = np.exp(np.cumsum(np.random.default_rng(0).normal(0.0, 0.01, 400)))
    made = pa.table({"date": pa.array(days), "nav": values})
    plan = prepared(PORTFOLIO_RISK, made, tmp_path, "next_return")
    constant = "historical simulation"
    for standing, more in (
        (Standing(constant, Level.BASELINE), {Part.TRAIN, Part.VALIDATION}),
        (Standing(constant), set()),
    ):
        buckets = range(plan.dataset.buckets)
        found = merge([judge_bucket(plan, "next_return", each, {}, standing) for each in buckets])
        assert set(found.part.tolist()) == {Part.CALIBRATION, Part.TEST, *more}
        assert np.isfinite(found.pooled).all()
