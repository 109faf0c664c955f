"""What a night costs in which one entity in ten has new rows, beside training everybody again.

Run `python -m benchmarks.nightly [PLAYERS ...]`; prints a Markdown table for each number. The games
are made up and seeded. Every run has a Ray of its own, as a night's command has.
"""

import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.stage_clock import StageClock
from benchmarks.usage import measured
from tracer_ray.archive import blueprint
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.session import start_ray, stop_ray
from tracer_ray.engine.train import train
from tracer_ray.registry.registry import Registry
from tracer_ray.synthetic import player_games

PLAYERS, GAMES, NEW_DAYS, SHARE = (600, 3000), 82, 2, 10
BLUEPRINT, TARGET = "player_props", "points"
BETWEEN = "start, and between stages"
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
    """Train; the clock, with what is no stage as one, and the release's name."""
    clock = StageClock()
    request = TrainingRequest(
        blueprint=blueprint(BLUEPRINT),
        sources=(str(source),),
        home=home,
        targets=(TARGET,),
        is_incremental=is_incremental,
    )
    with measured() as usage:
        start_ray()
        name = train(request, clock).name
    clock.seconds[BETWEEN] = usage.wall_s - sum(clock.seconds.values())
    clock.seconds["pooled"] = clock.seconds.pop("refit", clock.seconds.get("pooled", 0.0))
    clock.cpu_s = usage.cpu_s
    stop_ray()
    return clock, name


def nights(players: int) -> tuple[StageClock, StageClock]:
    """Everybody trained again on the rows of today, and the night that stands on yesterday's."""
    with tempfile.TemporaryDirectory() as folder:
        write_nights(Path(folder), players)
        home = str(Path(folder, "home"))
        _, champion = run(Path(folder, "yesterday.parquet"), home, is_incremental=False)
        Registry(home).promote(BLUEPRINT, champion, reason="a benchmark", is_forced=True)
        night, _ = run(Path(folder, "today.parquet"), home, is_incremental=True)
        full, _ = run(Path(folder, "today.parquet"), home, is_incremental=False)
    return full, night


def line(name: str, full_s: float, night_s: float) -> str:
    """A line of the table."""
    return f"| {name} | {full_s:.1f} s | {night_s:.1f} s | {night_s / full_s:.0%} |"


def main(players: int) -> None:
    """Measure and print."""
    full, night = nights(players)
    print(f"\n{players} players, {GAMES * 2} games each; one in {SHARE} has new games\n")
    print("| stage | everybody | the night | share |\n|---|---|---|---|")
    print(f"| entities trained | {full.steps['fleet']} | {night.steps['fleet']} | |")
    for stage, seconds in full.seconds.items():
        print(line(stage, seconds, night.seconds[stage]))
    everything = frozenset(full.seconds)
    for name, stages in (
        ("the whole run", everything),
        ("of it the pooled model", POOLED),
        ("and the rest", everything - POOLED),
    ):
        print(line(name, *(sum(each.seconds[at] for at in stages) for each in (full, night))))
    print(line("CPU of the whole run", full.cpu_s, night.cpu_s))


if __name__ == "__main__":
    for count in map(int, sys.argv[1:] or PLAYERS):
        main(count)
