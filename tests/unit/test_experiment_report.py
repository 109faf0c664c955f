"""The report of a test: figures as scikit-learn has them, and verdicts only with evidence."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import log_loss, mean_absolute_error, root_mean_squared_error

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.player_props import PLAYER_PROPS
from blueprints.revenue_forecast import REVENUE_FORECAST
from tracer_ray.blueprint import Blueprint
from tracer_ray.experiments.comparison import Challenge
from tracer_ray.experiments.predictions import SCHEMA
from tracer_ray.experiments.report import Log, Report, report_tests
from tracer_ray.rows import FloatArray

BEGAN = datetime(2031, 1, 1, tzinfo=UTC)
SHARE = Challenge("new", BEGAN, is_shadow=False)
SHADOW = Challenge("new", BEGAN, is_shadow=True)
DAYS, ROWS = 120, 8


def _rows(
    release: str, actual: FloatArray, predicted: FloatArray, *, is_shadow: bool = False
) -> list[dict[str, object]]:
    """One release's settled predictions: 8 entities a day, who repeat."""
    return [
        {
            "request_id": f"r{place}",
            "row": 0,
            "time": BEGAN + timedelta(days=place // ROWS, hours=1),
            "release": release,
            "variant": "challenger" if release == "new" else "champion",
            "is_shadow": is_shadow,
            "entity": f"e{place % 80}",
            "happens_at": BEGAN + timedelta(days=place // ROWS, hours=7),
            "as_of": None,
            "target": "points",
            "prediction": forecast,
            "lower": forecast - 2.0,
            "upper": forecast + 2.0,
            "features": "f",
            "key": f"k{place}",
            "actual": outcome,
            "known_at": BEGAN + timedelta(days=place // ROWS, hours=7),
        }
        for place, (outcome, forecast) in enumerate(zip(actual, predicted, strict=True))
    ]


def _report(blueprint: Blueprint, rows: list[dict[str, object]], *tested: Challenge) -> Report:
    instant = pa.timestamp("us", tz="UTC")
    schema = SCHEMA.append(pa.field("actual", pa.float64())).append(pa.field("known_at", instant))
    table = pa.Table.from_pylist(rows, schema=schema)
    return report_tests(blueprint, "old", tested, Log(table.select(SCHEMA.names), table))


def _noise(seed: int, scale: float = 1.0) -> FloatArray:
    return np.random.default_rng(seed).normal(scale=scale, size=DAYS * ROWS)


def test_the_figures_are_those_of_the_rows_each_release_answered() -> None:
    actual = 10.0 + _noise(1, 3.0)
    old, new = actual + _noise(2), actual + _noise(3, 2.0)
    is_new = np.arange(len(actual)) % 80 < 20
    rows = _rows("old", actual, old)
    rows = [row for row, other in zip(rows, is_new, strict=True) if not other]
    rows += [row for row, own in zip(_rows("new", actual, new), is_new, strict=True) if own]
    report = _report(PLAYER_PROPS, rows, SHARE)
    champion, challenger = report.figures
    assert champion.loss == pytest.approx(mean_absolute_error(actual[~is_new], old[~is_new]))
    assert challenger.loss == pytest.approx(mean_absolute_error(actual[is_new], new[is_new]))
    assert (champion.settled, challenger.settled) == (720, 240)
    assert (champion.entities, challenger.entities) == (60, 20)
    inside = np.abs(actual[is_new] - new[is_new]) <= 2.0
    assert challenger.calibration == pytest.approx(inside.mean())
    (compared,) = report.comparisons
    assert compared.units == 80  # entities, not rows
    assert compared.verdict == "none yet"  # 20 entities are too few to tell
    assert "at least 30 units on each side" in compared.text


def test_a_shadow_that_is_better_row_for_row_is_found_by_days() -> None:
    actual = 10.0 + _noise(1, 3.0)
    old, new = actual + _noise(2, 2.0), actual + _noise(3)
    rows = _rows("old", actual, old) + _rows("new", actual, new, is_shadow=True)
    (compared,) = _report(PLAYER_PROPS, rows, SHADOW).comparisons
    gaps = np.abs(new - actual) - np.abs(old - actual)
    assert compared.difference == pytest.approx(gaps.mean())
    assert (compared.units, compared.unit, compared.rows) == (DAYS, "day", DAYS * ROWS)
    assert compared.verdict == "better"
    assert compared.high is not None
    assert compared.high < 0.0
    (other,) = _report(PLAYER_PROPS, rows[::-1], SHADOW).comparisons
    assert other.difference == pytest.approx(compared.difference)


def test_without_evidence_it_is_told_how_much_is_missing() -> None:
    actual = 10.0 + _noise(1, 3.0)
    rows = _rows("old", actual, actual + 1.04 * _noise(2))
    rows += _rows("new", actual, actual + _noise(3), is_shadow=True)
    (compared,) = _report(PLAYER_PROPS, rows, SHADOW).comparisons
    assert compared.verdict == "none yet"
    assert compared.low is not None
    assert compared.high is not None
    assert compared.low < 0.0 < compared.high
    assert compared.rows_needed is not None
    assert compared.rows_needed > compared.rows
    assert f"about {compared.rows_needed:,} more settled rows" in compared.text
    (none,) = _report(PLAYER_PROPS, _rows("old", actual, actual), SHADOW).comparisons
    assert (none.rows, none.verdict, none.rows_needed) == (0, "none yet", None)
    assert "none in sight" in none.text


def test_probabilities_and_amounts_are_judged_by_the_blueprints_own_metric() -> None:
    chance = np.clip(0.5 + 0.2 * _noise(1), 0.01, 0.99)
    actual = (np.random.default_rng(2).random(len(chance)) < chance).astype(np.float64)
    rows = [
        {**row, "target": "churned", "lower": None, "upper": None}
        for row in _rows("old", actual, chance)
    ]
    (figures,) = _report(CUSTOMER_CHURN, rows).figures
    assert figures.loss == pytest.approx(log_loss(actual, chance))
    assert figures.calibration is not None
    assert figures.calibration < 0.1
    rows = [{**row, "target": "revenue"} for row in _rows("old", 9 + actual, 9 + chance)]
    (figures,) = _report(REVENUE_FORECAST, rows).figures
    logs = np.log1p(9 + actual), np.log1p(9 + chance)
    assert figures.loss == pytest.approx(root_mean_squared_error(*logs))


def test_rows_before_a_test_began_and_of_other_releases_do_not_count() -> None:
    actual = 10.0 + _noise(1)
    rows = _rows("old", actual, actual + 1.0) + _rows("other", actual, actual)
    late = Challenge("new", BEGAN + timedelta(days=100), is_shadow=False)
    (champion, challenger) = _report(PLAYER_PROPS, rows, late).figures
    assert champion.settled == 20 * ROWS
    assert (challenger.settled, challenger.loss) == (0, None)


def test_several_challengers_share_the_error_that_is_allowed() -> None:
    actual = 10.0 + _noise(1, 3.0)
    rows = _rows("old", actual, actual + _noise(2))
    rows += _rows("new", actual, actual + _noise(3), is_shadow=True)
    rows += _rows("third", actual, actual + _noise(4), is_shadow=True)
    third = Challenge("third", BEGAN, is_shadow=True)
    (alone,) = _report(PLAYER_PROPS, rows, SHADOW).comparisons
    first, _ = _report(PLAYER_PROPS, rows, SHADOW, third).comparisons
    assert first.high is not None
    assert alone.high is not None
    assert first.high > alone.high
