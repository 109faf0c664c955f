"""Amounts: learned on their logarithm by any family, answered on their own scale."""

import numpy as np
import pytest

from tracer_ray.blueprint import Answer, candidate
from tracer_ray.errors import TrainingError
from tracer_ray.families import Matrix, Resources, Task
from tracer_ray.families.fitting import fit_candidate, load_model
from tracer_ray.link import to_link
from tracer_ray.uncertainty.distribution import Distribution, fit_amounts

TASK = Task(Answer.AMOUNT, "squared", ("size", "noise"))
CANDIDATES = (
    candidate("elastic_net", alpha=0.001, l1_ratio=0.1),
    candidate("lightgbm", rounds=60),
    candidate("xgboost", rounds=60),
    candidate("random_forest", trees=20),
)


def amounts(rows: int = 1500) -> Matrix:
    random = np.random.default_rng(4)
    x = random.normal(size=(rows, 2)).astype(np.float32)
    return Matrix(x, np.exp(6.0 + 0.8 * x[:, 0] + random.normal(0.0, 0.1, rows)))


@pytest.mark.parametrize("chosen", CANDIDATES, ids=lambda each: each.family)
def test_every_family_finds_the_median_of_a_lognormal(chosen: object) -> None:
    rows = amounts()
    assert isinstance(chosen, type(CANDIDATES[0]))
    model = fit_candidate(TASK, rows, None, chosen, Resources())
    said = model.predict(rows.x)
    assert (said >= 0.0).all()
    ratio = np.log(said / np.exp(6.0 + 0.8 * rows.x[:, 0]))
    assert np.abs(np.median(ratio)) < 0.03
    again = load_model(chosen.family, model.to_bytes(), chosen.settings, Answer.AMOUNT)
    np.testing.assert_allclose(again.predict(rows.x), said, rtol=1e-6)
    sums = model.contributions(rows.x).sum(axis=1)
    np.testing.assert_allclose(sums, to_link(said, Answer.AMOUNT), rtol=1e-4, atol=1e-4)


def test_a_candidate_that_starts_from_a_feature_says_it_where_nothing_is_learned() -> None:
    random = np.random.default_rng(2)
    naive = random.normal(6.0, 1.0, 400).astype(np.float32)
    rows = Matrix(
        np.stack([naive, random.normal(size=400)], axis=1).astype(np.float32), np.exp(naive)
    )
    flat = candidate("elastic_net", alpha=50.0, l1_ratio=0.5, start=0)
    model = fit_candidate(TASK, rows, None, flat, Resources())
    said = model.predict(rows.x)
    np.testing.assert_allclose(np.log1p(said), naive, atol=0.02)
    again = load_model("elastic_net", model.to_bytes(), flat.settings, Answer.AMOUNT)
    np.testing.assert_array_equal(again.predict(rows.x), said)
    sums = model.contributions(rows.x).sum(axis=1)
    np.testing.assert_allclose(sums, np.log1p(said), rtol=1e-5)


def test_rows_without_a_start_do_not_bend_what_the_others_are_told() -> None:
    naive = np.full(300, 6.0, np.float32)
    naive[:100] = np.nan
    x = np.stack([naive, np.zeros(300, np.float32)], axis=1)
    rows = Matrix(x, np.expm1(np.full(300, 6.0)))
    model = fit_candidate(
        TASK, rows, None, candidate("elastic_net", alpha=9.0, start=0), Resources()
    )
    np.testing.assert_allclose(np.log1p(model.predict(x)), 6.0, atol=1e-3)


def test_a_start_and_an_offset_exclude_each_other() -> None:
    rows = amounts()
    both = Matrix(rows.x, rows.y, offset=np.zeros(len(rows)))
    with pytest.raises(TrainingError, match="can't start from an offset too"):
        fit_candidate(TASK, both, None, candidate("elastic_net", start=0), Resources())


def test_an_offset_is_a_logarithm() -> None:
    rows = amounts()
    known = to_link(np.exp(6.0 + 0.8 * rows.x[:, 0]), Answer.AMOUNT)
    started = Matrix(rows.x, rows.y, offset=known)
    flat = candidate("elastic_net", alpha=10.0, l1_ratio=0.5)
    model = fit_candidate(TASK, started, None, flat, Resources())
    said = model.predict(rows.x, known)
    np.testing.assert_allclose(to_link(said, Answer.AMOUNT), known, atol=0.02)


def test_ten_amounts_give_an_interval_that_holds_its_share_on_average() -> None:
    """Sixty months leave no more than that to tell how far forecasts fall from outcomes."""
    covered = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        mu = random.uniform(100.0, 20_000.0, 210)
        actual = mu * random.lognormal(0.0, 0.2, 210)
        ends = fit_amounts(mu[:10], actual[:10]).interval(mu[10:], 0.8)
        covered.append(np.mean((actual[10:] >= ends[:, 0]) & (actual[10:] <= ends[:, 1])))
    assert np.mean(covered) == pytest.approx(0.8, abs=0.025)
    with pytest.raises(TrainingError, match="needs 10 calibration rows, got 9"):
        fit_amounts(np.ones(9), np.ones(9))


def test_the_distribution_is_right_on_the_amounts_own_scale() -> None:
    random = np.random.default_rng(1)
    mu = random.uniform(100.0, 20_000.0, 6000)
    actual = mu * random.lognormal(0.0, 0.2, 6000)
    fitted = fit_amounts(mu[:3000], actual[:3000])
    new, seen = mu[3000:], actual[3000:]
    ends = fitted.interval(new, 0.8)
    assert np.mean((seen >= ends[:, 0]) & (seen <= ends[:, 1])) == pytest.approx(0.8, abs=0.025)
    # the mean of a lognormal is exp(0.2 ** 2 / 2) times its median
    assert np.median(fitted.mean(new) / new) == pytest.approx(1.0202, abs=0.01)
    assert fitted.over(np.array([1000.0]), 1000.0)[0] == pytest.approx(0.5, abs=0.03)
    again = Distribution.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(again.interval(new, 0.8), ends)
    assert not again.is_count


def test_what_is_relative_to_a_start_knows_no_level() -> None:
    """Fitted to a series at one height, it says the same change of one ten times as high."""
    random = np.random.default_rng(2)
    last_year = random.uniform(4.0, 5.0, 400)
    lately = last_year + random.normal(0.1, 0.05, 400)
    x = np.stack([last_year, lately], axis=1).astype(np.float32)
    rows = Matrix(x, np.expm1(lately + 0.02))
    chosen = candidate("elastic_net", alpha=0.001, l1_ratio=0.5, start=0, relative="1")
    model = fit_candidate(TASK, rows, None, chosen, Resources())
    higher = x + np.float32(np.log(10.0))
    change = np.log1p(model.predict(higher)) - np.log1p(model.predict(x))
    np.testing.assert_allclose(change, np.log(10.0), atol=1e-5)
    again = load_model("elastic_net", model.to_bytes(), chosen.settings, Answer.AMOUNT)
    np.testing.assert_allclose(again.predict(higher), model.predict(higher), rtol=1e-6)
    parts = model.contributions(x).sum(axis=1)
    np.testing.assert_allclose(parts, np.log1p(model.predict(x)), atol=1e-4)


def test_few_errors_to_one_side_tell_how_far_the_next_may_fall_to_either() -> None:
    forecast = np.full(40, 100.0)
    above = forecast * np.random.default_rng(5).uniform(1.0, 1.2, 40)
    low, high = fit_amounts(forecast, above).interval(forecast[:1], 0.8)[0]
    assert low < 90.0
    assert 110.0 < high < 120.0


@pytest.mark.parametrize("closed", [1, 4])
def test_days_that_are_closed_say_nothing_of_far_more(closed: int) -> None:
    """The mirror image of 0 would be the forecast's square."""
    random = np.random.default_rng(6)
    forecast = 1000.0 * random.lognormal(0.0, 0.1, 50)
    actual = forecast * random.lognormal(0.0, 0.1, 50)
    actual[:closed] = 0.0
    fitted = fit_amounts(forecast, actual)
    assert fitted.quantile(forecast, np.array([0.975])).max() < 2_000.0
    assert fitted.mean(forecast).mean() == pytest.approx(actual.mean(), rel=0.1)


def test_a_far_error_has_no_mirror_image() -> None:
    forecast = np.full(50, 1000.0)
    actual = forecast * np.random.default_rng(7).lognormal(0.0, 0.1, 50)
    actual[:2] = 1.0
    fitted = fit_amounts(forecast, actual)
    assert fitted.quantile(forecast[:1], np.array([0.99]))[0, 0] < 2_000.0
