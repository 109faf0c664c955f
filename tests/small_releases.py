"""Releases that train in seconds: one per kind of problem, promoted."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from blueprints.revenue_forecast import REVENUE_FORECAST
from tracer_ray.blueprint import Blueprint, Portfolio, candidate
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.registry.registry import Registry
from tracer_ray.synthetic import customers, daily_sales, matches, player_games

QUICK = Portfolio(
    pooled=(
        candidate("lightgbm", num_leaves=7, depth=3, learning_rate=0.1, rounds=30),
        candidate("elastic_net", alpha=0.05, l1_ratio=0.1),
    ),
    entity=(candidate("elastic_net", alpha=0.05, l1_ratio=0.1, prior_rows=50),),
)


def train_and_promote(folder: Path) -> str:
    """The home in which all of them are the champions."""
    home = str(folder / "home")
    games = player_games(players=16, seasons=2, games_per_season=70, seed=1).rows
    sources: tuple[tuple[Blueprint, pa.Table, tuple[str, ...]], ...] = (
        (PLAYER_PROPS, games, ("points", "rebounds")),
        (CUSTOMER_CHURN, customers(n=1500, seed=1).rows, ()),
        (REVENUE_FORECAST, daily_sales(stores=4, days=560, seed=1).rows, ()),
        (MATCH_OUTCOME, matches(teams=8, rounds=120, seed=1).rows, ()),
    )
    for blueprint, table, targets in sources:
        file = folder / f"{blueprint.id}.parquet"
        pq.write_table(table, file)
        quick = replace(blueprint, portfolio=QUICK)
        release = train(
            TrainingRequest(quick, (str(file),), home, targets, "small"), LineProgress()
        )
        Registry(home).promote(blueprint.id, release.name, reason="a test", is_forced=True)
    return home
