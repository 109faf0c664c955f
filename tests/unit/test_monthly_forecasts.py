"""Forecasts of months: twelve of them, learned relative to the year before, asked for by month."""

from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from tests.in_process import ingested
from tracer_ray.archive import blueprint
from tracer_ray.errors import BlueprintError, RequestError
from tracer_ray.prediction.outcomes import read_outcomes
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.seasons import is_yearly
from tracer_ray.rows import FloatArray
from tracer_ray.training.in_process import InProcessRun, train_in_process
from tracer_ray.training.search import started

Answer = dict[str, object]
MONTHLY = blueprint("product_demand", {"period": "month"})
YEARS, PRODUCTS = 9, 12
MONTHS = np.arange("2015-01", f"{2015 + YEARS}-01", dtype="datetime64[M]")
GROWTH = 0.06  # a year, on the logarithm


def expected(product: int, months: FloatArray) -> FloatArray:
    """Units that grow, with a season of each product's own."""
    season = 0.4 * np.cos(2.0 * np.pi * (months - 2 * product) / 12.0)
    return np.asarray(np.exp(5.0 + 0.2 * product + GROWTH * months / 12.0 + season))


def rows_of(
    product: str, months: FloatArray, units: FloatArray, random: np.random.Generator
) -> pa.Table:
    return pa.table(
        {
            "product": [product] * len(months),
            "month": [str(MONTHS[int(month)]) for month in months],
            "units": units * random.lognormal(0.0, 0.02, len(months)),
            "price": random.uniform(2.0, 4.0, len(months)),
        }
    )


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    random, months = np.random.default_rng(7), np.arange(float(len(MONTHS)))
    tables = [
        rows_of(f"p{each}", months, expected(each, months), random) for each in range(PRODUCTS)
    ]
    home = tmp_path_factory.mktemp("monthly")
    run = InProcessRun(str(home), ingested(MONTHLY, pa.concat_tables(tables), home))
    names = run.plan.feature_names("units")
    tried = tuple(started(each, names, "units") for each in MONTHLY.portfolio.pooled[:2])
    return Predictor.open(train_in_process(run.plan, tried).uri)


def answer(predictor: Predictor, **request: object) -> Answer:
    (said,) = predictor.answer([{"product": "p1", **request}])
    assert not isinstance(said, RequestError), said
    return said


def refusal(predictor: Predictor, **request: object) -> str:
    (said,) = predictor.answer([{"product": "p1", **request}])
    assert isinstance(said, RequestError)
    return str(said)


def path_of(said: Answer) -> list[dict[str, object]]:
    return cast(list[dict[str, object]], said["monthly_path"])


def test_the_next_twelve_months_are_forecast_with_their_growth(predictor: Predictor) -> None:
    path = path_of(answer(predictor))
    assert [each["date"] for each in path] == [f"{2015 + YEARS}-{m:02}-01" for m in range(1, 13)]
    said = np.array([cast(float, each["value"]) for each in path])
    last_year, coming = (expected(1, start + np.arange(12.0)) for start in (96, 108))
    assert np.abs(np.log(said / coming)).mean() < 0.5 * GROWTH
    assert np.abs(np.log(last_year / coming)).mean() == pytest.approx(GROWTH)


def test_months_add_up_and_their_trend_is_that_of_the_year(predictor: Predictor) -> None:
    said = answer(predictor)
    values = [cast(float, each["value"]) for each in path_of(said)]
    for months in (3, 12):
        total = cast(float, said[f"forecast_{months}m"])
        assert total == pytest.approx(sum(values[:months]), abs=1e-4)
    trend = cast(dict[str, object], said["trend_analysis"])
    assert trend["months"] == 12
    assert cast(float, trend["change"]) == pytest.approx(np.expm1(GROWTH), abs=0.03)
    assert said["seasonality_flag"] is True


def test_any_day_of_a_month_asks_for_that_month(predictor: Predictor) -> None:
    sixth = path_of(answer(predictor))[5]
    alone = answer(predictor, date=f"{2015 + YEARS}-06-17")
    assert (alone["predicted_value"], alone["interval"]) == (sixth["value"], sixth["interval"])


def test_months_that_are_known_or_too_far_are_refused(predictor: Predictor) -> None:
    assert "is not after 2023-12-01" in refusal(predictor, date="2023-12-24")
    assert "the last month that can be forecast is 2024-12-01" in refusal(
        predictor, date="2025-01-01"
    )
    future = [{"date": "2024-02-15", "price": 3.0}]
    assert "expected the first day of a month from 2024-01-01" in refusal(predictor, future=future)


def test_what_is_planned_of_a_month_is_said_with_the_month(predictor: Predictor) -> None:
    said = [
        path_of(answer(predictor, future=[{"date": date, "price": 3.0}]))
        for date in ("2024-02", "2024-02-01")
    ]
    assert said[0] == said[1]


def test_newer_rows_of_a_request_are_added_up_by_month(predictor: Predictor) -> None:
    one = [{"date": "2024-01-01", "units": 300.0}]
    parts = [{"date": f"2024-01-{day:02}", "units": 100.0} for day in (3, 9, 30)]
    said = [path_of(answer(predictor, recent=recent)) for recent in (one, parts)]
    assert said[0] == said[1]
    assert said[0][0]["date"] == "2024-02-01"
    assert said[0] != path_of(answer(predictor))[1:]


def test_what_a_month_came_to_is_known_when_it_is_over(predictor: Predictor) -> None:
    told = pa.table({"product": ["p1"], "month": ["2024-02"], "units": [99.0]})
    ((outcome,),) = read_outcomes(predictor, told, is_strict=True).outcomes.values()
    assert np.datetime64(cast(int, outcome.happened_at), "us") == np.datetime64("2024-03-01", "us")


def test_days_ahead_and_months_exclude_each_other() -> None:
    with pytest.raises(BlueprintError, match=r"horizon_days=14 counts days, and period=month"):
        blueprint("product_demand", {"period": "month", "horizon_days": 14})


def test_a_trend_is_no_season_and_few_years_tell_nothing() -> None:
    months = np.arange(60.0)
    assert is_yearly(np.exp(months / 30.0), 12) is False
    assert is_yearly(expected(0, months), 12) is True
    assert is_yearly(months[:47], 12) is None
    noise = np.random.default_rng(3).normal(100.0, 5.0, (200, 60))
    assert np.mean([bool(is_yearly(each, 12)) for each in noise]) < 0.05


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """Small products, a large one of eight months, and one that is sold from November to March."""
    months = np.arange(float(len(MONTHS)))
    random = np.random.default_rng(5)
    tables = [rows_of(f"p{each}", months, expected(each, months), random) for each in range(6)]
    late = months[-8:]
    tables.append(rows_of("large", late, np.full(8, 100_000.0), random))
    winter = months[np.isin(months % 12, (0, 1, 2, 10, 11))]
    tables.append(rows_of("winter", winter, np.full(len(winter), 500.0), random))
    home = tmp_path_factory.mktemp("mixed")
    run = InProcessRun(str(home), ingested(MONTHLY, pa.concat_tables(tables), home))
    names = run.plan.feature_names("units")
    tried = tuple(started(each, names, "units") for each in MONTHLY.portfolio.pooled[:2])
    return Predictor.open(train_in_process(run.plan, tried).uri)


def test_a_series_of_some_months_keeps_its_height(mixed: Predictor) -> None:
    said = [cast(float, each["value"]) for each in path_of(answer(mixed, product="large"))]
    assert min(said) > 50_000.0


def test_a_product_of_one_season_is_forecast_in_it_and_nowhere_else(mixed: Predictor) -> None:
    said = path_of(answer(mixed, product="winter"))
    sold = [str(each["date"])[5:7] for each in said if cast(float, each["value"]) > 0.0]
    assert sold == ["01", "02", "03", "11", "12"]


def test_half_a_month_of_newer_rows_is_refused(predictor: Predictor) -> None:
    half = [{"date": f"2024-01-{day:02}", "units": 10.0} for day in range(1, 12)]
    assert "month of its rows is not whole" in refusal(predictor, recent=half)
