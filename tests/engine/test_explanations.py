"""Explanations of small releases: they add up to the answer, and change nothing else of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tracer_ray.errors import RequestError
from tracer_ray.link import to_link
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.scoring import score_table
from tracer_ray.registry.registry import Registry

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REQUESTS: Mapping[str, Mapping[str, object]] = {
    "player_props": {"player": "1001", "stat": "points", "line": 9.5},
    "customer_churn": {"tenure_months": 3, "contract": "month-to-month", "monthly_charges": 80},
    "match_outcome": {"team_a": "Team 01", "team_b": "Team 02"},
    "revenue_forecast": {"store": "Store 01", "date": "2024-07-20"},
}


@pytest.fixture(scope="module")
def predictors(promoted_home: str) -> dict[str, Predictor]:
    champions = {name: Registry(promoted_home).champion(name) for name in REQUESTS}
    return {name: Predictor.open(entry.uri) for name, entry in champions.items() if entry}


def _said(predictor: Predictor, **request: object) -> dict[str, Any]:
    (said,) = predictor.answer([request], NOW)
    assert not isinstance(said, RequestError), said
    return said


@pytest.mark.parametrize("name", list(REQUESTS))
def test_start_reasons_and_others_sum_to_the_answer(
    name: str, predictors: Mapping[str, Predictor]
) -> None:
    predictor = predictors[name]
    said = _said(predictor, **REQUESTS[name], explain=True)
    why = said["explanation"]
    added = sum(reason["contribution"] for reason in why["reasons"])
    assert why["start"] + added + why["others"] == pytest.approx(why["prediction"], abs=1e-5)
    sizes = [abs(reason["contribution"]) for reason in why["reasons"]]
    assert len(sizes) <= 5
    assert sizes or said["level"] == "baseline"  # which may be a constant: nothing moves it
    assert sizes == sorted(sizes, reverse=True)
    if "predicted_value" in said:
        answer = predictor.target(said["target"]).answer
        value = np.array([said["predicted_value"]])
        assert why["prediction"] == pytest.approx(to_link(value, answer)[0], abs=1e-5)


@pytest.mark.parametrize("name", list(REQUESTS))
def test_an_explanation_changes_nothing_else(
    name: str, predictors: Mapping[str, Predictor]
) -> None:
    plain = _said(predictors[name], **REQUESTS[name])
    asked = _said(predictors[name], **REQUESTS[name], explain="yes")
    assert "explanation" not in plain
    assert {key: value for key, value in asked.items() if key != "explanation"} == plain


def test_every_owner_of_every_level_is_explained_alone_as_in_a_batch(
    predictors: Mapping[str, Predictor],
) -> None:
    players = predictors["player_props"]
    requests = [
        {"player": owner, "stat": target, "explain": number % 3 > 0}
        for number, owner in enumerate(players.owners)
        for target in players.targets
    ]
    together = players.answer(requests, NOW)
    assert together == [_said(players, **request) for request in requests]
    for request, said in zip(requests, together, strict=True):
        assert not isinstance(said, RequestError)
        assert ("explanation" in said) == request["explain"]


def test_the_effects_on_a_probability_are_points_of_the_calibrated_one(
    predictors: Mapping[str, Predictor],
) -> None:
    churn = predictors["customer_churn"]
    said = _said(churn, **REQUESTS["customer_churn"], explain=True)
    why, calibrate = said["explanation"], churn.target("").uncertainty.calibrate
    margins = np.cumsum([why["start"], *(each["contribution"] for each in why["reasons"])])
    answers = calibrate(1.0 / (1.0 + np.exp(-margins)))
    assert why["start_answer"] == pytest.approx(answers[0], abs=1e-5)
    effects = [reason["effect"] for reason in why["reasons"]]
    assert effects == pytest.approx((100.0 * np.diff(answers)).tolist(), abs=1e-3)


def test_a_probability_has_its_reasons_unless_they_are_not_wanted(
    predictors: Mapping[str, Predictor],
) -> None:
    request, matches = REQUESTS["match_outcome"], predictors["match_outcome"]
    usual, asked, bare = (_said(matches, **request, explain=on) for on in (None, True, False))
    assert usual["top_reasons"] == asked["explanation"]["reasons"] != []
    assert bare["top_reasons"] is None
    assert {**bare, "top_reasons": usual["top_reasons"]} == usual
    table = pa.Table.from_pylist([dict(request)])
    scored, spared = (score_table(matches, table, each) for each in (True, False))
    assert json.loads(scored["top_reasons"][0].as_py()) == usual["top_reasons"]
    assert spared["top_reasons"].null_count == 1
    assert spared.schema == scored.schema


def test_churn_names_its_risk_vectors_unasked(predictors: Mapping[str, Predictor]) -> None:
    request = REQUESTS["customer_churn"]
    vectors = _said(predictors["customer_churn"], **request)["risk_vectors"]
    asked = _said(predictors["customer_churn"], **request, explain=True)
    assert vectors == asked["explanation"]["reasons"]
    contract = next(each for each in vectors if each["feature"] == "contract")
    assert contract["value"] == "month-to-month"
    assert contract["sentence"].startswith("Kind of contract is month-to-month, which raises the ")
    assert contract["sentence"].endswith(" percentage points.")


def test_the_other_side_of_a_match_has_the_same_reasons_turned_round(
    predictors: Mapping[str, Predictor],
) -> None:
    first, second = (
        _said(predictors["match_outcome"], team_a=a, team_b=b, explain=True)["explanation"]
        for a, b in (("Team 01", "Team 02"), ("Team 02", "Team 01"))
    )
    assert first["prediction"] == pytest.approx(-second["prediction"], abs=2e-6)
    for ours, theirs in zip(first["reasons"], second["reasons"], strict=True):
        assert ours["feature"] == theirs["feature"]
        assert ours["contribution"] == pytest.approx(-theirs["contribution"], abs=2e-6)
        assert ours["effect"] == pytest.approx(-theirs["effect"], abs=2e-4)


def test_what_cannot_be_explained_is_refused(predictors: Mapping[str, Predictor]) -> None:
    store: dict[str, object] = {"store": "Store 01", "explain": True}
    unclear: dict[str, object] = {"player": "1001", "stat": "points", "explain": "maybe"}
    (whole,) = predictors["revenue_forecast"].answer([store], NOW)
    assert "one by one; give 'date'" in str(whole)
    (said,) = predictors["player_props"].answer([unclear], NOW)
    assert str(said) == "field 'explain': expected true or false, got 'maybe'"
