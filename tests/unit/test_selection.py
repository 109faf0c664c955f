"""An entity leaves the pooled model only where the whole fleet makes that believable."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tracer_ray.releases.tables import Level
from tracer_ray.training.selection import (
    ALTERNATIVES,
    FALSE_DISCOVERY_RATE,
    Prior,
    decide,
    discoveries,
    estimate_prior,
    gain,
    shrink,
    upper_tail,
)


def test_a_gain_has_the_standard_error_of_a_mean() -> None:
    random = np.random.default_rng(0)
    pooled, own = random.random(50), random.random(50)
    mean, error = gain(pooled, own)
    assert mean == pytest.approx(pooled.mean() - own.mean())
    assert error == pytest.approx(stats.sem(pooled - own))


def test_the_prior_of_equally_known_gains_is_their_mean_and_what_noise_leaves() -> None:
    """With one error s the estimate has a closed form: spread^2 = variance - s^2."""
    gains = np.array([0.1, 0.5, -0.2, 0.4, 0.7])
    prior = estimate_prior(gains, np.full(5, 0.2))
    spread = np.sqrt(gains.var(ddof=1) - 0.04)
    assert prior.mean == pytest.approx(0.3)
    assert prior.spread == pytest.approx(spread)
    assert prior.mean_error == pytest.approx(np.sqrt((0.04 + spread**2) / 5))


def test_gains_that_noise_explains_have_no_spread() -> None:
    prior = estimate_prior(np.array([0.1, -0.1, 0.05]), np.array([0.5, 0.5, 0.5]))
    assert prior.spread == 0.0
    assert prior.mean == pytest.approx(0.05 / 3)


def test_an_unequal_fleet_is_estimated_as_by_hand() -> None:
    """DerSimonian and Laird (1986), equations 8 and 9, with weights 4 and 1."""
    gains, errors = np.array([1.0, -2.0]), np.array([0.5, 1.0])
    mean = (4 * 1.0 + 1 * -2.0) / 5
    cochran = 4 * (1.0 - mean) ** 2 + 1 * (-2.0 - mean) ** 2
    variance = (cochran - 1) / (5 - 17 / 5)
    weights = 1 / (errors**2 + variance)
    prior = estimate_prior(gains, errors)
    assert prior.spread == pytest.approx(np.sqrt(variance))
    assert prior.mean == pytest.approx((weights * gains).sum() / weights.sum())


def test_own_models_that_say_what_the_pooled_one_says_do_not_speak_for_the_others() -> None:
    gains, errors = np.array([0.1, 0.5, -0.2, 0.4]), np.full(4, 0.2)
    silent_gains, silent_errors = np.append(gains, [0.0, 0.0]), np.append(errors, [0.0, 1e-17])
    assert estimate_prior(silent_gains, silent_errors) == estimate_prior(gains, errors)
    clear = np.array([[0.0], [0.0], [0.5], [0.6], [0.4]])
    noise = np.array([[0.0], [0.0], [0.05], [0.05], [0.05]])
    assert decide(clear, noise).choice[2:].tolist() == [0, 0, 0]


def test_unknown_gains_are_left_out() -> None:
    gains, errors = np.array([0.3, np.nan, 0.5]), np.array([0.1, np.nan, 0.1])
    assert estimate_prior(gains, errors) == estimate_prior(gains[[0, 2]], errors[[0, 2]])
    decision = decide(gains[:, None], errors[:, None])
    assert decision.choice.tolist() == [0, -1, 0]
    assert decision.posterior[1] == 0.0


def test_one_entity_alone_proves_nothing() -> None:
    assert decide(np.array([[5.0]]), np.array([[0.01]])).choice.tolist() == [-1]


def test_a_clear_prior_and_a_gain_meet_by_their_precisions() -> None:
    prior = Prior(mean=0.2, mean_error=1e-9, spread=0.1)
    posterior, deviation = shrink(np.array([0.6]), np.array([0.3]), prior)
    precision = 1 / 0.3**2 + 1 / 0.1**2
    assert posterior[0] == pytest.approx((0.6 / 0.3**2 + 0.2 / 0.1**2) / precision)
    assert deviation[0] == pytest.approx(precision**-0.5)


def test_an_unclear_gain_of_the_fleet_counts_as_none_but_a_loss_counts() -> None:
    gains, errors = np.array([0.6]), np.array([0.3])
    unclear, _ = shrink(gains, errors, Prior(0.2, 0.15, 0.1))
    none, _ = shrink(gains, errors, Prior(0.0, 0.15, 0.1))
    loss, _ = shrink(gains, errors, Prior(-0.2, 0.15, 0.1))
    assert unclear == none
    assert loss < none


def test_each_entity_gets_the_surest_alternative() -> None:
    gains = np.array([[0.5, 1.0], [1.0, 0.5], [0.5, 1.0], [1.0, 0.5]])
    decision = decide(gains, np.full((4, 2), 0.05))
    assert decision.choice.tolist() == [1, 0, 1, 0]
    assert (decision.posterior > 0.4).all()


def test_without_a_real_gain_hardly_anybody_leaves() -> None:
    random = np.random.default_rng(3)
    shape = (100, len(ALTERNATIVES))
    runs = [decide(random.normal(0.0, 0.1, shape), np.full(shape, 0.1)) for _ in range(100)]
    with_leavers = [run for run in runs if (run.choice >= 0).any()]
    assert len(with_leavers) <= 100 * FALSE_DISCOVERY_RATE * 2


def test_most_who_leave_had_reason_to() -> None:
    random = np.random.default_rng(4)
    is_better = np.arange(400) < 80
    truth = np.where(is_better, 0.5, 0.0)
    found = decide((truth + random.normal(0.0, 0.1, 400))[:, None], np.full((400, 1), 0.1))
    leaves = found.choice >= 0
    assert leaves[is_better].mean() > 0.9
    assert (~is_better[leaves]).mean() < 2 * FALSE_DISCOVERY_RATE


@given(st.permutations(range(6)))
def test_the_order_of_the_entities_does_not_matter(order: list[int]) -> None:
    random = np.random.default_rng(5)
    gains, errors = random.normal(0.3, 0.3, (6, 4)), random.uniform(0.01, 0.3, (6, 4))
    expected = decide(gains, errors).choice
    assert decide(gains[order], errors[order]).choice.tolist() == expected[order].tolist()


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_discoveries_are_those_of_benjamini_and_hochberg(chances: list[float]) -> None:
    chance = np.array(chances)
    adjusted = stats.false_discovery_control(chance)
    certain = np.abs(adjusted - 0.05) > 1e-12
    np.testing.assert_array_equal(discoveries(chance, 0.05)[certain], (adjusted <= 0.05)[certain])


def test_the_upper_tail_is_that_of_the_standard_normal() -> None:
    z = np.array([-np.inf, -2.0, 0.0, 1.96, 5.0, np.inf])
    expected = [NormalDist().cdf(-value) for value in z.tolist()]
    np.testing.assert_allclose(upper_tail(z), expected, rtol=1e-9)


def test_the_labels_tell_alternatives_apart() -> None:
    assert [each.label for each in ALTERNATIVES] == [
        "blend 0.25",
        "blend 0.50",
        "entity",
        "baseline",
    ]
    assert ALTERNATIVES[-1].level is Level.BASELINE
