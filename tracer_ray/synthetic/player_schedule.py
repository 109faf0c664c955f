"""Who plays when, where and against whom in the synthetic basketball seasons."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracer_ray.rows import IntArray
from tracer_ray.synthetic.draws import round_robin, stream

FIRST_SEASON = 2023
GAMES_IN_FULL_SEASON = 82
SEASON_DAYS = 175  # from 20 October to the middle of April
LATE_DEBUT_SHARE = 0.05  # of the players: they have played fewer than 40 games


@dataclass(frozen=True)
class Games:
    """The rows before anything is drawn for them; all arrays are [rows], sorted by date."""

    teams: int
    slot: IntArray  # the team's how-manieth game, over all seasons
    season: IntArray
    date: npt.NDArray[np.datetime64]
    player: IntArray
    team: IntArray
    opponent: IntArray
    is_home: npt.NDArray[np.bool_]
    is_back_to_back: npt.NDArray[np.bool_]


def schedule(players: int, seasons: int, games_per_season: int, seed: int) -> Games:
    """Every player's games; teams of about ten, paired anew in every slot."""
    teams = max(4, 2 * round(players / 20))
    slots = seasons * games_per_season
    opponents, is_home = _pairings(teams, slots)
    dates = _dates(opponents, games_per_season, seed)
    debut = np.zeros(players, np.int64)
    late = round(players * LATE_DEBUT_SHARE)
    debut[players - late :] = stream(seed, "debut").integers(max(0, slots - 40), slots, late)
    slot, player = np.nonzero(np.arange(slots)[:, None] >= debut)
    team = player % teams
    order = np.argsort(dates[slot, team], kind="stable")
    slot, player, team = slot[order], player[order], team[order]
    is_next_day = np.zeros_like(is_home)
    is_next_day[1:] = np.diff(dates, axis=0) == np.timedelta64(1, "D")
    return Games(
        teams=teams,
        slot=slot,
        season=FIRST_SEASON + slot // games_per_season,
        date=dates[slot, team],
        player=player,
        team=team,
        opponent=opponents[slot, team],
        is_home=is_home[slot, team],
        is_back_to_back=is_next_day[slot, team],
    )


def _pairings(teams: int, slots: int) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Each team's opponent and whether it is at home, [slots, teams]."""
    pairs = round_robin(teams, slots)
    slot = np.arange(slots)[:, None]
    home, away = pairs[:, :, 0], pairs[:, :, 1]
    opponents = np.empty((slots, teams), np.int64)
    opponents[slot, home], opponents[slot, away] = away, home
    is_home = np.zeros((slots, teams), np.bool_)
    is_home[slot, home] = True
    return opponents, is_home


def _dates(opponents: IntArray, games_per_season: int, seed: int) -> npt.NDArray[np.datetime64]:
    """The day of each team's games, [slots, teams]: two to three days apart, sometimes one."""
    slots, teams = opponents.shape
    delay = stream(seed, "dates").integers(0, 2, (slots, teams))
    both = np.minimum(np.arange(teams), opponents)  # the two teams of a game share its day
    shared = np.take_along_axis(delay, both, axis=1)
    season, game = np.divmod(np.arange(slots), games_per_season)
    day = np.floor(game * SEASON_DAYS / GAMES_IN_FULL_SEASON).astype(np.int64)
    openings = [np.datetime64(f"{FIRST_SEASON + number}-10-20") for number in range(season[-1] + 1)]
    return np.array(openings)[season, None] + day[:, None] + shared
