"""Who gets a trial, and what is said of those who get none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.player_props import PLAYER_PROPS
from tests.small_run import prepared
from tracer_ray.releases.tables import Level
from tracer_ray.splits import Basis, Part
from tracer_ray.synthetic import customers, player_games
from tracer_ray.training.enrolment import (
    Enrolment,
    Fleet,
    assign,
    cut_to_budget,
    enrol_bucket,
    flaw_of,
)
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.plan import Budget, TrainingPlan
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.standing import Standing

POOLED = Standing("season average")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    """Eight players: the last is new, 1001 went early, 1002 was away for most of the training."""
    made = player_games(players=24, seasons=2, games_per_season=82, seed=4).rows
    players = made["player_id"].to_numpy()
    dates = made["game_date"].to_numpy()
    is_recent = dates > np.datetime64("2024-11-01")
    was_away = (dates > np.datetime64("2024-01-01")) & (dates < np.datetime64("2024-12-01"))
    kept = (players < 1007) | (players == players.max())
    kept &= ~((players == 1001) & is_recent) & ~((players == 1002) & was_away)
    return prepared(
        PLAYER_PROPS, made.filter(pa.array(kept)), tmp_path_factory.mktemp("enrol"), "points"
    )


def enrolled(plan: TrainingPlan, target: str = "points") -> dict[str, Enrolment]:
    found = [enrol_bucket(plan, target, bucket, POOLED) for bucket in range(plan.dataset.buckets)]
    return {each.owner.name: each for bucket in found for each in bucket}


def record(owner: str, gain: float, error: float, failure: str = "") -> FleetRecord:
    gains = np.array([gain / 4, gain / 2, gain, -1.0])
    return FleetRecord(
        owner, 90, 4, 1.0, gains, np.full(4, error), np.zeros(3), "elastic_net()", error=failure
    )


def test_every_owner_is_looked_at_once_and_found_where_its_rows_are(plan: TrainingPlan) -> None:
    found = enrolled(plan)
    assert sorted(found) == plan.dataset.entities["owner"].to_pylist()
    for name, each in found.items():
        rows = plan.dataset.read_bucket(each.owner.bucket)
        assert rows.entities[each.owner.row_group] == name


def test_enough_rows_in_every_span_are_needed(plan: TrainingPlan) -> None:
    found = {name: each.refusal for name, each in enrolled(plan).items()}
    rows = dict(
        zip(*(plan.dataset.entities[name].to_pylist() for name in ("owner", "rows")), strict=True)
    )
    newcomer = max(found)
    assert found.pop(newcomer) == (
        f"{rows[newcomer]} rows with an outcome, 50 are needed: the pooled model answers"
    )
    assert found.pop("1001").startswith("0 rows in the validation span, 16 are needed to judge")
    assert {refusal for name, refusal in found.items() if name != "1002"} == {""}


def test_only_rows_with_an_unseen_prediction_count_as_training(plan: TrainingPlan) -> None:
    """1002 has training rows enough, but in the first block, which no earlier model predicts."""
    each = enrolled(plan)["1002"]
    parts = (
        BucketReader(plan.part_folder("features"))
        .features(each.owner.bucket, each.owner.row_group)
        .parts
    )
    assert (parts == Part.TRAIN).sum() > 20
    assert "rows in the training span, 20 are needed to fit" in each.refusal


def test_outcomes_that_are_all_the_same_teach_nothing_of_their_own(plan: TrainingPlan) -> None:
    days = np.arange(60.0)
    assert flaw_of(plan, np.full(60, 3.0), days) == (
        "all 60 outcomes it could learn from are 3: the pooled model answers"
    )
    assert flaw_of(plan, np.append(np.full(59, 3.0), 4.0), days) == ""


def test_an_owner_who_was_away_for_more_than_half_of_its_days_is_not_trained(
    plan: TrainingPlan,
) -> None:
    points, early = np.arange(60.0), np.arange(30.0)
    away = np.append(early, 401.0 + early)
    assert flaw_of(plan, points, away) == "no rows in 372 of 430 days: the pooled model answers"
    a_summer, half_of_it = np.append(early, 200.0 + early), np.append(13.0 * early, 747.0 + early)
    assert flaw_of(plan, points, a_summer) == flaw_of(plan, points, half_of_it) == ""
    unordered = replace(plan, cuts=replace(plan.cuts, basis=Basis.HASH))
    assert flaw_of(unordered, points, away) == ""


def test_rows_without_an_owner_have_one_model(tmp_path: Path) -> None:
    plan = prepared(CUSTOMER_CHURN, customers(n=700, seed=1).rows, tmp_path, "churned", buckets=1)
    (only,) = enrolled(plan, "churned").values()
    assert only.refusal.startswith("the rows have no owner with a history")


def test_each_segment_with_enough_customers_gets_a_trial(tmp_path: Path) -> None:
    made = customers(n=1500, seed=1).rows
    segments = np.where(np.arange(len(made)) % 5 == 0, "firm", "home")
    made = made.append_column("segment", pa.array(segments))
    plan = prepared(CUSTOMER_CHURN, made, tmp_path, "churned", buckets=1)
    refusals = {name: each.refusal for name, each in enrolled(plan, "churned").items()}
    assert refusals["home"] == ""
    assert refusals["firm"].startswith("300 rows with an outcome, 500 are needed")


def test_the_fleet_decides_together_whatever_the_order_of_records() -> None:
    records = {name: record(name, 0.5, 0.02) for name in "dbca"} | {"e": record("e", -0.5, 0.02)}
    found = assign(records)
    again = assign({name: records[name] for name in sorted(records)})
    assert list(found) == sorted(records)
    assert {name: each.choice for name, each in found.items()} == {
        name: each.choice for name, each in again.items()
    }
    assert {name: each.level for name, each in found.items() if name != "e"} == dict.fromkeys(
        "abcd", Level.ENTITY
    )
    assert found["e"].level is Level.POOLED
    assert assign({}) == {}


def test_every_owner_has_a_reason() -> None:
    nothing = record("bad", np.nan, np.nan, "TrainingError: no")
    records = {name: record(name, 0.5, 0.02) for name in "abcd"} | {"bad": nothing}
    fleet = Fleet(Standing("season average"), assign(records), {"new": "3 rows with an outcome"})
    assert fleet.record("points", "a").reason == (
        "its own model gains +0.5 +- 0.02 per validation row over the pooled model"
    )
    assert fleet.record("points", "a").weight == 1.0
    failed = fleet.record("points", "bad")
    assert (failed.level, failed.error) == (Level.POOLED, "TrainingError: no")
    assert failed.reason == "its trial failed; the pooled model answers"
    assert fleet.record("points", "new").reason == "3 rows with an outcome"
    assert fleet.record("points", "lost").reason.startswith("its trial left no record")


def test_a_bound_on_candidates_refuses_the_last_entities(plan: TrainingPlan) -> None:
    """Three candidates are left after the pooled model's two, and each entity gets one."""
    buckets = [
        enrol_bucket(plan, "points", bucket, POOLED) for bucket in range(plan.dataset.buckets)
    ]
    admitted = sum(not each.refusal for bucket in buckets for each in bucket)
    kept, cut = cut_to_budget(buckets, Budget(2, 4, most_candidates=5), targets=1)
    assert cut == admitted - 3
    stays = [not each.refusal for bucket in kept for each in bucket]
    assert sum(stays) == 3
    before = [not each.refusal for bucket in buckets for each in bucket]
    assert stays[: stays.index(True) + 1] == before[: stays.index(True) + 1]
    refused = [each for bucket in kept for each in bucket if "was cut" in each.refusal]
    assert len(refused) == cut
    assert "may try 5 candidates" in refused[0].refusal
