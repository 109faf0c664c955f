"""What a run costs is foretold from units of work and from what runs before it showed."""

from dataclasses import replace
from pathlib import Path

import pytest

from tracer_ray.report.contents import StageCost
from tracer_ray.training.cost_model import (
    LEAST_S,
    RECORD_BYTES,
    STAGES,
    START_S,
    Workload,
    candidates_in_full,
    disk_bytes,
    expected,
    rates_of,
    read_rates,
    write_rates,
)
from tracer_ray.training.plan import Budget

WORK = Workload(10_000, 30, trials=100, targets=1, budget=Budget(2, 4), cpus=2)
COSTS = tuple(StageCost(f"{stage}:points", 50.0 + n, 0.0) for n, stage in enumerate(STAGES))


def test_the_same_run_again_costs_what_it_cost() -> None:
    foretold = expected(WORK, rates_of(WORK, COSTS))
    assert [each.seconds for each in foretold] == pytest.approx([each.seconds for each in COSTS])


def test_twice_the_entities_are_twice_the_fleet_and_twice_the_cpus_half_of_it() -> None:
    rates = dict.fromkeys(STAGES, 0.1)
    more = Workload(10_000, 30, trials=200, targets=1, budget=Budget(2, 4), cpus=2)
    wider = Workload(10_000, 30, trials=100, targets=1, budget=Budget(2, 4), cpus=4)

    def fleet_s(work: Workload) -> float:
        costs = {each.stage: each.seconds for each in expected(work, rates)}
        return costs["fleet"] - START_S["fleet"]

    assert fleet_s(WORK) == pytest.approx(100 * (4 + 2) * 0.1 / 2)
    assert fleet_s(more) == pytest.approx(2.0 * fleet_s(WORK))
    assert fleet_s(wider) == pytest.approx(0.5 * fleet_s(WORK))


def test_a_first_candidate_is_fitted_to_every_rung() -> None:
    assert candidates_in_full(1) == pytest.approx(1 / 9 + 1 / 3 + 1)
    assert candidates_in_full(2) == pytest.approx((1 / 9 + 1 / 3 + 1) + 1 / 9 + (1 / 3 + 1 / 2) / 2)


def test_nothing_to_train_costs_nothing_but_a_moment() -> None:
    alone = Workload(10_000, 30, trials=0, targets=1, budget=Budget(2, 4), cpus=2)
    costs = {each.stage: each.seconds for each in expected(alone, dict.fromkeys(STAGES, 0.0))}
    assert costs["fleet"] == 0.0
    assert costs["ingest"] == LEAST_S


def test_a_run_writes_its_features_and_what_it_keeps_of_every_entity() -> None:
    more_rows = replace(WORK, rows=20_000)
    assert disk_bytes(more_rows) - disk_bytes(WORK) == 10_000 * (30 * 4 + 17 + 4 * 8)
    twice = replace(WORK, targets=2)
    assert disk_bytes(twice) - disk_bytes(WORK) == 10_000 * 4 * 8 + 100 * RECORD_BYTES


def test_all_candidates_are_counted_within_their_bound() -> None:
    assert WORK.candidates == 2 + 100 * 4
    bound = Workload(10_000, 30, trials=100, targets=2, budget=Budget(2, 4, 204), cpus=2)
    assert bound.candidates == 2 * (2 + 100 * 1)
    tight = Workload(10_000, 30, trials=100, targets=1, budget=Budget(2, 4, 42), cpus=2)
    assert tight.candidates == 42


def test_rates_are_kept_in_the_home_stage_by_stage(tmp_path: Path) -> None:
    assert read_rates(str(tmp_path), "churn") == {}
    write_rates(str(tmp_path), "churn", {"fleet": 1.0, "judge": 2.0})
    write_rates(str(tmp_path), "churn", {"fleet": 3.0})
    assert read_rates(str(tmp_path), "churn") == {"fleet": 3.0, "judge": 2.0}
