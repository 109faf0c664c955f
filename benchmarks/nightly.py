"""What a night costs in which one entity in ten has new rows, beside training everybody again.

Run `python -m benchmarks.nightly`, or with another number of players; prints a Markdown table. The
games are made up and seeded.
"""

import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.stage_clock import StageClock
from tracer_ray.archive import blueprint
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.session import start_ray
from tracer_ray.engine.train import train
from tracer_ray.registry.registry import Registry
from tracer_ray.synthetic import player_games

PLAYERS, GAMES, NEW_DAYS, SHARE = 600, 82, 2, 10
BLUEPRINT, TARGET = "player_props", "points"
POOLED = frozenset({"pooled", "cross-fit"})  # a night pays its refit beside its share of the rest


def write_nights(folder: Path, count: int) -> None:
    """The games until yesterday, and with those of one player in ten since."""
    games = player_games(players=count, seasons=2, games_per_season=GAMES, seed=1).rows
    days = pc.unique(games["game_date"]).sort()
    is_old = pc.less(games["game_date"], days[-NEW_DAYS])
    players = pc.unique(games["player_id"])
    has_played = pc.is_in(games["player_id"], players.take(pa.array(range(0, count, SHARE))))
    pq.write_table(games.filter(is_old), folder / "yesterday.parquet")
    pq.write_table(games.filter(pc.or_(is_old, has_played)), folder / "today.parquet")


def run(source: Path, home: str, *, is_incremental: bool) -> tuple[StageClock, str]:
    """Train; the clock and the release's name."""
    clock = StageClock()
    request = TrainingRequest(
        blueprint=blueprint(BLUEPRINT),
        sources=(str(source),),
        home=home,
        targets=(TARGET,),
        is_incremental=is_incremental,
    )
    return clock, train(request, clock).name


def main(players: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        write_nights(Path(folder), players)
        start_ray()
        home = str(Path(folder, "home"))
        _, champion = run(Path(folder, "yesterday.parquet"), home, is_incremental=False)
        Registry(home).promote(BLUEPRINT, champion, reason="a benchmark", is_forced=True)
        night, _ = run(Path(folder, "today.parquet"), home, is_incremental=True)
        full, _ = run(Path(folder, "today.parquet"), home, is_incremental=False)
    print(f"{players} players, {GAMES * 2} games each; one in {SHARE} has new games\n")
    print("| stage | everybody | the night | share |\n|---|---|---|---|")
    print(f"| entities trained | {full.steps['fleet']} | {night.steps['fleet']} | |")
    night.seconds["pooled"] = night.seconds.pop("refit")
    for stage, seconds in full.seconds.items():
        share = night.seconds[stage] / seconds
        print(f"| {stage} | {seconds:.1f} s | {night.seconds[stage]:.1f} s | {share:.0%} |")
    everything = frozenset(full.seconds)
    for name, stages in (
        ("the pooled model", POOLED),
        ("the rest", everything - POOLED),
        ("all", everything),
    ):
        full_s, night_s = (sum(each.seconds[at] for at in stages) for each in (full, night))
        print(f"| {name} | {full_s:.1f} s | {night_s:.1f} s | {night_s / full_s:.0%} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else PLAYERS)
