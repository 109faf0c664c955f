"""The metric decides what is learned; each metric that can't be learned is refused."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.errors import BlueprintError, TrainingError
from tracer_ray.training.objective import Objective, objective


def goal_of(blueprint: Blueprint, metric: str) -> Objective:
    changed = replace(blueprint, metric=metric)
    return objective(changed, changed.targets[0].name, ("a", "b"), (1,))


@pytest.mark.parametrize(
    ("blueprint", "metric", "loss"),
    [
        (PLAYER_PROPS, "mae", "absolute"),
        (PLAYER_PROPS, "rmse", "squared"),
        (CUSTOMER_CHURN, "log_loss", "log_loss"),
        (CUSTOMER_CHURN, "brier", "log_loss"),
    ],
)
def test_a_metric_is_learned_through_its_loss(blueprint: Blueprint, metric: str, loss: str) -> None:
    goal = goal_of(blueprint, metric)
    assert goal.task.loss == loss
    assert goal.answer is blueprint.targets[0].answer
    assert (goal.task.feature_names, goal.task.categorical) == (("a", "b"), (1,))


@pytest.mark.parametrize("metric", ["auc", "coverage", "nonsense"])
def test_a_metric_that_nothing_can_be_fitted_to_is_refused(metric: str) -> None:
    with pytest.raises(BlueprintError, match=f"player_props: nothing can be fitted to '{metric}'"):
        goal_of(PLAYER_PROPS, metric)


def test_a_loss_that_does_not_fit_the_answer_is_refused() -> None:
    with pytest.raises(TrainingError, match="does not fit the answer 'number'"):
        goal_of(PLAYER_PROPS, "log_loss")


def test_losses_are_the_metrics_own() -> None:
    random = np.random.default_rng(0)
    actual, said = random.normal(size=40), random.normal(size=40)
    mae = goal_of(PLAYER_PROPS, "mae")
    assert mae.loss(actual, said) == pytest.approx(mean_absolute_error(actual, said))
    assert mae.losses(actual, said).mean() == pytest.approx(mae.loss(actual, said))
    flags, chance = (actual > 0).astype(np.float64), random.uniform(0.01, 0.99, 40)
    for name, oracle in (("log_loss", log_loss), ("brier", brier_score_loss)):
        goal = goal_of(CUSTOMER_CHURN, name)
        assert goal.answer is Answer.PROBABILITY
        assert goal.loss(flags, chance) == pytest.approx(oracle(flags, chance))
