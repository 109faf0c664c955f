"""Outcomes: read as strictly as requests, named by request or by row, and stored once."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ledger import Ledger
from tests.served import Served, client_of
from tracer_ray.cli import main
from tracer_ray.errors import StorageError
from tracer_ray.experiments.outcomes import OUTCOMES, OutcomeLog, outcomes_folder
from tracer_ray.experiments.parts import read_parts
from tracer_ray.registry.pointers import read_pointer
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.meter import OUTCOME_ROWS
from tracer_ray.serving.outcomes_api import take_outcomes

Row = dict[str, object]
NAMES = ("request_id", "row", "key", "target", "actual")


@pytest.fixture
def serving(home: str) -> Champions:
    champions = Champions(home)
    champions.load()
    return champions


def _send(champions: Champions, blueprint: str, body: object) -> httpx.Response:
    async def send() -> httpx.Response:
        async with client_of(Served(champions)) as client:
            return await client.post(f"/outcomes/{blueprint}", json=body)

    return asyncio.run(send())


def _stored(home: str, blueprint: str) -> list[tuple[object, ...]]:
    table = read_parts(outcomes_folder(home, blueprint), OUTCOMES)
    assert table.schema == OUTCOMES
    return [tuple(row[name] for name in NAMES) for row in table.to_pylist()]


def test_a_row_names_what_it_is_about_by_its_request_or_as_requests_do(
    home: str, serving: Champions
) -> None:
    rows: list[Row] = [
        {"request_id": "order-1", "row": 2, "points": 21},
        {"player": 1001, "game_date": "2031-01-05", "pts": "30", "rebounds": 4.0},
    ]
    reply = _send(serving, "player_props", {"rows": rows}).raise_for_status().json()
    assert reply == {"rows": [{"stored": 1}, {"stored": 2}], "failed": 0}
    key = "1001 @ 2031-01-05T00:00:00+00:00"
    assert _stored(home, "player_props") == [
        ("order-1", 2, "", "points", 21.0),
        ("", 0, key, "points", 30.0),
        ("", 0, key, "rebounds", 4.0),
    ]
    table = read_parts(outcomes_folder(home, "player_props"), OUTCOMES)
    assert table["happened_at"].to_pylist() == [None, *[datetime(2031, 1, 6, tzinfo=UTC)] * 2]


def test_a_match_settles_both_sides(home: str, serving: Champions) -> None:
    played = {"date": "2031-01-05T19:00", "home_team": "Team 01", "away_team": "Team 02"}
    rows: list[Row] = [{**played, "result": "A"}, {"request_id": "x", "won": True}]
    reply = _send(serving, "match_outcome", {"rows": rows}).raise_for_status().json()
    assert reply == {"rows": [{"stored": 2}, {"stored": 1}], "failed": 0}
    when = "2031-01-05T19:00:00+00:00"
    assert sorted(_stored(home, "match_outcome")) == [
        ("", 0, f"Team 01 / Team 02 @ {when}", "won", 0.0),
        ("", 0, f"Team 02 / Team 01 @ {when}", "won", 1.0),
        ("x", 0, "", "won", 1.0),
    ]


def test_parts_of_a_day_are_added_up_and_a_row_id_names_a_row(
    home: str, serving: Champions
) -> None:
    sale = {"store": "Store 01", "date": "2031-01-05T10:30:00"}
    rows: list[Row] = [{**sale, "revenue": 10}, {**sale, "revenue": 5.5}]
    _send(serving, "revenue_forecast", {"rows": rows}).raise_for_status()
    key = "Store 01 @ 2031-01-05T00:00:00+00:00"
    assert _stored(home, "revenue_forecast") == [("", 0, key, "revenue", 15.5)]
    rows = [{"customer_id": 7, "churn": "yes"}]
    _send(serving, "customer_churn", {"rows": rows}).raise_for_status()
    assert _stored(home, "customer_churn") == [("", 0, "7", "churned", 1.0)]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"player": "1001", "points": 3}, "field 'game_date' is missing"),
        ({"game_date": "2031-01-05", "points": 3}, "field 'player' is missing"),
        ({"request_id": "a", "pionts": 3}, "unknown field 'pionts'; expected points"),
        ({"request_id": "a", "line": 3, "points": 3}, "unknown field 'line'; expected points"),
        ({"request_id": "a", "points": "many"}, "not a finite number: 'many'"),
        ({"request_id": "a", "row": -1, "points": 3}, "row is below 0"),
        ({"request_id": "a"}, "no outcome is given; expected points, or rebounds"),
        ({"request_id": "a", "happened_at": "soon", "points": 3}, "happened_at is not a date"),
        ({"request_id": "", "points": 3}, "request_id is empty, and it is required"),
        ({"request_id": "a", "points": "?", "Points": 3}, "not a finite number: '?'"),
        ({}, "expected an object of fields"),
        (7, "expected an object of fields"),
        ({"request_id": ["a"], "points": 3}, "field 'request_id': expected one value"),
    ],
)
def test_a_row_that_says_nothing_is_refused_and_spoils_no_other(
    home: str, serving: Champions, row: object, expected: str
) -> None:
    good = {"request_id": "good", "points": 1}
    reply = _send(serving, "player_props", {"rows": [row, good]}).raise_for_status().json()
    assert reply["failed"] == 1
    assert reply["rows"][0]["error"]["status"] == 422
    assert expected in reply["rows"][0]["error"]["detail"]
    assert reply["rows"][1] == {"stored": 1}
    assert _stored(home, "player_props") == [("good", 0, "", "points", 1.0)]


def test_rows_are_counted_by_what_became_of_them(serving: Champions, tmp_path: Path) -> None:
    rows: list[Row] = [{"request_id": "a", "churned": True}, {"zzz": 1}]
    ledger, log = Ledger(), OutcomeLog(str(tmp_path))
    for _ in range(2):
        take_outcomes(serving, log, "customer_churn", rows, ledger)
    (tmp_path / "outcomes").rename(tmp_path / "before")
    (tmp_path / "outcomes").write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        take_outcomes(serving, log, "customer_churn", rows, ledger)
    found = [ledger.total(OUTCOME_ROWS, each) for each in ("stored", "refused", "failed")]
    assert found == [2, 3, 1]


@pytest.mark.parametrize("body", [[], {"rows": []}, {"rows": {}}, {"rows": [{}] * 1001}])
def test_a_body_of_another_form_is_refused(serving: Champions, body: object) -> None:
    reply = _send(serving, "player_props", body)
    assert reply.status_code == 422
    assert "1 to 1000 outcomes" in reply.json()["detail"]
    assert _send(serving, "goals", {"rows": [{}]}).status_code == 404


def test_files_as_they_are_trained_on_settle_what_was_asked(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "last_night.parquet"
    day = datetime(2031, 1, 5, tzinfo=UTC)
    games = {
        "player_id": ["1001", "1002", None],
        "game_date": [day, day + timedelta(hours=19), day],
        "points": [30.0, None, 4.0],
        "rebounds": [4.0, 7.0, 1.0],
        "arena": ["a", "b", "c"],
    }
    pq.write_table(pa.table(games), file)
    assert main(["outcomes", "player_props", str(file), "--home", home, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["rows"], facts["outcomes"], facts["refused"]) == (3, 3, 1)
    assert "player" in facts["reason"]
    assert len(_stored(home, "player_props")) == 3
    pq.write_table(pa.table({"arena": ["a"]}), file)
    assert main(["outcomes", "player_props", str(file), "--home", home]) == 2
    assert "no outcome was found" in capsys.readouterr().err
    assert read_pointer(home, "player_props") is not None
