"""A run whose own models fail ends with status 3, and its release stands and answers."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.installed import tracer
from tracer_ray.synthetic import player_games

# LightGBM refuses to learn backwards
BLUEPRINT = """
from dataclasses import replace
import blueprints.player_props as props
from tracer_ray.blueprint import Portfolio, candidate
pooled = (candidate("elastic_net", alpha=0.05, l1_ratio=0.1),)
own = (candidate("lightgbm", num_leaves=7, depth=3, learning_rate=-0.1, rounds=20),)
FRAGILE = replace(props.PLAYER_PROPS, id="fragile_props", portfolio=Portfolio(pooled, own))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages in which somebody's blueprint has a candidate that can't be fitted."""
    site = tmp_path_factory.mktemp("site")
    (site / "fragile.py").write_text(BLUEPRINT)
    said = site / "fragile-1.0.dist-info"
    said.mkdir()
    (said / "METADATA").write_text("Metadata-Version: 2.1\nName: fragile\nVersion: 1.0\n")
    (said / "entry_points.txt").write_text("[tracer.blueprints]\nfragile = fragile\n")
    return site


def test_more_failed_trials_than_are_tolerated_are_told_by_the_exit_status(
    site: Path, tmp_path: Path
) -> None:
    games, home = tmp_path / "games.parquet", str(tmp_path / "home")
    pq.write_table(player_games(players=8, seasons=3, games_per_season=80, seed=3).rows, games)
    given = ("--data", str(games), "--target", "points", "--home", home, "--max-candidates", "12")
    done = tracer(site, "train", "fragile_props", *given, "--json")
    assert done.returncode == 3, done.stderr
    assert "8 of 8 trials failed (100.0 %), 5.0 % are tolerated; the first: " in done.stderr
    assert "learning_rate" in done.stderr
    assert json.loads(done.stdout)["metrics"]
    assert tracer(site, "promote", "fragile_props", "--home", home, "--reason", "x").returncode == 0
