"""Value at risk and expected shortfall: they hold on returns whose risk is known."""

from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtrc, xlogy

from blueprints.portfolio_risk import PORTFOLIO_RISK
from tests.in_process import released
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.distribution import fit_distribution
from tracer_ray.uncertainty.tails import kupiec, tail_scores, tails

DAYS = 900
NORMAL = NormalDist()
SHARES = (0.95, 0.99)


def calm_and_rough(assets: int, days: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Normal returns whose deviation stays for months at 1 % or 3 %, and that deviation."""
    random = np.random.default_rng(seed)
    is_rough = (np.arange(days)[:, None] // 60 + np.arange(assets)) % 2 == 1
    deviation = np.where(is_rough, 0.03, 0.01)
    return deviation * random.normal(size=(days, assets)), deviation


@given(st.integers(0, 100), st.sampled_from([0.95, 0.99]))
def test_the_test_of_kupiec_is_a_likelihood_ratio(breaches: int, share: float) -> None:
    rows = 100
    observed = breaches / rows

    def likelihood(chance: float) -> float:
        return float(xlogy(breaches, chance) + xlogy(rows - breaches, 1.0 - chance))

    ratio = 2.0 * (likelihood(observed) - likelihood(1.0 - share))
    expected = float(chdtrc(1, max(ratio, 0.0)))
    assert kupiec(breaches, rows, share) == pytest.approx(expected, abs=1e-9)


def test_losses_go_beyond_as_often_as_is_said_in_calm_and_in_rough_times() -> None:
    returns, deviation = calm_and_rough(assets=20, days=800, seed=1)
    zeros = np.zeros(400 * 20)
    old, new = returns[:400].ravel(), returns[400:].ravel()
    spread = deviation[:, :, None]
    fitted = fit_distribution(zeros, old, spread[:400].reshape(-1, 1))
    owners = np.tile(np.arange(20), 400)
    found = tails(fitted, zeros, spread[400:].reshape(-1, 1), SHARES)
    scores = tail_scores(new, found, owners)
    assert scores["var_95_breaches"] == pytest.approx(0.05, abs=0.01)
    assert scores["var_99_breaches"] == pytest.approx(0.01, abs=0.005)
    assert scores["var_95_rejected"] <= 0.2
    assert scores["es_95_ratio"] == pytest.approx(1.0, abs=0.1)
    is_rough = deviation[400:].ravel() == 0.03
    expected = -np.expm1(0.03 * NORMAL.inv_cdf(0.05))
    assert found[0].value_at_risk[is_rough].mean() == pytest.approx(expected, rel=0.1)
    shortfall = -np.expm1(-0.03 * NORMAL.pdf(NORMAL.inv_cdf(0.05)) / 0.05)
    assert found[0].expected_shortfall[is_rough].mean() == pytest.approx(shortfall, rel=0.1)


def test_a_constant_value_at_risk_is_rejected_where_risk_moves() -> None:
    returns, _ = calm_and_rough(assets=20, days=800, seed=1)
    zeros = np.zeros(400 * 20)
    fitted = fit_distribution(zeros, returns[:400].ravel())
    assets = np.arange(20) % 2  # one half is calm for good, the other rough
    steady = np.where(assets, 0.03, 0.01) * np.random.default_rng(2).normal(size=(400, 20))
    owners = np.tile(np.arange(20), 400)
    scores = tail_scores(steady.ravel(), tails(fitted, zeros, None, SHARES), owners)
    assert scores["var_95_rejected"] > 0.8


@pytest.fixture(scope="module")
def risk(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    returns, _ = calm_and_rough(assets=8, days=DAYS, seed=4)
    days = np.datetime64("2020-01-01", "us") + np.arange(DAYS) * np.timedelta64(1, "D")
    made = pa.table(
        {
            "fund": np.tile([f"fund {number}" for number in range(8)], DAYS),
            "date": pa.array(np.repeat(days, 8)),
            "nav": 100.0 * np.exp(np.cumsum(returns, axis=0)).ravel(),
        }
    )
    return Predictor.open(released(PORTFOLIO_RISK, made, tmp_path_factory.mktemp("risk")).uri)


def test_returns_can_not_be_told_but_their_risk_can(risk: Predictor) -> None:
    figures = risk.release.manifest.figures["next_return"]
    assert figures.metric == "crps"
    assert figures.ours["crps"] < 0.97 * figures.baseline["crps"]
    assert figures.ours["var_95_breaches"] == pytest.approx(0.05, abs=0.02)
    assert 0.7 < figures.ours["coverage"] < 0.9


def test_an_answer_has_its_tails_in_order(risk: Predictor) -> None:
    said = risk.answer([{"fund": f"fund {number}", "date": "2022-07-01"} for number in range(8)])
    for each in said:
        assert isinstance(each, dict)
        losses = [
            float(str(each[name]))
            for name in (
                "value_at_risk_95",
                "expected_shortfall_95",
                "value_at_risk_99",
                "expected_shortfall_99",
            )
        ]
        assert 0.0 < losses[0] < min(losses[1:3])
        assert losses[3] == max(losses)
        assert 0.002 < float(str(each["volatility"])) < 0.06
