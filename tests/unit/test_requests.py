"""Requests: what is read from them, and what the error says when it can't be."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Blueprint
from tracer_ray.prediction.request_fields import RequestFields
from tracer_ray.prediction.requests import MOST_RECENT_ROWS, Reading, RequestReader

KNOWN = {"lebron james": "2544", "2544": "2544", "alpha": "Alpha"}


def _owner(*names: str | None) -> str:
    given = [name for name in names if name]
    found = [KNOWN[name.casefold()] for name in given if name.casefold() in KNOWN]
    return (found or given or [""])[0]


def _reader(blueprint: Blueprint) -> RequestReader:
    targets = tuple(target.name for target in blueprint.targets)
    return RequestReader(RequestFields(blueprint, targets), _owner)


def _read(*requests: Mapping[str, object], blueprint: Blueprint = PLAYER_PROPS) -> Reading:
    return _reader(blueprint).read(requests)


def _error(request: Mapping[str, object], blueprint: Blueprint = PLAYER_PROPS) -> str:
    return str(_read(request, blueprint=blueprint).errors[0])


def test_aliases_and_any_spelling_name_the_same_fields() -> None:
    read = _read(
        {"player": 2544, "is_home": True, "game_date": "2024-01-31"},
        {"Player ID": "2544", "Home": "yes", "date": datetime(2024, 1, 31, tzinfo=UTC)},
        {"name": "LeBron  James", "home": 1, "DATE": 20240131},
    )
    assert not read.errors
    assert read.table["player"].to_pylist() == ["2544"] * 3
    assert read.table["is_home"].to_pylist() == [1.0] * 3
    assert len(set(read.table["game_date"].to_pylist())) == 1


def test_controls_are_no_columns() -> None:
    read = _read({"player": "x", "stat": "pts", "Line": "25.5", "over_odds": -110})
    (controls,) = read.controls
    assert (controls.target, controls.line, controls.over_odds) == ("pts", 25.5, -110.0)
    assert controls.under_odds is None


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"player": "x", "is_hme": True}, "unknown field 'is_hme'; closest are is_home"),
        ({"opponent": "BOS"}, "field 'player' (or 'player_name') is missing: player id"),
        ({"player": "x", "is_home": "maybe"}, "field is_home is not a flag"),
        ({"player": "x", "is_home": "maybe"}, "'maybe'"),
        ({"player": "x", "game_date": "1850-01-01"}, "not a date between 1900 and 2100"),
        ({"player": "x", "line": "high"}, "field 'line': expected a number, got 'high'"),
        ({"player": "x", "line": True}, "field 'line': expected a number, got True"),
        ({"player": "x", "line": float("inf")}, "field 'line': expected a number"),
        ({"player": "x", "over_odds": 0.5}, "field 'over_odds': odds 0.5"),
        ({"player": ["x"]}, "field 'player': expected one value, got ['x']"),
        ({"player": "\ud800"}, "field 'player': expected Unicode text"),
        ({"player": "x" * 2000}, "of at most 1000"),
        ({"player": "x", "recent": 3}, "field 'recent': expected a list of rows, got 3"),
        ({"player": "x", "recent": [3]}, "expected rows, got 3 among them"),
        ({"player": "x", "recent": [{}] * (MOST_RECENT_ROWS + 1)}, "200 at most"),
        ({"player": "x", "target": 5}, "field 'target': expected a name, got 5"),
        ({"player": None}, "no field of the row is given"),
    ],
)
def test_an_error_names_the_field_the_value_and_what_was_expected(
    request_: dict[str, object], expected: str
) -> None:
    assert expected in _error(request_)


def test_an_outcome_is_accepted_and_not_read() -> None:
    read = _read({"player": "x", "points": "not even a number"})
    assert not read.errors
    assert "points" not in read.table.column_names


def test_sides_are_found_under_any_pair_of_names() -> None:
    read = _read(
        {"team_a": "ALPHA", "team_b": "Beta"},
        {"home_team": "alpha", "away_team": "Beta"},
        blueprint=MATCH_OUTCOME,
    )
    assert read.table["side"].to_pylist() == ["Alpha", "Alpha"]
    assert read.table["opponent_side"].to_pylist() == ["Beta", "Beta"]
    assert read.table["home"].to_pylist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"team_a": "A"}, "field 'side_b' is missing: the other side"),
        ({"team_a": "Alpha", "team_b": "alpha"}, "a side meets itself"),
        (
            {"team_a": "A", "team_b": "B", "rank_a": 3},
            "field 'rank_a' stands alone; give it for both sides: rank_a and rank_b",
        ),
        ({"team_a": "A", "team_b": "B", "line": 3}, "unknown field 'line'"),
    ],
)
def test_a_meeting_needs_both_sides(request_: dict[str, object], expected: str) -> None:
    assert expected in _error(request_, MATCH_OUTCOME)


def test_a_number_that_no_feature_can_hold_is_refused() -> None:
    expected = "field tenure (tenure_months) is above 1e+12: '1e+308'"
    assert _error({"tenure": 1e308}, CUSTOMER_CHURN) == expected


def test_a_snapshot_needs_no_id_and_no_time() -> None:
    read = _read({"tenure": 3, "Contract": "monthly"}, blueprint=CUSTOMER_CHURN)
    assert not read.errors
    assert read.table["customer_id"].to_pylist() == [None]


GOOD: dict[str, object] = {"player": 2544, "is_home": True, "line": 25.5}
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NAMES = st.sampled_from(["player", "player_name", "is_home", "game_date", "opponent", "line", "x"])
NESTED = st.lists(VALUES, max_size=2) | st.dictionaries(st.text(max_size=3), VALUES, max_size=2)


@given(st.lists(st.dictionaries(NAMES, VALUES | NESTED, max_size=4), max_size=6), st.integers(0, 6))
def test_no_neighbour_changes_how_a_request_is_read(
    neighbours: list[dict[str, object]], place: int
) -> None:
    place = min(place, len(neighbours))
    alone, together = _read(GOOD), _read(*neighbours[:place], GOOD, *neighbours[place:])
    row = together.positions.index(place)
    assert together.table.slice(row, 1).to_pylist() == alone.table.to_pylist()
    assert together.controls[row] == alone.controls[0]
    assert set(together.positions) | set(together.errors) == set(range(len(neighbours) + 1))
    for position, request in enumerate([*neighbours[:place], GOOD, *neighbours[place:]]):
        own = _read(request).errors.get(0)
        found = together.errors.get(position)
        assert str(own) == str(found)
