"""Survival curves: by hand, against simulated lives, and silent where too little was seen."""

import numpy as np
import pytest

from tracer_ray.uncertainty.survival import (
    SurvivalByRisk,
    SurvivalCurve,
    kaplan_meier,
    survival_by_risk,
    survival_error,
)


def test_the_curve_is_that_of_the_textbook() -> None:
    """Six remissions in weeks, + still going on: 6 6 6 6+ 7 9+ gives 1/2 and 1/4."""
    weeks = np.array([6.0, 6.0, 6.0, 6.0, 7.0, 9.0])
    curve = kaplan_meier(weeks, np.array([True, True, True, False, True, False]))
    assert curve.times.tolist() == [6.0, 7.0]
    assert curve.shares == pytest.approx([0.5, 0.25])
    assert (curve.share(5.9), curve.longest) == (1.0, 9.0)
    assert curve.share(6.0) == pytest.approx(0.5)
    assert curve.time_until(0.5) == 6.0
    assert curve.time_until(0.5, since=6.5) == pytest.approx(0.5)
    assert curve.time_until(0.9) is None


def test_it_survives_json() -> None:
    curve = kaplan_meier(np.array([1.0, 4.0]), np.array([True, True]))
    again = SurvivalCurve.from_json(curve.to_json())
    assert again.to_json() == curve.to_json()


def lives(scale: float, seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Exponential lives, of which one is followed for up to 100 days."""
    random = np.random.default_rng(seed)
    life, followed = random.exponential(scale, n), random.uniform(0.0, 100.0, n)
    return np.minimum(life, followed), (life <= followed).astype(np.float64)


def test_the_median_of_censored_lives_is_found() -> None:
    lasted, has_ended = lives(scale=40.0, seed=1)
    median = kaplan_meier(lasted, has_ended == 1.0).time_until(0.5)
    assert median == pytest.approx(40.0 * np.log(2.0), rel=0.1)


def both(high: float, low: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of two risks with their probability, how long each lasted and whether it ended."""
    made = lives(high, seed), lives(low, seed + 1)
    lasted, has_ended = (np.concatenate(each) for each in zip(*made, strict=True))
    return np.repeat([0.8, 0.2], 4000), lasted, has_ended


def test_curves_agree_with_those_of_rows_from_the_same_source_and_not_with_others() -> None:
    survival = survival_by_risk(*both(20.0, 60.0, 2))
    assert survival_error(survival, *both(20.0, 60.0, 4)) < 0.02
    assert survival_error(survival, *both(40.0, 60.0, 6)) > 0.05


def test_rows_of_higher_probability_have_a_curve_of_their_own() -> None:
    survival = survival_by_risk(*both(20.0, 60.0, 2))
    low, high = (survival.curves[group] for group in survival.groups(np.array([0.2, 0.8])))
    assert low is not None
    assert high is not None
    assert high.time_until(0.5) == pytest.approx(20.0 * np.log(2.0), rel=0.1)
    assert low.time_until(0.5) == pytest.approx(60.0 * np.log(2.0), rel=0.1)


def test_groups_have_a_hundred_rows_and_survive_json() -> None:
    random = np.random.default_rng(0)
    chance = random.random(350)
    survival = survival_by_risk(chance, random.exponential(9.0, 350), np.ones(350))
    assert np.bincount(survival.groups(chance)).tolist() == [117, 116, 117]
    assert SurvivalByRisk.from_json(survival.to_json()).to_json() == survival.to_json()


def test_a_group_with_few_rows_or_few_ends_has_no_curve() -> None:
    lasted, chance = np.arange(60.0), np.full(60, 0.5)
    assert survival_by_risk(chance, lasted, (lasted < 5).astype(float)).curves == (None,)
    assert survival_by_risk(chance[:20], lasted[:20], np.ones(20)).curves == (None,)
    unknown = np.where(lasted < 40, np.nan, 1.0)
    assert survival_by_risk(chance, lasted, unknown).curves == (None,)
    assert survival_by_risk(chance, np.full(60, np.nan), unknown).curves == (None,)
    nothing = survival_by_risk(chance, lasted, unknown)
    assert np.isnan(survival_error(nothing, chance, lasted, np.ones(60)))
