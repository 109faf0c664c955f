"""Synthetic basketball: one row per player and game of his team."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.synthetic.draws import Synthetic, counts, drift, stream
from tracer_ray.synthetic.player_schedule import (
    FIRST_SEASON,
    GAMES_IN_FULL_SEASON,
    Games,
    schedule,
)

# What a player does per minute: mean over players, spread of log skill, dispersion of the counts.
VOLUMES: dict[str, tuple[float, float, float]] = {
    "twos_attempted": (0.235, 0.35, 14.0),
    "threes_attempted": (0.105, 0.65, 9.0),
    "free_throws_attempted": (0.095, 0.50, 5.0),
    "rebounds": (0.180, 0.40, 12.0),
    "assists": (0.095, 0.60, 9.0),
    "steals": (0.031, 0.25, 30.0),
    "blocks": (0.020, 0.60, 8.0),
    "turnovers": (0.056, 0.30, 20.0),
}
# How often an attempt succeeds: mean over players and spread between them.
ACCURACY: dict[str, tuple[float, float]] = {
    "twos_attempted": (0.52, 0.04),
    "threes_attempted": (0.355, 0.025),
    "free_throws_attempted": (0.77, 0.06),
}
POINTS = {"twos_attempted": 2, "threes_attempted": 3, "free_throws_attempted": 1}

HOME_EFFECT = 0.025  # more of everything at home, less of it away
DEFENCE_SPREAD = 0.08  # of the log of what a team allows, drawn per season and statistic
FORM_SPREAD = 0.12
FORM_MEMORY = 0.97  # per game
BACK_TO_BACK_EFFECT = -0.04  # on the second of two consecutive days
ROLE_MINUTES = (14.0, 35.0)
MINUTES_NOISE = 12.0  # minutes are this far from the role at most
CHANGES_PER_SEASON = 0.8  # of the role of a player
BENCH_SHARE = 0.06  # of the rows: he did not play


def player_games(
    players: int = 60,
    seasons: int = 2,
    games_per_season: int = GAMES_IN_FULL_SEASON,
    seed: int = 0,
) -> Synthetic:
    """One row per player and game, spelt as NBA box scores are; all of it is invented.

    Each player has a skill per statistic, a role in minutes that changes now and then, and a form
    that wanders; opponents allow more or less, home and rest count a little. Attempts and counts
    are negative binomial, made shots binomial. In some rows the player did not play: minutes and
    statistics are null. Seasons begin on 20 October. The last few players made a late debut.

    `truth` has the expected value of minutes and of each target, given that he plays. Raises
    ValueError for fewer than one player or season, or games_per_season outside 1 to 87.

    >>> made = player_games(players=20, seasons=1, seed=7)
    >>> made.rows.num_rows == made.truth.num_rows
    True
    """
    if players < 1 or seasons < 1 or not 1 <= games_per_season <= 87:
        raise ValueError(
            f"players={players}, seasons={seasons}, games_per_season={games_per_season}: "
            "at least one player and season and 1 to 87 games are needed"
        )
    games = schedule(players, seasons, games_per_season, seed)
    role = _roles(players, seasons * games_per_season, games_per_season, seed)[
        games.slot, games.player
    ]
    pace = _pace(games, players, seed)
    random = stream(seed, "minutes")
    minutes = role + MINUTES_NOISE * (2.0 * random.beta(2.0, 2.0, len(role)) - 1.0)
    rates = {name: _rate(name, games, players, seed) * pace for name in VOLUMES}
    accuracy = {name: _accuracy(name, players, seed)[games.player] for name in ACCURACY}
    statistics = _draw_statistics(rates, accuracy, minutes, seed)
    is_bench = stream(seed, "bench").random(len(role)) < BENCH_SHARE
    return Synthetic(
        rows=_rows_table(games, minutes, statistics, is_bench),
        truth=_truth_table(rates, accuracy, role),
    )


def _roles(players: int, slots: int, games_per_season: int, seed: int) -> FloatArray:
    """Expected minutes, [slots, players]: constant until the role changes."""
    random = stream(seed, "roles")
    low, high = ROLE_MINUTES
    level = random.uniform(low, high, players)
    steps = random.normal(0.0, 5.0, (slots, players))
    is_change = random.random((slots, players)) < CHANGES_PER_SEASON / games_per_season
    roles = np.empty((slots, players))
    for slot in range(slots):
        level = np.where(is_change[slot], np.clip(level + steps[slot], low, high), level)
        roles[slot] = level
    return roles


def _pace(games: Games, players: int, seed: int) -> FloatArray:
    """What multiplies everything a player does in a game: form, home and rest, [rows]."""
    slots = int(games.slot.max()) + 1
    form = drift(stream(seed, "form"), slots, players, FORM_SPREAD, FORM_MEMORY)
    home = np.where(games.is_home, HOME_EFFECT, -HOME_EFFECT)
    rest = np.where(games.is_back_to_back, BACK_TO_BACK_EFFECT, 0.0)
    pace: FloatArray = np.exp(form[games.slot, games.player]) * (1.0 + home + rest)
    return pace


def _rate(name: str, games: Games, players: int, seed: int) -> FloatArray:
    """Expected count per minute from skill and the opponent's defence, [rows]."""
    mean, spread, _ = VOLUMES[name]
    random = stream(seed, name)
    skill = mean * np.exp(random.normal(-(spread**2) / 2.0, spread, players))
    season = games.season - FIRST_SEASON
    allowed = np.exp(random.normal(0.0, DEFENCE_SPREAD, (int(season.max()) + 1, games.teams)))
    rate: FloatArray = skill[games.player] * allowed[season, games.opponent]
    return rate


def _accuracy(name: str, players: int, seed: int) -> FloatArray:
    """The share of a player's attempts that succeed, [players]."""
    mean, spread = ACCURACY[name]
    return np.clip(stream(seed, f"{name}/accuracy").normal(mean, spread, players), 0.05, 0.95)


def _draw_statistics(
    rates: dict[str, FloatArray], accuracy: dict[str, FloatArray], minutes: FloatArray, seed: int
) -> dict[str, IntArray]:
    """Counts and made shots of each game, [rows] each."""
    drawn = {
        name: counts(stream(seed, f"{name}/count"), rate * minutes, VOLUMES[name][2])
        for name, rate in rates.items()
    }
    made = {
        name: stream(seed, f"{name}/made").binomial(drawn[name], share)
        for name, share in accuracy.items()
    }
    drawn["threes"] = made["threes_attempted"]
    drawn["points"] = np.sum([made[name] * worth for name, worth in POINTS.items()], axis=0)
    return drawn


def _truth_table(
    rates: dict[str, FloatArray], accuracy: dict[str, FloatArray], role: FloatArray
) -> pa.Table:
    """Expected minutes and targets of each row, given that he plays."""
    mean = {name: rate * role for name, rate in rates.items()}
    made = {name: mean[name] * share for name, share in accuracy.items()}
    points = np.sum([made[name] * worth for name, worth in POINTS.items()], axis=0)
    columns = {name: mean[name] for name in ("rebounds", "assists", "steals", "blocks")}
    total = points + columns["rebounds"] + columns["assists"]
    return pa.table(
        {
            "minutes": role,
            "points": points,
            "threes": made["threes_attempted"],
            **columns,
            "points_rebounds_assists": total,
        }
    )


def _rows_table(
    games: Games,
    minutes: FloatArray,
    statistics: dict[str, IntArray],
    is_bench: npt.NDArray[np.bool_],
) -> pa.Table:
    """The rows under the names that box scores use."""
    spelling = {
        "points": statistics["points"],
        "rebounds": statistics["rebounds"],
        "assists": statistics["assists"],
        "fg3_made": statistics["threes"],
        "steals": statistics["steals"],
        "blocks": statistics["blocks"],
        "turnovers": statistics["turnovers"],
        "fg_attempted": statistics["twos_attempted"] + statistics["threes_attempted"],
        "fg3_attempted": statistics["threes_attempted"],
        "ft_attempted": statistics["free_throws_attempted"],
    }
    return pa.table(
        {
            "season": [f"{year}-{(year + 1) % 100:02d}" for year in games.season.tolist()],
            "game_date": pa.array(games.date.astype("datetime64[us]"), pa.timestamp("us", "UTC")),
            "player_id": 1000 + games.player,
            "player_name": [f"Player {number + 1:03d}" for number in games.player.tolist()],
            "team": _team_codes(games.team),
            "opponent": _team_codes(games.opponent),
            "is_home": games.is_home,
            "minutes": pa.array(np.round(minutes, 1), mask=is_bench),
            **{name: pa.array(values, mask=is_bench) for name, values in spelling.items()},
        }
    )


def _team_codes(teams: IntArray) -> list[str]:
    return [f"T{team + 1:02d}" for team in teams.tolist()]
