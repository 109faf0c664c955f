"""Answers of small releases: complete, independent of each other, never from the future."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.registry import Registry

Answer = dict[str, object]
NOW = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = ("player_props", "customer_churn", "match_outcome")


@pytest.fixture(scope="session")
def predictors(promoted_home: str) -> dict[str, Predictor]:
    """The champions."""
    champions = {name: Registry(promoted_home).champion(name) for name in NAMES}
    return {name: Predictor.open(entry.uri) for name, entry in champions.items() if entry}


@pytest.fixture(scope="session")
def players(predictors: Mapping[str, Predictor]) -> Predictor:
    return predictors["player_props"]


@pytest.fixture(scope="session")
def sides(predictors: Mapping[str, Predictor]) -> Predictor:
    return predictors["match_outcome"]


def _answers(predictor: Predictor, *requests: Mapping[str, object]) -> list[Answer]:
    said = predictor.answer(requests, NOW)
    return [each for each in said if not isinstance(each, RequestError)]


def _answer(predictor: Predictor, request: Mapping[str, object]) -> Answer:
    (said,) = predictor.answer([request], NOW)
    assert not isinstance(said, RequestError), said
    return said


def _error(predictor: Predictor, request: Mapping[str, object]) -> RequestError:
    (said,) = predictor.answer([request], NOW)
    assert isinstance(said, RequestError)
    return said


def _number(value: object) -> float:
    assert isinstance(value, float)
    return value


def test_every_declared_field_is_there_with_release_level_and_reason(
    predictors: Mapping[str, Predictor],
) -> None:
    requests: dict[str, dict[str, object]] = {
        "player_props": {"player": "1001", "stat": "points"},
        "customer_churn": {"tenure_months": 3},
        "match_outcome": {"team_a": "Team 01", "team_b": "Team 02"},
    }
    for name, request in requests.items():
        answer = _answer(predictors[name], request)
        declared = {field.name for field in predictors[name].blueprint.output}
        assert declared | {"blueprint", "target", "entity", "as_of"} <= answer.keys()
        assert answer["release"] == predictors[name].name
        assert answer["level"] in ("entity", "blend", "pooled", "baseline")
        assert answer["reason"]


def test_a_line_gives_probabilities_and_without_one_they_are_null(players: Predictor) -> None:
    bare = _answer(players, {"player": "1001", "stat": "points"})
    assert [bare[name] for name in ("over_probability", "recommendation", "odds")] == [None] * 3
    whole, half = _answers(
        players,
        {"player": "1001", "stat": "points", "line": 12},
        {"player": "1001", "stat": "points", "line": 12.5, "over_odds": 2.0, "under_odds": 1.8},
    )
    assert _number(half["over_probability"]) + _number(half["under_probability"]) == (
        pytest.approx(1.0, abs=2e-6)
    )
    assert _number(whole["over_probability"]) + _number(whole["under_probability"]) < 1.0
    assert whole["over_probability"] == half["over_probability"]
    assert whole["odds"] == {"over": 210 / 110, "under": 210 / 110, "is_assumed": True}
    assert half["odds"] == {"over": 2.0, "under": 1.8, "is_assumed": False}
    assert half["predicted_value"] == bare["predicted_value"]


def test_a_higher_line_is_never_more_likely_to_be_passed(players: Predictor) -> None:
    lines = [-1e12, -1.0, 0.0, 5.5, 10.5, 20.5, 80.0, 1e12]
    said = _answers(players, *({"player": "1001", "stat": "points", "line": x} for x in lines))
    over = [_number(each["over_probability"]) for each in said]
    assert over == sorted(over, reverse=True)
    assert (over[0], over[-1]) == (1.0, 0.0)


def test_a_key_and_a_label_in_any_case_mean_the_same_player(players: Predictor) -> None:
    label = players.owners["1001"].label
    forms: list[dict[str, object]] = [
        {"player": "1001"},
        {"player": 1001},
        {"player": label},
        {"player_name": label.upper()},
        {"player": "nobody", "name": label},
    ]
    said = _answers(players, *({**form, "stat": "points"} for form in forms))
    assert [each["label"] for each in said] == [label] * len(forms)
    assert all(each == said[0] for each in said)


def test_nothing_known_is_an_error_that_names_who_is_similar(players: Predictor) -> None:
    word = players.owners["1001"].label.split()[0]
    error = _error(players, {"player": f"{word} Xyz", "stat": "points"})
    assert isinstance(error, UnknownEntityError)
    assert "closest are" in str(error)


def test_rows_given_for_an_unknown_player_get_a_pooled_answer_that_says_so(
    players: Predictor,
) -> None:
    games = [{"game_date": f"2029-01-0{day}", "points": 30, "minutes": 35} for day in (1, 2, 3)]
    answer = _answer(players, {"player": "rookie", "stat": "points", "recent": games})
    assert answer["level"] == "pooled"
    assert "'rookie' is not in the release" in str(answer["reason"])
    assert answer["as_of"] == "2029-01-03T00:00:00+00:00"
    less = [{**game, "points": 2} for game in games]
    low = _answer(players, {"player": "rookie", "stat": "points", "recent": less})
    assert _number(low["predicted_value"]) < _number(answer["predicted_value"])


def test_recent_rows_move_the_state_of_their_own_request_only(players: Predictor) -> None:
    plain = {"player": "1001", "stat": "points"}
    recent = [{"game_date": "2029-01-01", "points": 60, "minutes": 40}]
    before, moved, after = _answers(players, plain, {**plain, "recent": recent}, plain)
    assert before == after == _answer(players, plain)
    assert moved["as_of"] == "2029-01-01T00:00:00+00:00"
    assert _number(moved["predicted_value"]) > _number(before["predicted_value"])


def test_recent_rows_give_what_history_with_these_rows_would_give(players: Predictor) -> None:
    """Independent of the way they come: one by one, in any order, as text or numbers."""
    games = [
        {"game_date": f"2029-01-0{day}", "points": 10 * day, "minutes": 30, "opponent": "T1"}
        for day in (1, 2, 3)
    ]
    as_text = [{name: str(value) for name, value in game.items()} for game in reversed(games)]
    one, other = _answers(
        players,
        {"player": "1001", "stat": "points", "recent": games},
        {"player": "1001", "stat": "points", "recent": as_text},
    )
    assert one == other


@pytest.mark.parametrize(
    ("recent", "expected"),
    [
        ([{"points": 5}], "field 'recent': its rows need 'game_date'"),
        ([{"game_date": "2029-01-01", "points": "many"}], "row 1: points is not a finite number"),
        ([{"game_date": "2029-01-01", "pints": 5}], "row 1: unknown field 'pints'"),
        ([{"game_date": "1990-01-01", "points": 5}], "the feature state has seen"),
        ([{"game_date": "2040-01-01", "points": 5}], "is not after 2040-01-01"),
    ],
)
def test_recent_rows_that_make_no_sense_are_refused(
    players: Predictor, recent: Sequence[Mapping[str, object]], expected: str
) -> None:
    request = {"player": "1001", "stat": "points", "recent": recent}
    assert expected in str(_error(players, request))


def test_a_row_before_what_is_known_would_see_its_own_future(players: Predictor) -> None:
    last = datetime.fromisoformat(players.owners["1001"].last_seen)
    for time in (last, last - timedelta(days=1)):
        error = _error(players, {"player": "1001", "stat": "points", "date": time.isoformat()})
        assert time.isoformat(timespec="seconds") in str(error)
        assert last.isoformat(timespec="seconds") in str(error)
    until = datetime.fromisoformat(str(players.as_of)) + timedelta(hours=1)
    _answer(players, {"player": "1001", "stat": "points", "date": until.isoformat()})


def test_answers_of_a_batch_are_those_of_its_requests(players: Predictor) -> None:
    requests: list[dict[str, object]] = [
        {"player": owner, "stat": ("points", "reb")[i % 2], "line": 4.5 + i}
        for i, owner in enumerate(players.owners)
    ]
    requests[3:3] = [{"player": "nobody", "stat": "points"}, {"line": 3}, {"player": "1001"}]
    together = players.answer(requests, NOW)
    assert [isinstance(each, RequestError) for each in together[3:6]] == [True] * 3
    for request, said in zip(requests, together, strict=True):
        (alone,) = players.answer([request], NOW)
        assert str(alone) == str(said)


def test_forecasts_equal_the_models_own_on_the_features_of_the_row(players: Predictor) -> None:
    """The pooled model asked directly, through the update path."""
    owner = next(
        each.owner for each in players.targets["points"].records.values() if each.level == "pooled"
    )
    answer = _answer(players, {"player": owner, "stat": "points"})
    read = players.reader.read([{"player": owner, "stat": "points"}])
    from tracer_ray.data.times import microseconds
    from tracer_ray.prediction.next_rows import next_rows

    rows = next_rows(read.table, players.blueprint, microseconds(NOW)).views
    x = players.program.transform_next(players.state, players.vocabulary, rows)
    models = players.targets["points"]
    own = models.pooled.predict(np.ascontiguousarray(x[:, models.positions]))
    assert _number(answer["predicted_value"]) == pytest.approx(float(own[0]), abs=1e-6)


TEAMS = [f"Team {number:02d}" for number in range(1, 9)]


@given(st.sampled_from([*TEAMS, "Newcomer"]), st.sampled_from(TEAMS), st.sampled_from([1, 3, 5]))
@settings(max_examples=40)
def test_swapping_the_sides_mirrors_the_answer(
    sides: Predictor, first: str, second: str, best_of: int
) -> None:
    if first == second:
        return
    one, other = _answers(
        sides,
        {"team_a": first, "team_b": second, "best_of": best_of},
        {"team_a": second, "team_b": first, "best_of": best_of},
    )
    assert one["win_probability"] == other["opponent_win_probability"]
    assert one["opponent_win_probability"] == other["win_probability"]
    assert (one["draw_probability"], one["confidence"]) == (
        other["draw_probability"],
        other["confidence"],
    )
    assert (
        (one["entity"], one["opponent"])
        == (other["opponent"], other["entity"])
        == (
            first,
            second,
        )
    )


def test_an_unknown_side_is_named_and_two_are_an_error(sides: Predictor) -> None:
    known = _answer(sides, {"team_a": "Team 01", "team_b": "Newcomer"})
    assert "'Newcomer', is not in the release" in str(known["reason"])
    newcomer = _answer(sides, {"team_a": "Newcomer", "team_b": "Team 01"})
    assert newcomer["level"] == sides.target("won").standing
    assert "'Newcomer' is not in the release" in str(newcomer["reason"])
    error = _error(sides, {"team_a": "Newcomer", "team_b": "Other"})
    assert isinstance(error, UnknownEntityError)


def test_a_recent_match_moves_both_sides(sides: Predictor) -> None:
    match = {
        "team_a": "Team 01",
        "team_b": "Team 02",
        "date": "2029-01-01",
        "maps_a": 2,
        "maps_b": 0,
    }
    request = {"team_a": "Team 01", "team_b": "Team 02"}
    before = _number(_answer(sides, request)["win_probability"])
    won = _answer(sides, {**request, "recent": [match]})
    lost = _answer(sides, {**request, "recent": [{**match, "maps_a": 0, "maps_b": 2}]})
    assert _number(won["win_probability"]) > before > _number(lost["win_probability"])
    assert won["as_of"] == "2029-01-01T00:00:00+00:00"
    swapped = {**match, "team_a": "Team 02", "team_b": "Team 01", "maps_a": 0, "maps_b": 2}
    assert _answer(sides, {**request, "recent": [match, swapped]}) == won


def test_the_right_answer_is_the_likelier_one_on_the_rows_of_a_data_set(
    predictors: Mapping[str, Predictor], promoted_home: str
) -> None:
    """Whole rows of a file may be asked about: outcomes in them are not read."""
    file = promoted_home.replace("/home", "/customer_churn.parquet")
    rows = pq.read_table(file).slice(0, 400).to_pylist()
    predictor = predictors["customer_churn"]
    known = [{name: row[name] for name in row if predictor.accepts(name)} for row in rows]
    said = _answers(predictor, *known)
    assert len(said) == len(rows)
    chance = np.array([_number(each["churn_probability"]) for each in said])
    left = np.array([row["churn"] == "Yes" for row in rows])
    assert chance[left].mean() > chance[~left].mean()
