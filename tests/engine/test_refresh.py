"""Refreshing a champion: newer rows move what it answers from, exactly as a pass over all rows."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.twin_releases import as_of, twin
from tracer_ray import load
from tracer_ray.engine.ingest import ingest
from tracer_ray.engine.refresh import refresh
from tracer_ray.errors import DataError, RegistryError, ReleaseError
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.prediction.evaluation import complete
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import Challenger, read_pointer, write_pointer
from tracer_ray.serving.champions import Champions
from tracer_ray.synthetic import daily_sales, matches, player_games

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TRAINED: dict[str, Callable[[], pa.Table]] = {  # as tests/small_releases.py trains them
    "player_props": lambda: player_games(players=16, seasons=2, games_per_season=70, seed=1).rows,
    "revenue_forecast": lambda: daily_sales(stores=4, days=560, seed=1).rows,
    "match_outcome": lambda: matches(teams=8, rounds=120, seed=1).rows,
}
LONGER: dict[str, Callable[[], pa.Table]] = {
    "player_props": lambda: player_games(players=18, seasons=3, games_per_season=70, seed=1).rows,
    "revenue_forecast": lambda: daily_sales(stores=4, days=580, seed=1).rows,
    "match_outcome": lambda: matches(teams=8, rounds=126, seed=1).rows,
}
ASKED: dict[str, dict[str, object]] = {
    "player_props": {"player": "1001", "stat": "points", "line": 9.5},
    "revenue_forecast": {"store": "Store 01"},
    "match_outcome": {"team_a": "Team 01", "team_b": "Team 02"},
}
DAYS = 12


@pytest.fixture
def home(promoted_home: str, tmp_path: Path) -> str:
    """A home of the test's own."""
    shutil.copytree(promoted_home, tmp_path / "home")
    return str(tmp_path / "home")


def _time(table: pa.Table) -> str:
    return str(next(f.name for f in table.schema if pa.types.is_temporal(f.type)))


def _newer(name: str) -> pa.Table:
    """Rows of the days after the training rows."""
    old, longer = TRAINED[name](), LONGER[name]()
    times = longer[_time(longer)]
    after = longer.filter(pc.greater(times, pc.max(old[_time(old)])))
    days = pc.unique(after[_time(after)]).sort()
    return after.filter(pc.less(after[_time(after)], days[min(DAYS, len(days) - 1)]))


def _file(home: str, name: str, table: pa.Table) -> str:
    file = Path(home, f"{name}.parquet")
    pq.write_table(table, file)
    return str(file)


def _in_full(predictor: Predictor, files: list[str], home: str) -> FeatureState:
    """The state after one pass over all rows, from nothing."""
    dataset = ingest(predictor.blueprint, files, home)
    buckets = (dataset.read_bucket(bucket) for bucket in range(dataset.buckets))
    pieces = [complete(rows, predictor.blueprint) for rows in buckets if len(rows)]
    program = predictor.program
    cross = program.cross([program.summarise(piece) for piece in pieces])
    own = [program.transform(piece, cross, predictor.vocabulary)[1] for piece in pieces]
    return FeatureState.merge([cross.state, *own])


@pytest.mark.parametrize("name", list(TRAINED))
def test_a_refreshed_release_answers_as_after_a_pass_over_all_rows(home: str, name: str) -> None:
    newer = _newer(name)
    before = load(name, home)
    told = refresh(home, name, [_file(home, "newer", newer)])
    after = load(name, home)
    assert (told.release, told.before) == (before.name, before.as_of)
    assert after.as_of == told.as_of > told.before
    files = [_file(home, "old", TRAINED[name]()), _file(home, "newer", newer)]
    state = _in_full(before, files, str(Path(home, "scratch")))
    assert after.state.tables.keys() == state.tables.keys()
    for label, table in state.tables.items():
        np.testing.assert_allclose(
            after.state.tables[label].take(table.names), table.values, rtol=1e-9, atol=1e-9
        )
    request = ASKED[name]
    (refreshed,), (full,) = (
        each.answer([request], NOW) for each in (after, replace(after, state=state))
    )
    assert refreshed == full
    assert refreshed != before.answer([request], NOW)[0]


def test_a_refresh_answers_as_the_same_rows_given_with_a_request(home: str) -> None:
    newer, before = _newer("revenue_forecast"), load("revenue_forecast", home)
    of_store = newer.filter(pc.equal(newer["store"], "Store 01"))
    given = [
        {key: value.isoformat() if key == "date" else value for key, value in row.items()}
        for row in of_store.to_pylist()
    ]
    refresh(home, "revenue_forecast", [_file(home, "newer", newer)])
    request = {"store": "Store 01"}
    (with_rows,) = before.answer([{**request, "recent": given}], NOW)
    assert load("revenue_forecast", home).answer([request], NOW) == [with_rows]


def test_refreshing_night_by_night_equals_refreshing_once(home: str, tmp_path: Path) -> None:
    newer = _newer("match_outcome")
    days = pc.unique(newer[_time(newer)]).sort()
    early = newer.filter(pc.less(newer[_time(newer)], days[len(days) // 2]))
    other = str(tmp_path / "other")
    shutil.copytree(home, other)
    refresh(home, "match_outcome", [_file(home, "early", early)])
    twice = refresh(home, "match_outcome", [_file(home, "newer", newer)])  # overlaps
    once = refresh(other, "match_outcome", [_file(other, "newer", newer)])
    assert twice.as_of == once.as_of
    by_night, at_once = (load("match_outcome", each) for each in (home, other))
    for label, table in at_once.state.tables.items():
        np.testing.assert_array_equal(by_night.state.tables[label].take(table.names), table.values)
    assert by_night.known_until == at_once.known_until


def test_running_replicas_take_a_refresh_in_and_a_promotion_takes_it_back(home: str) -> None:
    name = "player_props"
    champions, pointer = Champions(home, (name,)), read_pointer(home, name)
    champions.load()
    first = champions.predictor(name)
    newer = _newer(name)
    told = refresh(home, name, [_file(home, "newer", newer)])
    assert first is not None
    assert champions.predictor(name) is first
    champions.look()
    second = champions.predictor(name)
    assert second is not None
    assert (second.name, second.as_of) == (first.name, told.as_of)
    assert champions.held[name].to_json()["data_until"] == told.as_of
    unknown = {str(each) for each in newer["player_id"].to_pylist()} - first.owners.keys()
    (stranger,) = second.answer([{"player": min(unknown), "stat": "points"}], NOW)
    assert isinstance(stranger, dict)
    assert (stranger["level"], str(stranger["as_of"]) > str(first.as_of)) == ("pooled", True)
    assert pointer is not None
    write_pointer(home, pointer)
    champions.look()
    third = champions.predictor(name)
    assert third is not None
    assert third.as_of == first.as_of


def test_a_refresh_moves_challengers_unless_they_know_the_rows(home: str) -> None:
    name = "match_outcome"
    pointer = read_pointer(home, name)
    assert pointer is not None
    newest, older = (twin(home, name, number) for number in (1, 2))
    manifest = Path(older.uri, "manifest.json")
    content = json.loads(manifest.read_text())
    content["origin"]["data_until"] = load(name, home).as_of
    manifest.write_text(json.dumps(content))
    challengers = tuple(
        Challenger(each.name, each.uri, number, "2030-01-01", ((number, number + 1),))
        for number, each in enumerate((newest, older))
    )
    write_pointer(home, replace(pointer, challengers=challengers))
    told = refresh(home, name, [_file(home, "newer", _newer(name))])
    champions = Champions(home, (name,))
    champions.load()
    knowing = [each.predictor for each in champions.held[name].rivals]
    assert [each.as_of for each in knowing if each] == [as_of("twin-01"), told.as_of]


def test_a_damaged_state_is_refused_and_the_old_one_goes_on(home: str) -> None:
    name = "match_outcome"
    champions = Champions(home, (name,))
    champions.load()
    before = champions.predictor(name)
    refresh(home, name, [_file(home, "newer", _newer(name))])
    (file,) = Path(home, "states", name).iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    champions.look()
    assert champions.predictor(name) is before
    refused = champions.held[name].refused
    assert refused is not None
    assert "was altered" in refused.reason
    with pytest.raises(ReleaseError, match="was altered"):
        load(name, home)


def test_what_cannot_be_refreshed_says_why(home: str) -> None:
    with pytest.raises(DataError, match="no row is newer than 20"):
        refresh(home, "match_outcome", [_file(home, "old", TRAINED["match_outcome"]())])
    with pytest.raises(DataError, match="its rows have no time"):
        refresh(home, "customer_churn", [_file(home, "old", TRAINED["match_outcome"]())])
    with pytest.raises(RegistryError, match="tracer promote goals"):
        refresh(home, "goals", ["nowhere"])
    pointer = Path(home, "champions", "match_outcome.json")
    assert "state" not in json.loads(pointer.read_text())
