"""The files of the demo: one synthetic data set per kind of problem."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from tracer_ray.synthetic.customers import customers
from tracer_ray.synthetic.matches import matches
from tracer_ray.synthetic.player_games import player_games


@dataclass(frozen=True)
class DemoFiles:
    """Where each data set lies: a folder, a file, a file."""

    player_games: Path
    customers: Path
    matches: Path


def write_demo(folder: Path, seed: int = 0) -> DemoFiles:
    """Write the demo's data sets; what is there under the same names is replaced.

    - `player_games/season=.../games.parquet`: 60 players over two seasons
    - `customers.csv`: 2,000 customers
    - `matches.parquet`: 24 teams over 60 rounds
    """
    files = DemoFiles(folder / "player_games", folder / "customers.csv", folder / "matches.parquet")
    folder.mkdir(parents=True, exist_ok=True)
    _write_by_season(player_games(seed=seed).rows, files.player_games)
    pacsv.write_csv(customers(seed=seed).rows, files.customers)
    pq.write_table(matches(seed=seed).rows, files.matches)
    return files


def _write_by_season(rows: pa.Table, folder: Path) -> None:
    for season in pc.unique(rows["season"]).to_pylist():
        part = folder / f"season={season}"
        part.mkdir(parents=True, exist_ok=True)
        of_season = rows.filter(pc.equal(rows["season"], season)).drop_columns(["season"])
        pq.write_table(of_season, part / "games.parquet")
