"""A class, a threshold and a name for the risk, from what mistakes cost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.customer_churn import CUSTOMER_CHURN
from tracer_ray.blueprint import OutputField, Source
from tracer_ray.decision import Decision, RiskBand
from tracer_ray.errors import BlueprintError

costs = st.floats(0.01, 1000.0)


@given(miss=costs, false_alarm=costs, seed=st.integers(0, 1000))
def test_no_other_threshold_costs_less_on_probabilities_that_are_true(
    miss: float, false_alarm: float, seed: int
) -> None:
    decision = Decision("yes", "no", miss, false_alarm)
    probability = np.random.default_rng(seed).random(200)

    def expected_cost(threshold: float) -> float:
        acts = probability >= threshold
        return float(np.where(acts, (1.0 - probability) * false_alarm, probability * miss).sum())

    ours = expected_cost(decision.threshold)
    assert all(ours <= expected_cost(other) + 1e-9 for other in np.linspace(0.0, 1.01, 50))


def test_the_class_and_the_risk_change_exactly_at_their_thresholds() -> None:
    decision = Decision("late", "on time", miss_cost=3.0, false_alarm_cost=1.0)
    probability = np.array([0.0, 0.1249, 0.125, 0.2499, 0.25, 1.0])
    assert decision.classes(probability) == ["on time"] * 4 + ["late"] * 2
    assert decision.risks(probability) == ["low", "low", "medium", "medium", "high", "high"]


@pytest.mark.parametrize("cost", [0.0, -1.0, float("nan")])
def test_a_mistake_that_costs_nothing_is_refused(cost: float) -> None:
    with pytest.raises(ValueError, match="both must be above 0"):
        Decision("yes", "no", cost, 1.0)


@pytest.mark.parametrize("starts", [(), (0.5,), (0.0, 1.0, 0.5), (0.0, 0.0)])
def test_risk_bands_cover_everything_once(starts: tuple[float, ...]) -> None:
    bands = tuple(RiskBand(f"band {start}", start) for start in starts)
    with pytest.raises(ValueError, match="expected rising values from 0"):
        Decision("yes", "no", 1.0, 1.0, bands)


def test_an_output_that_names_a_class_needs_a_decision() -> None:
    field = OutputField("verdict", Source.CLASS, "what to expect")
    undecided = tuple(replace(each, decision=None) for each in CUSTOMER_CHURN.targets)
    with pytest.raises(BlueprintError, match="'verdict' needs a decision of target 'churned'"):
        replace(CUSTOMER_CHURN, output=(field,), targets=undecided)
