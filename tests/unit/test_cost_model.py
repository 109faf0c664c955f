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
    disk_bytes,
    expected,
    fits_in_full,
    rates_of,
    read_rates,
    seconds_before_conclusion,
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
    many = 1_000_000
    first = 1 / 9 + 1 / 3 + 1
    assert fits_in_full(1, many) == pytest.approx((first,))
    assert fits_in_full(2, many) == pytest.approx((first, 1 / 9 + (1 / 3 + 1 / 2) / 2))


def test_in_few_rows_every_candidate_is_fitted_to_every_rung_of_at_least_2000_rows() -> None:
    # 10,000 rows are 6,000 training rows, of which 1/9 would be 667
    assert fits_in_full(3, 10_000) == pytest.approx((2000 / 6000 + 1 / 3 + 1,) * 3)
    assert fits_in_full(3, 1_000) == (3.0, 3.0, 3.0)


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


def test_a_bound_on_time_leaves_what_judging_and_the_release_take() -> None:
    rates = {"judge": 1e-3, "release": 2e-3}
    judge_s = START_S["judge"] + 10_000 * 1e-3 / 2
    release_s = 10_000 * 2e-3 / 2
    two = seconds_before_conclusion(WORK, rates, 120.0, targets=2)
    assert 2 * (two + judge_s) + release_s == pytest.approx(120.0)
    assert seconds_before_conclusion(WORK, rates, 5.0, targets=1) == 0.0
    assert seconds_before_conclusion(WORK, rates, float("inf"), targets=3) == float("inf")


def test_rates_are_kept_in_the_home_stage_by_stage(tmp_path: Path) -> None:
    assert read_rates(str(tmp_path), "churn") == {}
    write_rates(str(tmp_path), "churn", {"fleet": 1.0, "judge": 2.0})
    write_rates(str(tmp_path), "churn", {"fleet": 3.0})
    assert read_rates(str(tmp_path), "churn") == {"fleet": 3.0, "judge": 2.0}
