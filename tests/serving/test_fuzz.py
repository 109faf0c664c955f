"""Whatever is sent, the answer is no server error, and says of a bad request what is bad."""

import asyncio
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.served import Served, client_of, shelf_of
from tracer_ray.composites.draft import draft
from tracer_ray.errors import RequestError
from tracer_ray.prediction.examples import example_request
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.json_text import json_bytes

IDS = ("customer_churn", "match_outcome", "player_props", "revenue_forecast")
KEEP = draft(
    "keep",
    {"customer_churn": {"value": "monthly_charges"}, "player_props": {"value": 1.0}},
    "maximize_revenue_6_months",
    [{"name": "call", "component": "customer_churn", "cost": 1, "effect": -0.3}],
)
QUIET = settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BRIEF = settings(QUIET, max_examples=25, phases=[Phase.generate])
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))
NUMBERS = st.floats() | st.integers() | st.just(1e308) | st.just(-0.0) | st.integers(10**300)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.text(max_size=40),
    MOMENTS.map(datetime.isoformat),
    st.sampled_from(["1900-01-01", "2100-12-31", "2100-02-30", "24:61", "NaN", "inf", "1e999"]),
    st.lists(NUMBERS, max_size=3),
    st.dictionaries(st.text(max_size=5), NUMBERS, max_size=2),
)


def _post(champions: Champions, path: str, content: bytes) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with client_of(Served(champions, shelf=shelf_of(champions.home, [KEEP]))) as client:
            return await client.post(path, content=content)

    return asyncio.run(ask())


@pytest.mark.parametrize("name", IDS)
@QUIET
@given(data=st.data())
def test_no_row_breaks_the_reader(champions: Champions, name: str, data: st.DataObject) -> None:
    """Fields that exist, with any values, some left out and some made up."""
    predictor = champions.predictor(name)
    assert predictor is not None
    known = [alias for f in predictor.reader.fields.fields for alias in (f.name, *f.aliases)]
    changed = st.dictionaries(st.sampled_from(known) | st.text(max_size=20), VALUES, max_size=6)
    rows = [
        {**example_request(predictor), **data.draw(changed)} if is_whole else data.draw(changed)
        for is_whole in data.draw(st.lists(st.booleans(), min_size=1, max_size=4))
    ]
    for said in predictor.answer(rows):
        assert isinstance(said, RequestError) or json_bytes(said)


@pytest.mark.parametrize("name", IDS)
@QUIET
@given(data=st.data())
def test_no_recent_row_breaks_the_reader(
    champions: Champions, name: str, data: st.DataObject
) -> None:
    predictor = champions.predictor(name)
    assert predictor is not None
    known = [c.name for c in predictor.blueprint.columns] + ["team_a", "team_b", "a", "b"]
    row = st.dictionaries(st.sampled_from(known), VALUES, max_size=8)
    rows = data.draw(st.lists(row, max_size=3) | VALUES)
    (said,) = predictor.answer([{**example_request(predictor), "recent": rows}])
    assert isinstance(said, RequestError) or json_bytes(said)


@QUIET
@given(
    content=st.binary(max_size=200)
    | st.recursive(VALUES, lambda inner: st.lists(inner, max_size=4)).map(
        lambda value: json.dumps(value).encode("utf-8", "surrogatepass")
    ),
    path=st.sampled_from(["", "/batch"]),
)
def test_no_body_breaks_the_service(champions: Champions, content: bytes, path: str) -> None:
    reply = _post(champions, f"/predict/{IDS[0]}{path}", content)
    assert reply.status_code in (200, 422)


_FIELDS = st.sampled_from(["entity", "values", "tenure", "monthly_charges", "player", "stat"])
_PARTS = st.dictionaries(_FIELDS | st.sampled_from(KEEP.names), VALUES, max_size=5)


@QUIET
@given(request=st.dictionaries(_FIELDS | st.sampled_from(KEEP.names), VALUES | _PARTS, max_size=6))
def test_no_request_breaks_a_composite(champions: Champions, request: dict[str, object]) -> None:
    content = json.dumps({"tenure": 3, **request}).encode("utf-8", "surrogatepass")
    assert _post(champions, "/composites/keep/predict", content).status_code in (200, 422)


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 1e308, 10**30, "\u202e\u0000", "💡"]
)
def test_hard_values_are_answered_or_explained(
    champions: Champions, name: str, value: object
) -> None:
    predictor = champions.predictor(name)
    assert predictor is not None
    for field in predictor.reader.fields.fields:
        (said,) = predictor.answer([{**example_request(predictor), field.name: value}])
        assert isinstance(said, RequestError) or json_bytes(said)


@pytest.mark.parametrize("day", ["1900-01-01", "1969-12-31T23:59:59Z", "2100-12-31", "9999-12-31"])
def test_distant_days_are_answered_or_explained(champions: Champions, day: str) -> None:
    predictor = champions.predictor("player_props")
    assert predictor is not None
    (said,) = predictor.answer([{**example_request(predictor), "game_date": day}])
    if day < "2000":
        assert "ask for a later time" in str(said)
    else:
        assert isinstance(said, RequestError) or json_bytes(said)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_service_keeps_to_its_openapi_document(
    champions: Champions, mode: GenerationMode, tmp_path: Path
) -> None:
    """For requests that fit the document, and for such that don't."""
    home = str(tmp_path)
    app = Served(champions, shelf=shelf_of(home, [KEEP]), outcomes_home=home)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == 14 + 2 * len(champions.held)
    for operation in operations:
        if mode is GenerationMode.POSITIVE or operation.method == "post":
            _check(operation.as_strategy(generation_mode=mode))


def _check(cases: st.SearchStrategy[Any]) -> None:
    @BRIEF
    @given(cases)
    def check(case: Any) -> None:
        case.call_and_validate(checks=[not_a_server_error, response_schema_conformance])

    check()
