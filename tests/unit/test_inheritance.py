"""What a nightly run takes over of an entity, and of the run that it stands on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blueprints.player_props import PLAYER_PROPS
from tests.own_rows import EAGER, MAE, TIMID, own_rows, plan, record_of, with_outcomes
from tests.small_run import planned, write_features
from tracer_ray.blueprint import candidate
from tracer_ray.families import Resources
from tracer_ray.splits import Part
from tracer_ray.synthetic import player_games
from tracer_ray.training import pooled_store
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.inheritance import (
    NOISE_SHARE,
    Start,
    refit_pooled,
    stand_on,
    take_over,
    write_plan,
)
from tracer_ray.training.own import OwnRows
from tracer_ray.training.plan import Predecessor, TrainingPlan
from tracer_ray.training.pooled import Member
from tracer_ray.training.pooled_model import fit_pooled
from tracer_ray.training.pooled_store import StoredPooled, digest_of_seen, read_pooled
from tracer_ray.training.search import candidate_from_json
from tracer_ray.training.stages import gather

ROWS = own_rows()
RECORD = record_of(ROWS, plan())
OWN = 2  # selection.ALTERNATIVES


def with_pooled_moved_by(rows: OwnRows, step: float) -> OwnRows:
    return replace(rows, pooled=rows.pooled + step)


def with_a_new_row(rows: OwnRows) -> OwnRows:
    """One more test row at the end."""
    more = np.append(np.arange(len(rows.pooled)), len(rows.pooled) - 1)
    labelled = replace(
        rows.rows,
        x=rows.rows.x[more],
        y=rows.rows.y[more],
        position=rows.rows.position[more],
        parts=rows.rows.parts[more],
    )
    return OwnRows(labelled, rows.pooled[more], rows.baseline[more])


def start_of(rows: OwnRows, previous: FleetRecord = RECORD) -> Start:
    start = take_over(previous, rows, MAE, "champion")
    assert isinstance(start, Start)
    return start


def test_the_same_rows_are_taken_over_untouched() -> None:
    found = take_over(RECORD, ROWS, MAE, "champion")
    assert isinstance(found, FleetRecord)
    assert found.origin == "champion"
    assert found.to_arrow().drop_columns("origin").equals(RECORD.to_arrow().drop_columns("origin"))
    again = take_over(found, ROWS, MAE, "a later champion")
    assert isinstance(again, FleetRecord)
    assert again.origin == "champion"


def test_after_new_rows_the_settled_start_gives_what_a_search_gives() -> None:
    grown = with_a_new_row(ROWS)
    start = start_of(grown)
    assert start.is_settled
    assert candidate_from_json(start.candidate) == EAGER
    settled, searched = record_of(grown, plan(), start), record_of(grown, plan())
    assert len(settled.own) == len(RECORD.own) + 1
    same = [replace(each, seconds=0.0).to_arrow() for each in (settled, searched)]
    assert same[0].equals(same[1])


def test_a_corrected_outcome_is_searched_again_from_the_configuration_before() -> None:
    train = ROWS.rows.part(Part.TRAIN)
    corrected = with_outcomes(ROWS, np.where(np.cumsum(train) == 5, 11.0, ROWS.rows.y))
    start = start_of(corrected)
    assert not start.is_settled
    first = record_of(corrected, plan(TIMID, EAGER, count=1), start)
    assert first.parameters == EAGER.settings


def test_pooled_predictions_may_move_by_less_than_noise() -> None:
    """Losses are absolute errors, so a step moves no row's loss by more than itself."""
    noise = NOISE_SHARE * RECORD.errors[OWN]
    within = take_over(RECORD, with_pooled_moved_by(ROWS, 0.9 * noise), MAE, "champion")
    assert isinstance(within, FleetRecord)
    assert not start_of(with_pooled_moved_by(ROWS, 100.0 * noise)).is_settled


def test_a_trial_that_failed_is_tried_again() -> None:
    failed = replace(RECORD, error="MemoryError", family="", candidate="")
    assert start_of(ROWS, failed) == Start()


def test_another_baseline_is_another_trial() -> None:
    assert not start_of(replace(ROWS, baseline=ROWS.baseline + 1.0)).is_settled


@pytest.fixture
def before(tmp_path: Path) -> TrainingPlan:
    """A run that has features and a pooled model."""
    games = player_games(players=6, seasons=2, games_per_season=50, seed=4).rows
    first = planned(PLAYER_PROPS, games, tmp_path, ("points",), buckets=1)
    write_features(first)
    keep_pooled(first, candidate("elastic_net", alpha=0.1))
    return first


def keep_pooled(plan: TrainingPlan, *candidates: object) -> None:
    rows, goal = gather(plan, "points"), plan.objective("points")
    members = (Member(candidate("elastic_net", alpha=0.1), 1.0),)
    model = fit_pooled(rows, goal, members, Resources())
    stored = StoredPooled(model, (), digest_of_seen(plan, "points", rows))
    pooled_store.write_pooled(plan, "points", stored)


def reason_against(plan: TrainingPlan, days: dict[float, int], run: str = "") -> str:
    found = stand_on(plan, Predecessor("champion", run or plan.run), days)
    assert isinstance(found, str)
    return found


def test_a_night_keeps_the_cuts_until_too_many_rows_are_newer(before: TrainingPlan) -> None:
    """The plan sets 15 % aside for tests, so 22.5 % of the rows may be newer than the cuts."""
    write_plan(before)
    last = before.cuts.test
    night = stand_on(before, Predecessor("champion", before.run), {0.0: 80, last: 20})
    assert isinstance(night, TrainingPlan)
    assert (night.cuts, night.predecessor) == (before.cuts, Predecessor("champion", before.run))
    assert night.run != before.run
    assert "20 rows" not in reason_against(before, {0.0: 77, last: 23})
    assert "23 rows are newer than the cuts" in reason_against(before, {0.0: 77, last: 23})


def test_a_night_stands_on_nothing_else_than_the_same_configuration(before: TrainingPlan) -> None:
    days = {0.0: 100}
    assert "is not in" in reason_against(before, days, run="gone")
    write_plan(before)
    run = before.run
    assert "another seed" in reason_against(replace(before, seed=1), days, run)
    assert "another software" in reason_against(replace(before, software="new"), days, run)
    more = replace(before, targets=("points", "assists"))
    assert "does not predict assists" in reason_against(more, days, run)


def test_a_pooled_model_is_kept_as_it_was_fitted(before: TrainingPlan) -> None:
    rows, goal = gather(before, "points"), before.objective("points")
    members = (Member(candidate("elastic_net", alpha=0.1), 1.0),)
    fitted = fit_pooled(rows, goal, members, Resources())
    kept = read_pooled(before.part_folder("pooled", "points")).model
    said, again = (m.predict_unseen(rows.x, rows.position, rows.parts) for m in (fitted, kept))
    np.testing.assert_array_equal(said, again)
    assert (kept.blocks, kept.constant) == (fitted.blocks, fitted.constant)
    assert kept.final.members == members


def test_a_night_fits_the_pooled_model_to_new_test_rows_only(before: TrainingPlan) -> None:
    night = replace(before, predecessor=Predecessor("champion", before.run))
    rows = gather(before, "points")
    grown = replace(
        rows,
        x=np.append(rows.x, rows.x[-50:] + 1.0, axis=0),
        y=np.append(rows.y, rows.y[-50:] + 5.0),
        position=np.append(rows.position, rows.position[-50:]),
        parts=np.append(rows.parts, np.full(50, Part.TEST, dtype=np.int8)),
    )
    assert refit_pooled(night, "points", grown, Resources())
    first, second = (
        read_pooled(each.part_folder("pooled", "points")).model for each in (before, night)
    )
    for name in ("compared", "judged"):
        kept, now = (getattr(each, name).models[0].to_bytes() for each in (first, second))
        assert kept == now
    assert first.final.models[0].to_bytes() != second.final.models[0].to_bytes()


def test_a_pooled_model_that_got_worse_is_searched_again(before: TrainingPlan) -> None:
    night = replace(before, predecessor=Predecessor("champion", before.run))
    rows = gather(before, "points")
    is_train = rows.part(Part.TRAIN)
    spoiled = replace(rows, y=np.where(is_train, rows.y + 30.0, rows.y))
    assert not refit_pooled(night, "points", spoiled, Resources())
    assert not pooled_store.has_pooled(night.part_folder("pooled", "points"))
