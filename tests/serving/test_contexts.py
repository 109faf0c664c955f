"""Contexts: what is known of entities, equal to what their predictions read."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np
import pytest

from tests.served import Served, client_of
from tracer_ray.prediction.context import contexts
from tracer_ray.prediction.next_rows import next_rows
from tracer_ray.serving.champions import Champions

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def _send(champions: Champions, method: str, path: str, body: object = None) -> httpx.Response:
    async def send() -> httpx.Response:
        async with client_of(Served(champions)) as client:
            return await client.request(method, path, json=body)

    return asyncio.run(send())


def _past(context: Mapping[str, Any], target: str) -> dict[str, Any]:
    return {each["feature"]: each["value"] for each in context["targets"][target]["past"]}


def test_the_past_is_what_a_prediction_of_now_reads(champions: Champions) -> None:
    predictor = champions.predictor("player_props")
    assert predictor is not None
    names = list(predictor.owners)
    read = predictor.reader.read([{"player": name, "stat": "points"} for name in names])
    micros = int(NOW.timestamp()) * 1_000_000
    rows = next_rows(read.table, predictor.blueprint, micros)
    features = predictor.program.transform_next(predictor.state, predictor.vocabulary, rows.views)
    for row, context in enumerate(contexts(predictor, names, NOW)):
        assert isinstance(context, dict)
        past = _past(context, "points")
        for name in ("points_mean_10", "points_season_mean", "minutes_ewm_8", "points_count"):
            value = features[row, predictor.program.names.index(name)]
            assert past[name] == (pytest.approx(float(value), rel=1e-5) if value == value else None)
        assert "rebounds_mean_10" not in past


def test_the_newest_values_give_the_averages(champions: Champions) -> None:
    context = _send(champions, "GET", "/context/player_props/1001").json()
    points = context["targets"]["points"]
    assert len(points["newest"]) == 10
    assert _past(context, "points")["points_mean_10"] == pytest.approx(np.mean(points["newest"]))
    assert _past(context, "points")["points_lag_1"] == points["newest"][0]
    described = {each["feature"]: each["description"] for each in points["past"]}
    assert described["points_mean_10"] == "average of points over the last 10 rows"
    assert (context["entity"], context["rows"] > 0) == ("1001", True)
    assert points["level"] in ("entity", "blend", "pooled", "baseline")


def test_a_side_is_told_of_alone(champions: Champions) -> None:
    context = _send(champions, "GET", "/context/match_outcome/Team 01").json()
    past = _past(context, "won")
    assert "won_mean_10" in past
    assert not any(name.startswith(("versus_", "rating")) for name in past)
    assert past["won_mean_10"] == pytest.approx(np.mean(context["targets"]["won"]["newest"]))


def test_what_is_said_of_the_row_to_come_adds_what_a_prediction_reads_of_it(
    champions: Champions,
) -> None:
    predictor = champions.predictor("player_props")
    assert predictor is not None
    asked = {"player": "1001", "stat": "points", "opponent": "T02", "home": 1}
    rows = next_rows(predictor.reader.read([asked]).table, predictor.blueprint, 10**16)
    features = predictor.program.transform_next(predictor.state, predictor.vocabulary, rows.views)
    path = "/context/player_props/1001?opponent=T02&home=1"
    one = _send(champions, "GET", path).json()
    body = {"entities": ["1001", "1002"], "coming": {"opponent": "T02", "home": 1}}
    many = _send(champions, "POST", "/context/player_props/batch", body).json()
    assert many["entities"][0] == one
    coming = {each["feature"]: each["value"] for each in one["targets"]["points"]["coming"]}
    name = "opponent_points_expanding_mean"
    expected = float(features[0, predictor.program.names.index(name)])
    assert coming[name] == pytest.approx(expected, rel=1e-5)
    assert not coming.keys() & _past(one, "points").keys()
    assert "coming" not in _send(champions, "GET", "/context/player_props/1001").text


def test_a_side_that_will_be_met_is_compared_with(champions: Champions) -> None:
    path = "/context/match_outcome/Team 01?side_b=Team 02"
    won = _send(champions, "GET", path).json()["targets"]["won"]
    coming = {each["feature"]: each["value"] for each in won["coming"]}
    assert 0.0 < coming["rating_probability_32"] < 1.0
    assert "versus_won_mean_10" in coming


def test_a_batch_has_an_answer_or_an_error_each(champions: Champions) -> None:
    known = champions.held["player_props"].predictor
    assert known is not None
    asked = ["1001", "nobody", known.owners["1002"].label.upper(), "1001"]
    told = _send(champions, "POST", "/context/player_props/batch", {"entities": asked}).json()
    first, unknown, by_name, again = told["entities"]
    assert told["failed"] == 1
    assert first == again == _send(champions, "GET", "/context/player_props/1001").json()
    assert unknown["error"]["status"] == 404
    assert by_name["entity"] == "1002"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "detail"),
    [
        ("GET", "/context/player_props/nobody", None, 404, "nothing is known of player 'nobody'"),
        ("GET", "/context/goals/1001", None, 404, "no blueprint 'goals' is served"),
        ("GET", "/context/customer_churn/1", None, 422, "its rows have no entity"),
        ("GET", "/context/player_props/1001?rival=A", None, 422, "rival"),
        ("POST", "/context/player_props/batch", {"entities": ["1"], "coming": 1}, 422, "an object"),
        ("GET", "/context/player_props/1001?home=far", None, 422, "home"),
        ("POST", "/context/player_props/batch", {"entities": []}, 422, "with 1 to 50 keys"),
        ("POST", "/context/player_props/batch", {"entities": ["x"] * 51}, 422, "with 1 to 50"),
        ("POST", "/context/player_props/batch", {"entities": [[]]}, 422, "with 1 to 50 keys"),
    ],
)
def test_what_cannot_be_told_is_a_problem(
    champions: Champions, method: str, path: str, body: object, status: int, detail: str
) -> None:
    reply = _send(champions, method, path, body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert detail in reply.json()["detail"]
