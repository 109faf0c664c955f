"""A nightly run stands on the champion: what did not change is taken over, the rest is trained."""

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Baseline
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release
from tracer_ray.synthetic import player_games
from tracer_ray.training.fleet_record import FleetRecord, latest
from tracer_ray.training.record_log import read_records

pytestmark = pytest.mark.usefixtures("ray_session")

NEW_DAYS = 3
# a few games tell the pooled model from what is usual, so that it answers and players are searched
FEW_GAMES = replace(PLAYER_PROPS, baselines=(Baseline("usual points"),))
PLAYED = (1001, 1004)  # last night


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a champion, and the games until yesterday and until today."""
    folder = tmp_path_factory.mktemp("nights")
    games = player_games(players=14, seasons=2, games_per_season=70, seed=1).rows
    days = pc.unique(games["game_date"]).sort()
    is_old = pc.less(games["game_date"], days[-NEW_DAYS])
    has_played = pc.is_in(games["player_id"], pa.array(PLAYED, games["player_id"].type))
    pq.write_table(games.filter(is_old), folder / "yesterday.parquet")
    pq.write_table(games.filter(pc.or_(is_old, has_played)), folder / "today.parquet")
    return folder


@pytest.fixture(scope="module")
def champion(folder: Path, ray_session: None) -> Release:
    home = folder / "home"
    release = trained(folder / "yesterday.parquet", home)
    Registry(str(home)).promote("player_props", release.name, reason="a test", is_forced=True)
    return release


@pytest.fixture(scope="module")
def night(folder: Path, champion: Release) -> Release:
    return trained(folder / "today.parquet", folder / "home", is_incremental=True)


def trained(source: Path, home: Path, *, is_incremental: bool = False) -> Release:
    request = TrainingRequest(
        blueprint=FEW_GAMES,
        sources=(str(source),),
        home=str(home),
        targets=("points",),
        budget="small",
        is_incremental=is_incremental,
    )
    return train(request, LineProgress())


def records(home: Path, release: Release) -> dict[str, FleetRecord]:
    run = str(release.manifest.origin.settings["run"])
    folder = home / "runs" / "player_props" / run / "fleet" / "points"
    return latest(map(FleetRecord.from_arrow, read_records(str(folder))))


def test_only_who_played_is_trained(folder: Path, champion: Release, night: Release) -> None:
    assert night.manifest.origin.settings["predecessor"] == champion.name
    before, now = (records(folder / "home", each) for each in (champion, night))
    assert set(now) == set(before)
    assert {name for name, each in now.items() if not each.origin} == set(map(str, PLAYED))
    for name, each in now.items():
        assert each.gains.tolist() == before[name].gains.tolist()
        assert (each.origin == champion.name) == (each.model == before[name].model)
        grown = len(each.own) - len(before[name].own)
        assert (grown > 0) == (name in map(str, PLAYED))


def test_the_pooled_model_keeps_its_configuration_and_learns_the_new_rows(
    champion: Release, night: Release
) -> None:
    before, now = ([m for m in each.models() if not m.owner] for each in (champion, night))
    assert [(m.family, m.settings) for m in now] == [(m.family, m.settings) for m in before]
    assert [m.data for m in now] != [m.data for m in before]


def test_the_new_rows_are_tested_on_and_nothing_else_is_new(
    champion: Release, night: Release
) -> None:
    before, now = ({e.owner: e for e in each.entities()} for each in (champion, night))
    for owner, record in now.items():
        grown = record.test_rows - before[owner].test_rows
        assert grown == record.rows - before[owner].rows or record.rows != before[owner].rows
        assert (grown > 0) == (owner in map(str, PLAYED))


@pytest.mark.soak
def test_what_is_taken_over_is_what_training_everybody_again_gives(
    folder: Path, night: Release, tmp_path: Path
) -> None:
    shutil.copytree(folder / "home", tmp_path / "home")
    for run in (tmp_path / "home" / "runs" / "player_props").iterdir():
        shutil.rmtree(run / "fleet")
        shutil.rmtree(run / "pooled")
    everybody = trained(folder / "today.parquet", tmp_path / "home", is_incremental=True)
    stood_on = [each.manifest.origin.settings["predecessor"] for each in (everybody, night)]
    assert stood_on[0] == stood_on[1]
    assert {each.origin for each in records(tmp_path / "home", everybody).values()} == {""}
    assert everybody.manifest.fingerprint == night.manifest.fingerprint


@pytest.mark.soak
def test_without_a_champion_everything_is_trained(
    folder: Path, tmp_path: Path, champion: Release, caplog: pytest.LogCaptureFixture
) -> None:
    release = trained(folder / "yesterday.parquet", tmp_path, is_incremental=True)
    assert "there is no champion" in caplog.text
    assert release.manifest.fingerprint == champion.manifest.fingerprint
