"""The prediction log: what was said, by whom, once per row; and challengers in the shadow."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.ledger import Ledger
from tests.served import Served, client_of
from tests.twin_releases import twin
from tracer_ray.experiments.parts import read_parts
from tracer_ray.experiments.predictions import SCHEMA, predictions_folder
from tracer_ray.registry.challengers import start_shadow, start_test
from tracer_ray.registry.registry import Registry
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.meter import LOG_DROPPED, LOGGED, SHADOWED
from tracer_ray.serving.prediction_log import PredictionLog
from tracer_ray.serving.recorder import Recorder
from tracer_ray.serving.shadow import Shadows

CHURN = "customer_churn"
CUSTOMER_B: dict[str, object] = {"customer_id": "b", "tenure_months": 4}
Body = dict[str, object]


def _recorder(home: str, ledger: Ledger, log_rows: int = 1000, shadow_rows: int = 1000) -> Recorder:
    log = PredictionLog(home, ledger, log_rows)
    return Recorder(log, Shadows(log, ledger, shadow_rows))


def _ask(
    champions: Champions, recorder: Recorder, path: str, body: Body, request_id: str = "order-1"
) -> Body:
    async def ask() -> httpx.Response:
        async with client_of(Served(champions, recorder=recorder)) as client:
            headers = {"X-Request-ID": request_id}
            return await client.post(f"/predict/{path}", json=body, headers=headers)

    said: Body = asyncio.run(ask()).raise_for_status().json()
    return said


def _logged(home: str, blueprint: str) -> list[Body]:
    table = read_parts(predictions_folder(home, blueprint), SCHEMA)
    assert table.schema == SCHEMA
    rows: list[Body] = table.sort_by(
        [("request_id", "ascending"), ("row", "ascending")]
    ).to_pylist()
    return rows


def test_every_answer_is_logged_with_who_gave_it_and_about_what(
    champions: Champions, tmp_path: Path
) -> None:
    home, ledger = str(tmp_path), Ledger()
    recorder = _recorder(home, ledger)
    before = datetime.now(UTC)
    asked: Body = {"player": "1001", "stat": "points", "game_date": "2031-01-05T19:00:00+00:00"}
    one = _ask(champions, recorder, "player_props", asked)
    rows = [{"customer_id": "a", "tenure_months": 3}, {"tenure_months": "?"}, CUSTOMER_B]
    many = _ask(champions, recorder, f"{CHURN}/batch", {"rows": rows}, "order-2")["rows"]
    recorder.log.flush()
    (point,) = _logged(home, "player_props")
    assert isinstance(many, list)
    assert point["request_id"] == "order-1"
    assert (point["release"], point["variant"]) == (one["release"], one["variant"])
    assert (point["entity"], point["target"], point["is_shadow"]) == ("1001", "points", False)
    assert point["key"] == "1001 @ 2031-01-05T19:00:00+00:00"
    assert point["happens_at"] == datetime(2031, 1, 5, 19, tzinfo=UTC)
    assert point["as_of"] == datetime.fromisoformat(str(one["as_of"]))
    assert point["prediction"] == one["predicted_value"]
    assert [point["lower"], point["upper"]] == one["interval"]
    assert isinstance(point["time"], datetime)
    assert before <= point["time"] <= datetime.now(UTC)
    first, last = _logged(home, CHURN)
    assert [each["row"] for each in (first, last)] == [0, 2]
    assert [each["key"] for each in (first, last)] == ["a", "b"]
    assert first["prediction"] == many[0]["churn_probability"]
    assert first["features"] != last["features"]
    assert ledger.total(LOGGED) == 3


def test_equal_questions_have_equal_features_and_a_forecast_is_logged_day_by_day(
    champions: Champions, tmp_path: Path
) -> None:
    home = str(tmp_path)
    recorder = _recorder(home, Ledger())
    for number in range(2):
        _ask(champions, recorder, CHURN, {"tenure_months": 3}, f"order-{number}")
    said = _ask(champions, recorder, "revenue_forecast", {"store": "Store 01"})
    recorder.log.flush()
    first, second = _logged(home, CHURN)
    assert first["features"] == second["features"]
    days = _logged(home, "revenue_forecast")
    path = said["daily_path"]
    assert isinstance(path, list)
    assert len(days) == len(path) == 90
    assert {each["row"] for each in days} == {0}
    assert len({each["key"] for each in days}) == 90


def test_what_finds_no_place_is_dropped_and_counted(champions: Champions, tmp_path: Path) -> None:
    home, ledger = str(tmp_path), Ledger()
    recorder = _recorder(home, ledger, log_rows=10)
    for _ in range(3):
        rows: Body = {"rows": [{"tenure_months": 2}] * 4}
        assert _ask(champions, recorder, f"{CHURN}/batch", rows)["failed"] == 0
    recorder.log.flush()
    assert len(_logged(home, CHURN)) == 8
    assert (ledger.total(LOGGED), ledger.total(LOG_DROPPED)) == (8, 4)


def test_what_cannot_be_written_waits_for_the_next_time(
    champions: Champions, tmp_path: Path
) -> None:
    home, ledger = str(tmp_path), Ledger()
    recorder = _recorder(home, ledger)
    _ask(champions, recorder, CHURN, {"customer_id": "a", "tenure_months": 3})
    blocked = tmp_path / "predictions"
    blocked.write_text("a file where the folder should be")
    recorder.log.flush()
    assert ledger.total(LOGGED) == 0
    blocked.unlink()
    _ask(champions, recorder, CHURN, CUSTOMER_B, "order-2")
    recorder.log.flush()
    assert [each["key"] for each in _logged(home, CHURN)] == ["a", "b"]


def test_parts_of_several_replicas_never_clash(champions: Champions, tmp_path: Path) -> None:
    home = str(tmp_path)
    for _ in range(20):
        recorder = _recorder(home, Ledger())
        _ask(champions, recorder, CHURN, {"customer_id": "a", "tenure_months": 3})
        recorder.log.flush()
    assert len(_logged(home, CHURN)) == 20


@pytest.fixture
def shadowed(home: str) -> Champions:
    """A champion with one challenger in the shadow and one that answers half of the traffic."""
    for number in (1, 2):
        Registry(home).register(twin(home, CHURN, number))
    start_shadow(home, CHURN, "twin-01")
    start_test(home, CHURN, "twin-02", 50)
    champions = Champions(home, (CHURN,))
    champions.load()
    return champions


def test_a_shadow_predicts_what_the_champion_answered_and_nobody_is_told(
    home: str, shadowed: Champions
) -> None:
    ledger = Ledger()
    recorder = _recorder(home, ledger)
    rows: list[Body] = [{"customer_id": f"c{each}", "tenure_months": each} for each in range(60)]
    said = _ask(shadowed, recorder, f"{CHURN}/batch", {"rows": rows})["rows"]
    recorder.shadows.work()
    recorder.log.flush()
    assert isinstance(said, list)
    assert "twin-01" not in {each["release"] for each in said}
    logged = _logged(home, CHURN)
    names = ("request_id", "row", "time", "key", "target", "features", "prediction")
    pairs: dict[tuple[object, object], list[list[object]]] = {}
    for row in logged:
        told = [row[name] for name in names]
        pairs.setdefault((row["variant"], row["is_shadow"]), []).append(told)
    answered, unseen = pairs["champion", False], pairs["challenger", True]
    assert unseen == answered  # a twin says the same
    assert len(answered) + len(pairs["challenger", False]) == 60
    assert {row["release"] for row in logged if row["is_shadow"]} == {"twin-01"}
    assert ledger.total(SHADOWED, "predicted") == len(unseen)


def test_shadows_that_find_no_place_are_dropped_and_counted(home: str, shadowed: Champions) -> None:
    ledger = Ledger()
    recorder = _recorder(home, ledger, shadow_rows=0)
    rows: Body = {"rows": [{"customer_id": f"c{each}", "tenure_months": 3} for each in range(30)]}
    assert _ask(shadowed, recorder, f"{CHURN}/batch", rows)["failed"] == 0
    recorder.shadows.work()
    assert ledger.total(SHADOWED, "dropped") > 0
    assert ledger.total(SHADOWED, "predicted") == 0
