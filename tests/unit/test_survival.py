"""Survival curves: by hand, against simulated lives, and silent where too little was seen."""

import numpy as np
import pytest

from tracer_ray.uncertainty.survival import (
    SurvivalCurve,
    curves_by_band,
    kaplan_meier,
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


def test_curves_agree_with_those_of_rows_from_the_same_source_and_not_with_others() -> None:
    bands = ["high"] * 4000 + ["low"] * 4000

    def both(high: float, low: float, seed: int) -> list[np.ndarray]:
        made = lives(high, seed), lives(low, seed + 1)
        return [np.concatenate(each) for each in zip(*made, strict=True)]

    curves = curves_by_band(bands, *both(20.0, 60.0, 2))
    assert survival_error(curves, bands, *both(20.0, 60.0, 4)) < 0.02
    assert survival_error(curves, bands, *both(40.0, 60.0, 6)) > 0.05
    assert np.isnan(survival_error({}, bands, *both(20.0, 60.0, 4)))


def test_a_band_with_few_rows_or_few_ends_has_no_curve() -> None:
    lasted = np.arange(60.0)
    assert curves_by_band(["a"] * 20 + ["b"] * 40, lasted, np.ones(60)).keys() == {"b"}
    assert curves_by_band(["b"] * 60, lasted, (lasted < 5).astype(float)) == {}
    unknown = np.where(lasted < 40, np.nan, 1.0)
    assert curves_by_band(["b"] * 60, lasted, unknown) == {}
