"""The synthetic data is repeatable, and as true as it claims to be."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import mean_absolute_error, roc_auc_score

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Blueprint
from tracer_ray.synthetic import (
    Synthetic,
    customers,
    daily_sales,
    declared,
    matches,
    player_games,
    purchases,
    weekly_prices,
    write_demo,
)

Generator = Callable[..., Synthetic]
GENERATORS = [player_games, customers, matches, daily_sales, weekly_prices, purchases]


@pytest.fixture(scope="module")
def games() -> pd.DataFrame:
    """Player games of many players with the truth beside them, only where he played."""
    made = player_games(players=200, seasons=2, seed=11)
    rows: pd.DataFrame = made.rows.to_pandas()
    return rows.join(made.truth.to_pandas().add_prefix("true_")).dropna(subset="minutes")


@pytest.fixture(scope="module")
def played_matches() -> pd.DataFrame:
    """Many matches with the truth beside them and who won."""
    made = matches(teams=24, rounds=400, seed=5)
    rows: pd.DataFrame = made.rows.to_pandas()
    frame = rows.join(made.truth.to_pandas())
    return frame.assign(won=frame["maps_a"] > frame["maps_b"])


@pytest.mark.parametrize("generate", GENERATORS)
def test_the_same_seed_gives_the_same_rows(generate: Generator) -> None:
    assert generate(seed=3) == generate(seed=3)


@pytest.mark.parametrize("generate", GENERATORS)
def test_another_seed_gives_other_rows(generate: Generator) -> None:
    assert not generate(seed=3).rows.equals(generate(seed=4).rows)


@pytest.mark.parametrize("generate", GENERATORS)
def test_each_row_has_its_truth(generate: Generator) -> None:
    made = generate()
    assert made.rows.num_rows == made.truth.num_rows
    assert all(column.null_count == 0 for column in made.truth.columns)


@pytest.mark.parametrize(
    ("generate", "blueprint"),
    [(player_games, PLAYER_PROPS), (customers, CUSTOMER_CHURN)],
)
def test_a_blueprint_knows_the_columns_by_a_name_or_an_alias(
    generate: Generator, blueprint: Blueprint
) -> None:
    present = set(generate().rows.column_names)
    matched = {column.name for column in blueprint.columns if present & set(column.names)}
    required = {column.name for column in blueprint.columns if column.required}
    assert required <= matched
    assert {name for target in blueprint.targets for name in target.columns} <= matched


def test_the_match_blueprint_knows_both_sides_and_their_scores() -> None:
    sides = MATCH_OUTCOME.sides
    assert sides is not None
    present = set(matches().rows.column_names)
    for pair in sides.pairs[:2]:
        assert present & set(pair.first)
        assert present & set(pair.second)


@pytest.mark.parametrize(
    ("statistic", "truth"),
    [
        ("minutes", "minutes"),
        ("points", "points"),
        ("rebounds", "rebounds"),
        ("assists", "assists"),
        ("fg3_made", "threes"),
        ("steals", "steals"),
        ("blocks", "blocks"),
    ],
)
def test_expected_values_are_right_on_average_at_every_level(
    games: pd.DataFrame, statistic: str, truth: str
) -> None:
    level = pd.qcut(games[f"true_{truth}"], 8)
    grouped = games.groupby(level, observed=True)
    error = grouped[statistic].mean() - grouped[f"true_{truth}"].mean()
    standard_error = grouped[statistic].std() / np.sqrt(grouped.size())
    assert (error.abs() < 4.5 * standard_error).all()


def test_points_rebounds_assists_are_their_sum(games: pd.DataFrame) -> None:
    parts = games["true_points"] + games["true_rebounds"] + games["true_assists"]
    np.testing.assert_allclose(games["true_points_rebounds_assists"], parts)


def test_the_truth_beats_every_average_of_the_past(games: pd.DataFrame) -> None:
    rows = games.sort_values(["player_id", "game_date"])
    earlier = rows.assign(points=rows.groupby("player_id")["points"].shift())
    of_player = earlier.groupby("player_id")["points"]
    average = of_player.expanding().mean().droplevel(0)
    recent = of_player.ewm(halflife=8).mean().droplevel(0)
    known = average.notna()
    actual = rows.loc[known, "points"]
    best = mean_absolute_error(actual, rows.loc[known, "true_points"])
    assert best < 0.98 * mean_absolute_error(actual, recent[known])
    assert best < 0.98 * mean_absolute_error(actual, average[known])


def test_players_are_like_professionals(games: pd.DataFrame) -> None:
    """Bounds around the averages of NBA seasons: 10 points in 23 minutes, 2.5 % more at home."""
    assert 21 < games["minutes"].mean() < 27
    assert 8 < games["points"].mean() < 12
    assert games["points"].var() > games["points"].mean()
    at_home = games.groupby("is_home")["points"].mean()
    assert 1.01 < at_home[True] / at_home[False] < 1.10
    assert (games["fg3_made"] <= games["fg3_attempted"]).all()
    assert (games["fg3_attempted"] <= games["fg_attempted"]).all()


def test_some_players_did_not_play_and_have_no_statistics() -> None:
    rows = player_games(seed=2).rows.to_pandas()
    is_absent = rows["minutes"].isna()
    assert 0.04 < is_absent.mean() < 0.08
    assert rows.loc[is_absent, ["points", "rebounds", "fg_attempted"]].isna().all(axis=None)


def test_a_player_plays_at_most_once_a_day_from_october_to_april(games: pd.DataFrame) -> None:
    assert not games.duplicated(["player_id", "game_date"]).any()
    assert set(games["game_date"].dt.month) == {10, 11, 12, 1, 2, 3, 4}
    rest = games.groupby("player_id")["game_date"].diff().dt.days
    assert {1, 2, 3} <= set(rest.dropna())


def test_both_teams_of_a_game_meet_on_the_same_day(games: pd.DataFrame) -> None:
    meetings = games[["game_date", "team", "opponent"]].drop_duplicates()
    mirrored = meetings.rename(columns={"team": "opponent", "opponent": "team"})
    assert len(meetings.merge(mirrored)) == len(meetings)
    assert (games["team"] != games["opponent"]).all()


def test_a_few_players_have_a_short_history() -> None:
    sizes = player_games(seed=0).rows.to_pandas().groupby("player_id").size()
    assert len(sizes) == 60
    assert 1 <= (sizes < 50).sum() <= 6


def test_churn_probabilities_are_calibrated() -> None:
    made = customers(n=40_000, seed=9)
    has_left = made.rows["churn"].to_numpy() == "Yes"
    probability = made.truth["churn_probability"].to_numpy()
    assert_calibrated(probability, has_left)
    assert 0.2 < has_left.mean() < 0.35
    assert 0.75 < roc_auc_score(has_left, probability) < 0.9


def test_match_probabilities_are_calibrated(played_matches: pd.DataFrame) -> None:
    assert_calibrated(
        played_matches["win_probability"].to_numpy(), played_matches["won"].to_numpy()
    )


def test_the_first_side_is_no_better_than_the_second(played_matches: pd.DataFrame) -> None:
    assert abs(played_matches["won"].mean() - 0.5) < 4 * 0.5 / np.sqrt(len(played_matches))


def test_a_match_ends_when_one_side_has_most_of_the_maps(played_matches: pd.DataFrame) -> None:
    scores = played_matches[["maps_a", "maps_b"]]
    assert (scores.max(axis=1) == played_matches["best_of"] // 2 + 1).all()
    assert (scores.min(axis=1) < scores.max(axis=1)).all()


def test_everybody_meets_everybody_in_a_round_robin() -> None:
    rows = matches(teams=6, rounds=5).rows.to_pandas()
    met = {frozenset(pair) for pair in zip(rows["team_a"], rows["team_b"], strict=True)}
    assert len(met) == 15


@pytest.mark.parametrize(
    "generate",
    [
        lambda: player_games(players=0),
        lambda: player_games(games_per_season=200),
        lambda: customers(n=0),
        lambda: matches(teams=5),
        lambda: matches(rounds=0),
    ],
)
def test_impossible_sizes_are_refused(generate: Generator) -> None:
    with pytest.raises(ValueError, match="needed"):
        generate()


def test_the_demo_files_hold_the_generated_rows(tmp_path: Path) -> None:
    files = write_demo(tmp_path / "data", seed=1)
    seasons = sorted(folder.name for folder in files.player_games.iterdir())
    assert seasons == ["season=2023-24", "season=2024-25"]
    read = pads.dataset(files.player_games, partitioning="hive").to_table()
    assert read.num_rows == player_games(seed=1).rows.num_rows
    assert pq.read_table(files.matches) == matches(seed=1).rows
    assert len(pd.read_csv(files.customers)) == 2000


def test_the_demo_files_are_the_same_bytes_twice(tmp_path: Path) -> None:
    first, second = write_demo(tmp_path / "a"), write_demo(tmp_path / "b")
    assert first.customers.read_bytes() == second.customers.read_bytes()
    assert first.matches.read_bytes() == second.matches.read_bytes()


def assert_calibrated(probability: np.ndarray, outcome: np.ndarray) -> None:
    """In every tenth of the rows the outcome is as frequent as the probability says."""
    tenths = np.array_split(np.argsort(probability), 10)
    for rows in tenths:
        expected = probability[rows].mean()
        standard_error = np.sqrt(expected * (1 - expected) / len(rows))
        assert abs(outcome[rows].mean() - expected) < 4 * standard_error


@pytest.mark.parametrize("blueprint", [CUSTOMER_CHURN, PLAYER_PROPS])
def test_rows_made_from_a_declaration_have_every_column_within_its_bounds(
    blueprint: Blueprint,
) -> None:
    made = declared(blueprint, n=300, seed=2)
    assert made.rows.column_names != []
    assert set(made.rows.column_names) == {column.name for column in blueprint.columns}
    assert set(made.truth.column_names) == {target.name for target in blueprint.targets}
    for column in blueprint.columns:
        if column.minimum is not None:
            assert min(made.rows[column.name].to_pylist()) >= column.minimum
    assert declared(blueprint, n=300, seed=2) == made
    assert not declared(blueprint, n=300, seed=3).rows.equals(made.rows)


def test_the_declared_truth_is_what_happens_on_average() -> None:
    made = declared(CUSTOMER_CHURN, n=20_000, seed=5)
    probability = made.truth["churned"].to_numpy()
    has_left = np.array(made.rows["churned"].to_pylist())
    for low in np.arange(0.1, 0.9, 0.1):
        inside = (probability >= low) & (probability < low + 0.1)
        error = 4.0 * np.sqrt(0.25 / inside.sum())
        assert abs(has_left[inside].mean() - probability[inside].mean()) < error


def test_two_sides_are_no_rows_of_one_thing() -> None:
    with pytest.raises(ValueError, match="match_outcome: n=10; at least one row, and no sides"):
        declared(MATCH_OUTCOME, n=10)
