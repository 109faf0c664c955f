"""From rows to unseen pooled predictions: bucket by bucket, and the same however many there are."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.player_props import PLAYER_PROPS
from tests.small_run import planned, prepared, write_features
from tracer_ray.rows import Rows
from tracer_ray.splits import Basis, Cuts, Part
from tracer_ray.synthetic import customers, player_games
from tracer_ray.training.plan import Budget, TrainingPlan, software
from tracer_ray.training.run_store import BucketReader
from tracer_ray.training.stages import (
    POOLED,
    count_positions,
    gather,
    gather_surveys,
    survey,
)

MADE = player_games(players=6, seasons=2, games_per_season=50, seed=4).rows


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> TrainingPlan:
    return prepared(PLAYER_PROPS, MADE, tmp_path_factory.mktemp("stages"), "points")


def rows_of(plan: TrainingPlan) -> list[Rows]:
    return [plan.dataset.read_bucket(bucket) for bucket in range(plan.dataset.buckets)]


def said_by_key(plan: TrainingPlan, folder: str, column: str) -> dict[str, float]:
    """A column of the run's folder by row key."""
    reader = BucketReader(plan.part_folder(*folder.split("/")))
    return {
        key: value
        for bucket, rows in enumerate(rows_of(plan))
        for key, value in zip(rows.keys, reader.columns(bucket)[column].tolist(), strict=True)
    }


def test_days_are_counted_over_all_owners(plan: TrainingPlan) -> None:
    total = sum(
        (count_positions(rows, Basis.DAY, plan.targets) for rows in rows_of(plan)), Counter[float]()
    )
    played = MADE.filter(pc.is_valid(MADE["minutes"]))["game_date"]
    dates = played.cast(pa.date32()).cast(pa.int32()).to_numpy()
    assert total == dict(zip(*np.unique(dates, return_counts=True), strict=True))


def test_the_features_stand_row_for_row_beside_their_outcomes(plan: TrainingPlan) -> None:
    reader = BucketReader(plan.part_folder("features"))
    for bucket, rows in enumerate(rows_of(plan)):
        features = reader.features(bucket)
        np.testing.assert_array_equal(features.outcomes["points"], rows.numbers["points"])
        np.testing.assert_array_equal(reader.offsets(bucket), rows.offsets)
        lag = features.x[:, plan.program.names.index("points_lag_1")]
        for start, stop in pairwise(rows.offsets):
            expected = rows.numbers["points"][start : stop - 1]
            np.testing.assert_array_equal(lag[start + 1 : stop], expected)
            assert np.isnan(lag[start])


def test_categories_are_learned_from_training_rows_only(tmp_path: Path) -> None:
    made = customers(n=400, seed=2).rows
    plan = planned(CUSTOMER_CHURN, made, tmp_path, ("churned",), buckets=1)
    rows = plan.dataset.read_bucket(0)
    parts = plan.cuts.assign(rows.times, rows.keys)
    late = rows.keys[parts != Part.TRAIN][0]
    at = made["customer_id"].to_pylist().index(late)
    contracts = made["contract"].to_pylist()
    contracts[at] = "decade"
    column = made.column_names.index("contract")
    changed = made.set_column(column, "contract", pa.array(contracts))
    again = planned(CUSTOMER_CHURN, changed, tmp_path / "changed", ("churned",), buckets=1)
    _, vocabulary = gather_surveys(again, [survey(again, 0)])
    assert set(vocabulary.values["contract"]) == {"month-to-month", "one year", "two year"}
    write_features(again)
    features = BucketReader(again.part_folder("features")).features(0)
    code = features.x[:, again.program.names.index("contract")]
    assert code[again.dataset.read_bucket(0).keys.tolist().index(late)] == -1.0


def test_all_labelled_rows_are_gathered(plan: TrainingPlan) -> None:
    rows = gather(plan, "points")
    every = rows_of(plan)
    assert len(rows.y) == sum(len(each) for each in every)
    assert sorted(rows.y) == sorted(np.concatenate([each.numbers["points"] for each in every]))
    assert rows.x.shape[1] == len(plan.feature_names("points"))
    np.testing.assert_allclose(
        np.bincount(rows.parts) / len(rows.y), [0.60, 0.15, 0.10, 0.15], atol=0.03
    )


def test_one_bucket_or_three_say_the_same(plan: TrainingPlan, tmp_path: Path) -> None:
    for buckets in (1, 3):
        other = prepared(PLAYER_PROPS, MADE, tmp_path / str(buckets), "points", buckets)
        for column in (POOLED, "season average"):
            expected = said_by_key(plan, "pooled/points", column)
            found = said_by_key(other, "pooled/points", column)
            assert found.keys() == expected.keys()
            values = np.array([[expected[key], found[key]] for key in expected])
            np.testing.assert_allclose(values[:, 0], values[:, 1], rtol=1e-6)


def test_another_anything_is_another_run(plan: TrainingPlan) -> None:
    others = [
        replace(plan, dataset_fingerprint="other"),
        replace(plan, blueprint=replace(plan.blueprint, minimum_history=51)),
        replace(plan, targets=("points", "rebounds")),
        replace(plan, cuts=Cuts(1.0, 2.0, 3.0)),
        replace(plan, cuts=replace(plan.cuts, gap=1.0)),
        replace(plan, budget=Budget(9, 9)),
        replace(plan, seed=1),
        replace(plan, software="other"),
    ]
    names = {each.run for each in others}
    assert len(names) == len(others)
    assert plan.run not in names
    assert replace(plan, home="elsewhere").run == plan.run


def test_the_same_rows_in_other_buckets_are_another_run(plan: TrainingPlan, tmp_path: Path) -> None:
    other = planned(PLAYER_PROPS, MADE, tmp_path, ("points",), buckets=3)
    assert other.dataset_fingerprint == plan.dataset_fingerprint
    assert other.run != plan.run


def test_the_software_has_one_digest() -> None:
    first = software()
    software.cache_clear()
    assert software() == first
    assert len(first) == 16


def test_a_pooled_model_of_every_third_row_learns_from_each_owners_first_fourth_and_so_on(
    plan: TrainingPlan,
) -> None:
    thin = replace(plan, pooled_step=3)
    assert thin.run != plan.run
    write_features(thin)
    expected = [
        rows.numbers["points"][start:stop:3]
        for rows in rows_of(plan)
        for start, stop in pairwise(rows.offsets.tolist())
    ]
    outcomes = np.concatenate(expected)
    assert gather(thin, "points").y.tolist() == outcomes[np.isfinite(outcomes)].tolist()
