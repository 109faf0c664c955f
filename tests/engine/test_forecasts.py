"""Whole forecasts of a small release: consistent with their days, honest about what is known."""

from typing import cast

import numpy as np
import pytest

from tracer_ray.errors import RequestError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.registry import Registry

Answer = dict[str, object]
STORE = {"store": "Store 01"}


@pytest.fixture(scope="module")
def predictor(promoted_home: str) -> Predictor:
    """The champion of revenue forecasts: four stores, closed on Sundays."""
    entry = Registry(promoted_home).champion("revenue_forecast")
    assert entry is not None
    return Predictor.open(entry.uri)


def answer(predictor: Predictor, request: dict[str, object]) -> Answer:
    (said,) = predictor.answer([request])
    assert not isinstance(said, RequestError), said
    return said


def error(predictor: Predictor, request: dict[str, object]) -> str:
    (said,) = predictor.answer([request])
    assert isinstance(said, RequestError)
    return str(said)


def path_of(said: Answer) -> list[dict[str, object]]:
    return cast(list[dict[str, object]], said["daily_path"])


def test_a_request_without_a_day_is_answered_for_the_whole_horizon(predictor: Predictor) -> None:
    said = answer(predictor, dict(STORE))
    path = path_of(said)
    assert len(path) == 90
    assert predictor.as_of is not None
    first = np.datetime64(predictor.as_of[:10]) + 1
    assert [day["date"] for day in path] == [str(first + n) for n in range(90)]
    assert {field.name for field in predictor.blueprint.output} - said.keys() == {
        "predicted_value",
        "interval",
    }


def test_a_day_of_the_path_is_what_that_day_alone_is_answered(predictor: Predictor) -> None:
    day = path_of(answer(predictor, dict(STORE)))[10]
    alone = answer(predictor, {**STORE, "date": day["date"]})
    assert (alone["predicted_value"], alone["interval"]) == (day["value"], day["interval"])


def test_closed_days_bring_nothing(predictor: Predictor) -> None:
    path = path_of(answer(predictor, dict(STORE)))
    sundays = [day for day in path if np.datetime64(str(day["date"]), "D").astype(int) % 7 == 3]
    assert len(sundays) in (12, 13)
    assert {cast(float, day["value"]) for day in sundays} == {0.0}
    assert all(cast(float, day["value"]) > 0 for day in path if day not in sundays)


def test_a_longer_sum_is_larger_and_lies_in_its_interval(predictor: Predictor) -> None:
    said = answer(predictor, dict(STORE))
    month, quarter = (cast(float, said[name]) for name in ("forecast_30d", "forecast_90d"))
    assert 0.0 < month < quarter
    ends = cast(dict[str, list[float]], said["confidence_interval"])
    assert ends["30d"][0] <= month <= ends["30d"][1]
    assert ends["90d"][0] <= quarter <= ends["90d"][1]


def test_a_planned_promotion_raises_its_own_day_only(predictor: Predictor) -> None:
    plain = path_of(answer(predictor, dict(STORE)))
    day = str(plain[3]["date"])
    without, promoted = (
        path_of(answer(predictor, {**STORE, "future": [{"date": day, "promotion": planned}]}))
        for planned in (False, True)
    )
    assert cast(float, promoted[3]["value"]) > 1.1 * cast(float, without[3]["value"])
    assert [each for each in promoted if each["date"] != day] == [
        each for each in plain if each["date"] != day
    ]


def test_weekdays_that_differ_are_found_and_the_trend_is_read_beside_latest_days(
    predictor: Predictor,
) -> None:
    said = answer(predictor, dict(STORE))
    assert said["seasonality_flag"] is True
    trend = cast(dict[str, object], said["trend_analysis"])
    assert trend["direction"] in ("up", "down", "flat")
    latest, coming = (
        cast(float, trend[name]) for name in ("latest_daily_average", "forecast_daily_average")
    )
    assert trend["change"] == pytest.approx(coming / latest - 1.0, abs=1e-4)


def test_newer_rows_move_the_start_of_the_forecast(predictor: Predictor) -> None:
    day = path_of(answer(predictor, dict(STORE)))[0]
    recent = [{"date": day["date"], "sales": 4000.0, "promotion": False}]
    said = answer(predictor, {**STORE, "recent": recent})
    assert str(said["as_of"])[:10] == day["date"]
    assert path_of(said)[0]["date"] == str(np.datetime64(str(day["date"])) + 1)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({**STORE, "date": "2031-01-01"}, "more than 90 days ahead; the last day"),
        ({**STORE, "date": "2023-02-01"}, "is not after"),
        ({**STORE, "future": [{"date": "2031-01-01"}]}, "row 1: expected a day from"),
        ({**STORE, "future": "soon"}, "expected a list of rows"),
        ({"store": "nowhere"}, "nothing is known of entity 'nowhere'"),
        ({"promotion": True}, "field 'entity' is missing"),
    ],
)
def test_what_cannot_be_forecast_is_refused_with_what_can(
    predictor: Predictor, request_: dict[str, object], words: str
) -> None:
    assert words in error(predictor, request_)


def test_figures_have_the_sums_measured_on_test_windows(predictor: Predictor) -> None:
    figures = predictor.release.manifest.figures["revenue"]
    assert {"rmsle", "wape", "coverage", "wape_30d", "coverage_30d"} <= figures.ours.keys()
    assert figures.ours["rmsle"] < figures.baseline["rmsle"]
