"""Composites over HTTP: listed, answered, batched; what is wrong is a problem document."""

import asyncio
import json
from dataclasses import replace
from math import exp, log
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.served import Served, client_of, shelf_of
from tracer_ray.composites.combination import (
    Blend,
    Combination,
    Form,
    Judgement,
    Rival,
    Scale,
    Scales,
)
from tracer_ray.composites.definition import composite_to_json
from tracer_ray.composites.draft import draft
from tracer_ray.composites.model import CompositeModel
from tracer_ray.composites.stacking import Outcome
from tracer_ray.composites.store import Shelf, composite_ids, read_composite
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.visit import Visit

COMPOSITE = draft(
    "keep",
    {"customer_churn": {"value": 60.0}, "player_props": {}, "payment_default": {}},
    "maximize_revenue_6_months",
    [{"name": "call", "component": "customer_churn", "cost": 0.1, "effect": -0.3}],
)
MEMBERS = ("customer_churn", "player_props")
LEARNED = replace(
    COMPOSITE,
    id="learned",
    combination=Combination(
        "comes_again",
        Scales(
            Outcome.EVENT,
            {
                "customer_churn": Scale(Form.LOG_ODDS, 1.0, -1.0, 2.0, -1.0),
                "player_props": Scale(Form.LOGARITHM, 5.0, 1.0, 0.5, 1.0),
            },
        ),
        Blend(0.1, {"customer_churn": 0.8, "player_props": 0.3}),
        {name: Blend(0.2, {name: 0.5}) for name in MEMBERS},
        dict.fromkeys(MEMBERS, "an older one"),
        Judgement(60, 40, 0, True, 0.5, dict.fromkeys(MEMBERS, Rival(0.6, 0.1, 0.01))),
        is_kept=True,
    ),
)
LEARNED_DOCUMENT = json.loads(composite_to_json(LEARNED))
NOBODY = draft("nobody", {"payment_default": {}}, "minimize_loss_2_months")
REQUEST = {
    "tenure_months": 2,
    "contract": "month-to-month",
    "player_props": {"player": "1001", "stat": "points", "line": 12.5},
}


def _send(champions: Champions, method: str, path: str, body: object = None) -> httpx.Response:
    async def send() -> httpx.Response:
        shelf = shelf_of(champions.home, [COMPOSITE, LEARNED, NOBODY])
        async with client_of(Served(champions, shelf=shelf)) as client:
            return await client.request(method, path, json=body)

    return asyncio.run(send())


def _predict(champions: Champions, body: object) -> Any:
    return _send(champions, "POST", "/composites/keep/predict", body).json()


def test_composites_are_listed_as_they_are_stored(champions: Champions) -> None:
    keep, learned, nobody = _send(champions, "GET", "/composites").json()
    assert (keep["id"], learned["id"], nobody["id"]) == ("keep", "learned", "nobody")
    assert learned["combination"]["together"]["weights"]["customer_churn"] == 0.8
    assert [each["blueprint"] for each in keep["components"]] == list(COMPOSITE.names)


def test_one_call_has_the_answers_of_python(champions: Champions, promoted_home: str) -> None:
    answer = _predict(champions, REQUEST)
    assert answer == CompositeModel.open(COMPOSITE, promoted_home).predict(REQUEST)
    statuses = {name: each["status"] for name, each in answer["components"].items()}
    assert statuses == {
        "customer_churn": "answered",
        "player_props": "answered",
        "payment_default": "no_champion",
    }
    (call,) = answer["recommended_protocols"]
    assert call["net_impact"] == pytest.approx(answer["expected_impact"]["net_impact"])


def test_a_learned_combination_weighs_what_the_components_answer(champions: Champions) -> None:
    answer = _send(champions, "POST", "/composites/learned/predict", REQUEST).json()
    own = {name: answer["components"][name]["answer"] for name in MEMBERS}
    played = (log(1.0 + own["player_props"]["predicted_value"] / 5.0) - 1.0) / 0.5
    combined = answer["combined"]
    odds = exp(0.1 + 0.8 * churn_of(answer) + 0.3 * played)
    assert combined["probability"] == pytest.approx(odds / (1.0 + odds), abs=1e-6)
    assert combined["by"] == "combination"
    assert combined["judged"]["instead"]["player_props"]["gain"] == 0.1
    assert "learned with release an older one of customer_churn" in combined["reason"]
    alone = _send(champions, "POST", "/composites/learned/predict", {"tenure_months": 2}).json()
    assert alone["combined"]["by"] == "customer_churn"
    odds = exp(0.2 + 0.5 * churn_of(alone))
    assert alone["combined"]["probability"] == pytest.approx(odds / (1.0 + odds), abs=1e-6)
    assert _predict(champions, REQUEST)["combined"] is None


def churn_of(answer: dict[str, Any]) -> float:
    """The standard score of churn, as LEARNED has it."""
    chance = answer["components"]["customer_churn"]["answer"]["churn_probability"]
    return -(log(chance / (1.0 - chance)) + 1.0) / 2.0


def test_a_batch_has_an_answer_or_an_error_each(champions: Champions) -> None:
    rows = [REQUEST, 7, {"tenure_months": 3}]
    reply = _send(champions, "POST", "/composites/keep/predict/batch", {"rows": rows}).json()
    first, second, third = reply["rows"]
    assert reply["failed"] == 1
    assert first == _predict(champions, REQUEST)
    assert second["error"]["status"] == 422
    assert third["components"]["player_props"]["status"] == "no_input"


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        (
            "/composites/kep/predict",
            REQUEST,
            404,
            "no composite 'kep'; there is keep",
        ),
        ("/composites/kep/predict/batch", {"rows": [{}]}, 404, "there is keep"),
        ("/composites/keep/predict", [1], 422, "expected one JSON object"),
        ("/composites/keep/predict", {}, 422, "no component of keep answers"),
        ("/composites/nobody/predict", REQUEST, 503, "no release of payment_default is promoted"),
        ("/composites/keep/predict/batch", {"rows": []}, 422, "with 1 to 200 requests"),
        ("/composites/keep/predict/batch", {"rows": [{}] * 201}, 422, "with 1 to 200 requests"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    champions: Champions, path: str, body: object, status: int, detail: str
) -> None:
    reply = _send(champions, "POST", path, body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert detail in reply.json()["detail"]


DOCUMENT = {
    "id": "churners",
    "objective": "maximize_revenue_6_months",
    "components": ["payment_default", {"blueprint": "customer_churn", "value": 60.0}],
    "actions": [{"name": "call", "component": "customer_churn", "cost": 0.1, "effect": -0.3}],
}


def test_a_composite_is_made_asked_replaced_and_deleted(
    champions: Champions, tmp_path: Path
) -> None:
    home = str(tmp_path)

    async def live() -> None:
        served = Served(champions, shelf=Shelf(home))
        async with client_of(served) as client:
            made = await client.post("/composites", json=DOCUMENT)
            assert made.status_code == 201
            assert made.json()["components"][1]["stake"] == "ends_revenue"
            assert made.json() == (await client.get("/composites/churners")).json()
            assert read_composite(home, "churners").names == ("payment_default", "customer_churn")
            answer = await client.post("/composites/churners/predict", json=REQUEST)
            assert answer.json()["recommended_protocols"][0]["action"] == "call"
            dearer = {**DOCUMENT, "actions": []}
            again = await client.post("/composites", json=dearer)
            assert (again.status_code, again.json()["type"]) == (
                409,
                "urn:tracer:problem:composite-taken",
            )
            assert (await client.get("/composites/churners")).json()["actions"]
            replaced = await client.post("/composites?replace=true", json=dearer)
            assert (replaced.status_code, replaced.json()["actions"]) == (201, [])
            assert (await client.delete("/composites/churners")).status_code == 204
            gone = await client.delete("/composites/churners")
            assert (gone.status_code, gone.headers["content-type"]) == (
                404,
                "application/problem+json",
            )
            assert composite_ids(home) == ()

    asyncio.run(live())


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"components": []}, "0 components; expected 1 to 12"),
        ({"components": "customer_churn"}, "expected one JSON object with id, objective"),
        ({"components": ["customer_chrun", "customer_churn"]}, "customer_churn"),
        ({"components": [7]}, "components.0"),
        ({"objective": "maximize_fun"}, "maximize_fun"),
        ({"id": "../keys"}, "an id has up to 64 small letters"),
        (
            {"actions": [{"name": "call", "component": "nobody", "cost": 1}]},
            "'nobody', no component",
        ),
        ({"margn": 0.2}, "margn"),
        ({"combination": LEARNED_DOCUMENT["combination"]}, "it is learned"),
    ],
)
def test_what_is_no_composite_is_refused_and_nothing_is_stored(
    champions: Champions, tmp_path: Path, changed: dict[str, object], detail: str
) -> None:
    async def ask() -> httpx.Response:
        async with client_of(Served(champions, shelf=Shelf(str(tmp_path)))) as client:
            return await client.post("/composites", json={**DOCUMENT, **changed})

    refused = asyncio.run(ask())
    assert refused.status_code == 422
    assert detail in refused.json()["detail"]
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_takes_nothing_is_a_problem(champions: Champions, tmp_path: Path) -> None:
    (tmp_path / "composites").write_text("a file where the folder should be")

    async def ask() -> httpx.Response:
        async with client_of(Served(champions, shelf=Shelf(str(tmp_path)))) as client:
            return await client.post("/composites", json=DOCUMENT)

    refused = asyncio.run(ask())
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:tracer:problem:not-stored")
    assert str(tmp_path) not in refused.text


def test_the_paths_are_documented(champions: Champions) -> None:
    paths = _send(champions, "GET", "/openapi.json").json()["paths"]
    assert {
        "/composites",
        "/composites/{composite}",
        "/composites/{composite}/predict",
    } <= paths.keys()


@pytest.mark.parametrize(
    ("path", "is_prediction", "is_batch", "label"),
    [
        ("/composites/keep/predict", True, False, "composites"),
        ("/composites/keep/predict/batch", True, True, "composites"),
        ("/composites", False, False, "composites"),
        ("/analyze", True, True, "analyze"),
        ("/predict/customer_churn/batch", True, True, "customer_churn"),
    ],
)
def test_the_gate_bounds_what_takes_time_under_names_that_nobody_can_invent(
    path: str, is_prediction: bool, is_batch: bool, label: str
) -> None:
    visit = Visit({"path": path, "headers": []}, sends_id=True)
    assert (visit.is_prediction, visit.is_batch, visit.blueprint) == (
        is_prediction,
        is_batch,
        label,
    )
