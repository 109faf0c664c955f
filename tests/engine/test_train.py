"""A whole training run on Ray: honest, the same every time, and safe to interrupt."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tests.averaged_props import AVERAGED
from tests.training_process import logs, training
from tracer_ray.blueprint import Baseline, Blueprint, Portfolio, candidate
from tracer_ray.cli.training import too_many_failed
from tracer_ray.data.dataset import Dataset
from tracer_ray.engine.limits import Limits
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.errors import BlueprintError, TrainingError
from tracer_ray.metrics import metric
from tracer_ray.releases.release import Release, list_releases
from tracer_ray.releases.tables import Level
from tracer_ray.splits import Basis, Part, plan_cuts
from tracer_ray.synthetic import customers, matches, player_games
from tracer_ray.training.stages import count_positions

pytestmark = pytest.mark.usefixtures("ray_session")

TARGETS = ("points", "rebounds")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw files, and a home for each undisturbed run."""
    folder = tmp_path_factory.mktemp("training")
    tables = {
        "games": player_games(players=16, seasons=2, games_per_season=70, seed=1).rows,
        "customers": customers(n=1500, seed=1).rows,
        "matches": matches(teams=8, rounds=120, seed=1).rows,
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def props(folder: Path, ray_session: None) -> Release:
    return trained(AVERAGED, folder / "games.parquet", folder / "home", *TARGETS)


@pytest.fixture(scope="module")
def churn(folder: Path, ray_session: None) -> Release:
    return trained(CUSTOMER_CHURN, folder / "customers.parquet", folder / "home")


@pytest.fixture(scope="module")
def outcome(folder: Path, ray_session: None) -> Release:
    return trained(MATCH_OUTCOME, folder / "matches.parquet", folder / "home")


def trained(blueprint: Blueprint, source: Path, home: Path, *targets: str) -> Release:
    request = TrainingRequest(blueprint, (str(source),), str(home), targets, "small")
    return train(request, LineProgress())


def test_players_are_forecast_better_than_by_their_season_average(props: Release) -> None:
    assert props.manifest.targets == TARGETS
    for target in TARGETS:
        figures = props.manifest.figures[target]
        assert figures.rows > 200
        assert figures.ours["mae"] < 1.02 * figures.baseline["mae"]
        assert 0.7 < figures.ours["coverage"] < 0.9
    assert props.manifest.figures["rebounds"].skill >= 0.0


def test_churn_and_matches_are_told_better_than_by_the_base_rate(
    churn: Release, outcome: Release
) -> None:
    for release, target in ((churn, "churned"), (outcome, "won")):
        figures = release.manifest.figures[target]
        rate_alone = -math.log(0.5) if target == "won" else figures.baseline["log_loss"]
        assert figures.ours["log_loss"] < 0.98 * rate_alone
        assert figures.ours["auc"] > 0.6


def test_every_owner_has_a_record_with_a_level_and_a_reason(
    props: Release, churn: Release, outcome: Release
) -> None:
    for release, targets in ((props, TARGETS), (churn, ("churned",)), (outcome, ("won",))):
        owners = Dataset.open(release.manifest.origin.dataset_uri).entities["owner"].to_pylist()
        records = release.entities()
        assert [(each.target, each.owner) for each in records] == [
            (target, owner) for target in sorted(targets) for owner in owners
        ]
        assert all(each.reason for each in records)
        assert [each.error for each in records if each.error] == []
    models = {(each.target, each.owner) for each in props.models() if each.owner}
    assert models == {
        (each.target, each.owner)
        for each in props.entities()
        if each.level in (Level.ENTITY, Level.BLEND)
    }


def test_an_owner_with_a_short_history_gets_no_trial(props: Release) -> None:
    short = [each for each in props.entities() if each.rows < PLAYER_PROPS.minimum_history]
    assert short
    for record in short:
        assert record.level is Level.POOLED
        assert "50 are needed" in record.reason
        assert record.tried == 0
    assert all(each.tried == 2 for each in props.entities() if each not in short)
    assert len(short) < len(props.entities()) / 4


def test_the_figures_are_those_of_the_newest_rows_and_of_the_owners_together(
    props: Release,
) -> None:
    dataset = Dataset.open(props.manifest.origin.dataset_uri)
    assert dataset.buckets == 1
    rows = dataset.read_bucket(0)
    cuts = plan_cuts(
        dict(count_positions(rows, Basis.DAY, dataset.blueprint.targets[0].columns)),
        dataset.blueprint.split,
    )
    is_test = cuts.assign(rows.times, rows.keys) == Part.TEST
    figures = props.manifest.figures["points"]
    assert figures.rows == is_test.sum()
    tested = sum(each.test_rows for each in props.entities() if each.target == "points")
    assert tested == figures.rows
    losses = [(e.test_ours, e.test_rows) for e in props.entities() if e.target == "points"]
    total = sum(loss * count for loss, count in losses if count)
    assert total / tested == pytest.approx(figures.ours["mae"])


def test_shuffled_outcomes_leave_nothing_to_learn(folder: Path, tmp_path: Path) -> None:
    table = pq.read_table(folder / "matches.parquet")
    is_swapped = np.random.default_rng(5).random(len(table)) < 0.5
    first, second = (table[name].to_numpy() for name in ("maps_a", "maps_b"))
    for name, kept, other in (("maps_a", first, second), ("maps_b", second, first)):
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(np.where(is_swapped, other, kept)))
    pq.write_table(table, tmp_path / "shuffled.parquet")
    release = trained(MATCH_OUTCOME, tmp_path / "shuffled.parquet", folder / "home")
    figures = release.manifest.figures["won"]
    coin = metric("log_loss").score(np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    assert figures.ours["log_loss"] > 0.98 * coin
    assert figures.pooled["log_loss"] > 0.98 * coin
    assert {each.level for each in release.entities()} <= {Level.POOLED, Level.BASELINE}


def test_the_same_run_again_takes_up_what_is_there_and_says_the_same(
    folder: Path, outcome: Release
) -> None:
    home = folder / "home"
    before = [logs(home, part) for part in ("fleet/*", "pooled/*/search")]
    again = trained(MATCH_OUTCOME, folder / "matches.parquet", home)
    assert [logs(home, part) for part in ("fleet/*", "pooled/*/search")] == before
    assert again.manifest.fingerprint == outcome.manifest.fingerprint
    assert again.name != outcome.name


def test_one_cpu_gives_the_same_release_as_two(
    folder: Path, tmp_path: Path, outcome: Release
) -> None:
    with training("match_outcome", folder / "matches.parquet", tmp_path / "home") as process:
        assert process.result() == outcome.manifest.fingerprint


@pytest.mark.soak
def test_one_cpu_gives_the_same_numbers_of_players_as_two(
    folder: Path, tmp_path: Path, props: Release
) -> None:
    name, games = "tests.averaged_props:AVERAGED", folder / "games.parquet"
    with training(name, games, tmp_path / "home", *TARGETS) as process:
        assert process.result() == props.manifest.fingerprint


@pytest.mark.soak
def test_rows_that_a_trial_can_not_hold_are_learned_from_in_part_and_all_judged(
    tmp_path: Path,
) -> None:
    games = player_games(players=2400, seasons=2, games_per_season=82, seed=1).rows
    pq.write_table(games, tmp_path / "games.parquet")
    linear = Portfolio((candidate("elastic_net", alpha=0.05),), ())
    request = TrainingRequest(
        replace(AVERAGED, portfolio=linear),
        (str(tmp_path / "games.parquet"),),
        str(tmp_path / "home"),
        ("points",),
        "small",
        limits=Limits(memory_bytes=300 << 20),
        most_candidates=4,
    )
    release = train(request, LineProgress())
    said = (
        "the pooled model learned from one row in 2 of each owner, as fitting all would take more"
    )
    assert said in str(release.manifest.origin.settings["cut"])
    figures = release.manifest.figures["points"]
    assert figures.rows == pytest.approx(0.15 * len(games), rel=0.1)
    assert figures.ours["mae"] < figures.baseline["mae"]


def test_trials_that_fail_are_records_with_their_reason(folder: Path) -> None:
    """A random forest can't correct a probability, so no own model can be fitted."""
    own = Portfolio(MATCH_OUTCOME.portfolio.pooled[:1], (candidate("random_forest"),))
    broken = replace(MATCH_OUTCOME, portfolio=own, baselines=(Baseline("base rate"),))
    release = trained(broken, folder / "matches.parquet", folder / "home")
    records = release.entities()
    assert len(records) == 8
    for record in records:
        assert record.error.startswith("random_forest(): TrainingError: random_forest can't start")
        assert record.reason == "its trial failed; the pooled model answers"
        assert record.level is Level.POOLED
    figures = release.manifest.figures["won"]
    assert dict(figures.ours) == pytest.approx(dict(figures.pooled))
    assert too_many_failed(records, 0.99).startswith("8 of 8 trials failed (100.0 %)")
    assert too_many_failed(records, 1.0) == ""


def test_a_run_that_can_not_be_is_refused_with_the_choices(folder: Path, tmp_path: Path) -> None:
    games = (str(folder / "games.parquet"),)
    with pytest.raises(TrainingError, match="no budget 'huge'; choose one of small, standard"):
        train(
            TrainingRequest(PLAYER_PROPS, games, str(tmp_path), ("points",), "huge"), LineProgress()
        )
    with pytest.raises(BlueprintError, match="no target 'goals'"):
        train(TrainingRequest(PLAYER_PROPS, games, str(tmp_path), ("goals",)), LineProgress())
    assert list_releases(str(tmp_path), "player_props") == ()
