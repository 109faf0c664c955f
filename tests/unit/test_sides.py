"""A match becomes two rows that agree with each other."""

import pyarrow as pa
import pytest

from blueprints.match_outcome import MATCH_OUTCOME
from tracer_ray.data.matching import match
from tracer_ray.data.schema import normalise
from tracer_ray.data.sides import decide, match_keys, orient, separate, unfold

SIDES = MATCH_OUTCOME.sides
assert SIDES is not None
DAY = "2024-03-01"


def _unfolded(**columns: list[object]) -> list[dict[str, object]]:
    """The rows of raw matches, one per side."""
    assert SIDES is not None
    raw = pa.table({"date": [DAY] * len(next(iter(columns.values()))), **columns})
    plan = match(MATCH_OUTCOME, raw.column_names)
    assert not plan.missing
    decided = decide(normalise(raw, plan).good, SIDES, plan)
    assert set(decided.problems) == {""}
    rows: list[dict[str, object]] = unfold(decided.table, SIDES).to_pylist()
    return rows


def _won(**columns: list[object]) -> list[object]:
    return [row["won"] for row in _unfolded(**columns)]


TEAMS: dict[str, list[object]] = {"team_a": ["A"], "team_b": ["B"]}


@pytest.mark.parametrize(
    ("result", "won"),
    [
        (True, [1.0, 0.0]),
        (0, [0.0, 1.0]),
        ("A", [1.0, 0.0]),
        ("B", [0.0, 1.0]),
        ("H", [1.0, 0.0]),
        ("a_win", [1.0, 0.0]),
        ("2", [0.0, 1.0]),
        ("W", [1.0, 0.0]),
        ("lost", [0.0, 1.0]),
        ("t", [1.0, 0.0]),
        ("f", [0.0, 1.0]),
        ("D", [0.0, 0.0]),
        ("3-1", [1.0, 0.0]),
        ("0 : 10", [0.0, 1.0]),
        ("2\u20132 (4-2 pen.)", [0.0, 0.0]),
        ("W 17-24", [1.0, 0.0]),
        ("T17-17", [0.0, 0.0]),
        ("postponed", [None, None]),
        ("- : -", [None, None]),
        (None, [None, None]),
    ],
)
def test_every_form_of_result_is_understood(result: object, won: list[float]) -> None:
    assert _won(side_a=["A"], side_b=["B"], result=[result]) == won


def test_scores_decide_where_there_is_no_result() -> None:
    goals: dict[str, list[object]] = {"home_goals": [2, 1, None], "away_goals": [1, 1, None]}
    sides: dict[str, list[object]] = {"home_team": ["A"] * 3, "away_team": ["B"] * 3}
    assert _won(**sides, **goals) == [1.0, 0.0, None, 0.0, 0.0, None]


def test_a_row_of_each_team_is_a_match_seen_from_its_side() -> None:
    rows = _unfolded(
        team=["A", "B"], opponent=["B", "A"], gf=[2, 1], ga=[1, 2], venue=["Home", "Away"]
    )
    assert [(row["side"], row["won"], row["home"], row["score"]) for row in rows] == [
        ("A", 1.0, 1.0, 2.0),
        ("B", 0.0, -1.0, 1.0),
        ("B", 0.0, -1.0, 1.0),
        ("A", 1.0, 1.0, 2.0),
    ]


def test_a_mere_sign_for_away_leaves_home_empty() -> None:
    sides: dict[str, list[object]] = {"team": ["A", "B"], "opponent": ["B", "A"]}
    rows = _unfolded(**sides, result=["W", "L"], location=[None, "@"])
    assert [(row["side"], row["home"]) for row in rows] == [
        ("A", 1.0),
        ("B", -1.0),
        ("B", -1.0),
        ("A", 1.0),
    ]


def test_a_venue_that_is_a_place_says_nothing_of_home() -> None:
    rows = _unfolded(team=["A"], opponent=["B"], result=["W"], venue=["Wembley"])
    assert [row["home"] for row in rows] == [0.0, 0.0]


def test_columns_of_winner_and_loser_say_who_won() -> None:
    rows = _unfolded(winner_name=["A"], loser_name=["B"], winner_rank=[3], loser_rank=[9])
    assert [(row["side"], row["won"], row["rank"], row["opponent_rank"]) for row in rows] == [
        ("A", 1.0, 3.0, 9.0),
        ("B", 0.0, 9.0, 3.0),
    ]


def test_a_winner_beside_two_teams_is_a_name() -> None:
    assert _won(**TEAMS, winner=["B"]) == [0.0, 1.0]


def test_home_is_plus_one_for_the_first_side_only_where_it_is_known() -> None:
    home = _unfolded(home_team=["A"], away_team=["B"], home_win=[1])
    assert [row["home"] for row in home] == [1.0, -1.0]
    assert [row["home"] for row in _unfolded(**TEAMS, result=["A"])] == [0.0, 0.0]


def test_what_is_no_pair_is_copied_to_both_sides() -> None:
    rows = _unfolded(**TEAMS, result=["A"], best_of=[3], match_id=[77])
    assert [(row["best_of"], row["match_id"]) for row in rows] == [(3.0, "77")] * 2


def test_a_result_in_one_column_tells_both_scores() -> None:
    rows = _unfolded(**TEAMS, FT=["3-1"])
    assert [(row["won"], row["score"], row["opponent_score"]) for row in rows] == [
        (1.0, 3.0, 1.0),
        (0.0, 1.0, 3.0),
    ]
    assert not {"score", "opponent_score"} & set(match(MATCH_OUTCOME, ["date", "FT"]).absent)
    (row, _) = _unfolded(**TEAMS, FT=["1-1"], winner=["B"])
    assert (row["won"], row["score"]) == (0.0, 1.0)
    (row, _) = _unfolded(**TEAMS, FT=["W 1-3"])
    assert (row["won"], row["score"]) == (1.0, None)
    (row, _) = _unfolded(**TEAMS, score_a=[3], score_b=[1], score=[7])
    assert (row["won"], row["score"]) == (1.0, 3.0)


def test_rows_seen_from_one_side_are_read_too() -> None:
    assert _won(side=["A"], opponent_side=["B"], won=["yes"]) == [1.0, 0.0]


def test_a_side_that_meets_itself_and_an_unknown_result_make_no_sense() -> None:
    assert SIDES is not None
    raw = pa.table(
        {"date": [DAY] * 2, "team_a": ["A", "A"], "team_b": ["A", "B"], "result": ["A", "C"]}
    )
    plan = match(MATCH_OUTCOME, raw.column_names)
    decided = decide(normalise(raw, plan).good, SIDES, plan)
    assert decided.problems == (
        "a side meets itself",
        "the result is neither a side nor a known code nor a score",
    )


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("result", "24-17 L"),
        ("result", "24-17 B"),
        ("result", "3-3 (B won 4-2 pen.)"),
        ("result", "0-0 awarded to B"),
        ("score", "2"),
        ("score", "1"),
        ("full_time", "True"),
    ],
)
def test_what_may_be_no_result_is_not_taken_for_one(name: str, result: str) -> None:
    assert SIDES is not None
    raw = pa.table({"date": [DAY], "team_a": ["A"], "team_b": ["B"], name: [result]})
    plan = match(MATCH_OUTCOME, raw.column_names)
    (problem,) = decide(normalise(raw, plan).good, SIDES, plan).problems
    assert problem


def test_a_result_of_any_name_can_be_told() -> None:
    names = ["date", "team_a", "team_b", "ausgang"]
    assert match(MATCH_OUTCOME, names).missing
    assert not match(MATCH_OUTCOME, names, {"won": "ausgang"}).missing


def test_a_match_listed_from_both_sides_is_one_match() -> None:
    assert SIDES is not None
    raw = pa.table(
        {
            "date": [DAY] * 2,
            "team_a": ["A", "B"],
            "team_b": ["B", "A"],
            "score_a": [2, 1],
            "score_b": [1, 2],
        }
    )
    plan = match(MATCH_OUTCOME, raw.column_names)
    oriented = orient(decide(normalise(raw, plan).good, SIDES, plan).table, SIDES)
    first, second = oriented.to_pylist()
    assert first == second
    keys = match_keys(oriented, SIDES, "", "match_time").to_pylist()
    assert keys[0] == keys[1]


def test_matches_of_one_side_at_one_instant_get_rising_times_for_both_sides() -> None:
    assert SIDES is not None
    table = pa.table(
        {
            "side": ["A", "A", "C", "B"],
            "opponent_side": ["B", "C", "D", "C"],
            "time": pa.array([100, 100, 100, 100]).cast(pa.timestamp("us", "UTC")),
        }
    )
    separated = separate(table, SIDES, "time")
    assert separated["time"].cast(pa.int64()).to_pylist() == [100, 101, 102, 103]
