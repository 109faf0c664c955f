"""Naive forecasts: one definition for training and for answers."""

import numpy as np
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.player_props import PLAYER_PROPS
from blueprints.revenue_forecast import REVENUE_FORECAST
from tracer_ray.baselines import naive_forecast


def test_a_baseline_says_its_feature_and_the_constant_where_there_is_none() -> None:
    naive = naive_forecast(PLAYER_PROPS, "points", "season average", 7.5)
    names = [each.name for each in PLAYER_PROPS.features_for("points")]
    x = np.zeros((2, len(names)), np.float32)
    x[:, names.index("points_season_mean")] = [5.0, np.nan]
    assert naive.predict(x).tolist() == [5.0, 7.5]


def test_a_baseline_without_a_feature_is_the_constant() -> None:
    naive = naive_forecast(CUSTOMER_CHURN, "churned", "base rate", 0.27)
    assert naive.predict(np.ones((2, 5), np.float32)).tolist() == [0.27, 0.27]


def test_an_average_of_logarithms_is_said_as_an_amount() -> None:
    naive = naive_forecast(REVENUE_FORECAST, "revenue", "last value", 50.0)
    names = [each.name for each in REVENUE_FORECAST.features_for("revenue")]
    x = np.full((1, len(names)), np.nan, np.float32)
    x[:, names.index("log_revenue_lag_1")] = np.log1p(1234.0)
    assert naive.predict(x)[0] == pytest.approx(1234.0, rel=1e-5)
