"""The commands in the order a user types them, on synthetic games cut at a date."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tracer_ray
from tracer_ray.cli import main
from tracer_ray.errors import RequestError
from tracer_ray.releases.release import Release
from tracer_ray.synthetic import player_games

CUT = datetime(2025, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def games(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Games before the cut, and those after it."""
    folder = tmp_path_factory.mktemp("games")
    rows = player_games(players=24, seasons=2, games_per_season=60, seed=3).rows
    is_old = pc.less(rows["game_date"], pa.scalar(CUT, rows["game_date"].type))
    old, new = folder / "old.parquet", folder / "new.parquet"
    pq.write_table(rows.filter(is_old), old)
    pq.write_table(rows.filter(pc.invert(is_old)), new)
    return old, new


@pytest.fixture(scope="module")
def home(
    games: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory, ray_session: None
) -> str:
    """A home with one promoted release, made by the commands."""
    home = str(tmp_path_factory.mktemp("home"))
    train = ["train", "player_props", "--data", str(games[0]), "--target", "points"]
    assert main([*train, "--home", home, "--budget", "small", "--json"]) == 0
    assert main(["promote", "player_props", "--home", home, "--reason", "first"]) == 0
    return home


def test_releases_are_listed_newest_first_with_their_figures(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["releases", "player_props", "--home", home, "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry.keys() >= {"release", "alias", "created", "data_until", "entities", "metrics"}
    assert entry["alias"] == "champion"
    assert entry["entities"] == 24
    assert entry["data_until"] < CUT.isoformat()


def test_evaluation_walks_through_the_games_after_the_training_data(
    home: str, games: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    release = tracer_ray.load("player_props", home).name
    command = ["evaluate", release, "--data", str(games[1]), "--home", home, "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    played = pc.sum(pc.greater(pq.read_table(games[1])["minutes"], 0.0)).as_py()
    assert (found["release"], found["n"]) == (release, played)
    assert found["ours"]["mae"] < found["baseline"]["mae"]
    skill = 1.0 - found["ours"]["mae"] / found["baseline"]["mae"]
    assert found["ours"]["skill"] == pytest.approx(skill)
    assert 0.7 < found["ours"]["coverage"] < 0.9


def test_evaluation_on_the_training_data_is_refused(
    home: str, games: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "player_props", "--data", str(games[0]), "--home", home, "--json"]
    assert main(command) == 2
    assert "no row is newer than" in capsys.readouterr().err


def test_predict_answers_one_request(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    request = ["player=1000", "stat=points", "line=9.5", "game_date=2025-02-02"]
    assert main(["predict", "player_props", *request, "--home", home, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["over_probability"] + answer["under_probability"] == pytest.approx(1.0)
    assert answer["recommendation"] in ("OVER", "UNDER", "NO_EDGE")
    assert answer["level"] == "pooled"
    assert main(["predict", "player_props", "player=nobody", "--home", home]) == 2
    assert "nobody" in capsys.readouterr().err


def test_score_answers_every_row_and_says_which_failed(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ("1000;points;9,5", "1002;points;12,5", "nobody;points;")
    lines = (f"{row};2025-02-02" for row in rows)
    file = tmp_path / "requests.csv"
    file.write_text("\n".join(("player;stat;line;game_date", *lines)))
    command = ["score", "player_props", "--data", str(file)]
    command += ["--out", str(tmp_path / "answers"), "--home", home, "--json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 1
    answers = pq.read_table(tmp_path / "answers").to_pylist()
    assert [row["predicted_value"] is None for row in answers] == [False, False, True]
    request = {"player": "1000", "stat": "points", "line": 9.5, "game_date": "2025-02-02"}
    (expected,) = tracer_ray.load("player_props", home).answer([request])
    assert not isinstance(expected, RequestError)
    for field in ("predicted_value", "over_probability"):
        assert answers[0][field] == expected[field]
    assert main(command) == 2
    assert "has files already" in capsys.readouterr().err


def test_rolling_back_the_first_champion_is_refused(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", "player_props", "--home", home]) == 2
    assert "no earlier champion" in capsys.readouterr().err
    assert main(["history", "player_props", "--home", home, "--json"]) == 0
    (move,) = json.loads(capsys.readouterr().out)
    assert (move["action"], move["reason"]) == ("promote", "first")


def test_a_plan_foretells_the_run_and_trains_nothing(
    home: str, games: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The home's own run is the measure; the release stays the only one."""
    asked = ["plan", "player_props", "--data", str(games[0]), "--target", "points"]
    assert main([*asked, "--home", home, "--budget", "small", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    entities = tracer_ray.load("player_props", home).release.entities()
    trials = sum(each.tried > 0 for each in entities)
    assert found["basis"] == "the last run here"
    assert found["entities"] == len(entities)
    assert trials <= found["trials"] <= trials + 1
    assert found["candidates"] == 2 + 2 * found["trials"]
    assert found["seconds"] > 0.0
    assert found["memory_bytes"] > 2**28
    assert main(["releases", "player_props", "--home", home, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_a_run_within_bounds_says_what_it_cut(
    home: str, games: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["train", "player_props", "--data", str(games[0]), "--target", "points", "--json"]
    bounds = ["--budget", "small", "--max-candidates", "10"]
    assert main([*asked, *bounds, "--home", str(tmp_path / "few")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert "each entity tried 1 instead of 2 candidates, 10 are allowed" in said["cut"]
    records = Release.open(said["uri"]).entities()
    assert sum(each.tried for each in records) == 8
