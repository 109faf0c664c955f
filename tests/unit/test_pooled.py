"""The pooled model: chosen on validation rows, and silent on rows that it has seen."""

from dataclasses import replace

import numpy as np
import pytest

from tracer_ray.blueprint import Answer, Candidate, candidate
from tracer_ray.errors import TrainingError
from tracer_ray.families import Resources, Task
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Part
from tracer_ray.training.objective import Objective
from tracer_ray.training.pooled import (
    Blocks,
    Ensemble,
    LabelledRows,
    Mask,
    Member,
    PooledTrial,
    choose_members,
    constant_forecast,
    earlier_windows,
    fit_ensemble,
    judged_outcomes,
    try_candidate,
    window_loss,
)
from tracer_ray.training.pooled_model import PooledModel, fit_pooled, load, store

NAMES = ("a", "b", "c")
MAE = Objective(Task(Answer.NUMBER, "absolute", NAMES), "mae")
RMSE = Objective(Task(Answer.NUMBER, "squared", NAMES), "rmse")
LOG_LOSS = Objective(Task(Answer.PROBABILITY, "log_loss", NAMES), "log_loss")
LINEAR = Member(candidate("elastic_net", alpha=0.01), 1.0)
BOOSTED = Member(candidate("lightgbm", rounds=5, depth=2, min_data_in_leaf=5), 2.0)
RESOURCES = Resources(threads=1, seed=3)
SHARES = (0.6, 0.15, 0.10, 0.15)


def labelled(rows: int = 400, *, is_by_time: bool = True, seed: int = 0) -> LabelledRows:
    """Three features of which the first matters; positions rise, or are drawn."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3)).astype(np.float32)
    position = np.floor(np.linspace(0, 100, rows)) if is_by_time else random.random(rows)
    limits = np.quantile(position, np.cumsum(SHARES)[:-1])
    return LabelledRows(
        x=x,
        y=2.0 * x[:, 0] + random.normal(size=rows),
        position=position,
        parts=np.searchsorted(limits, position, side="right").astype(np.int8),
        is_by_time=is_by_time,
    )


def said_of(model: PooledModel, rows: LabelledRows) -> FloatArray:
    return model.predict_unseen(rows.x, rows.position, rows.parts)


def with_other_outcomes(rows: LabelledRows, mask: Mask) -> LabelledRows:
    return replace(rows, y=np.where(mask, 50.0 - 3.0 * rows.y, rows.y))


def test_the_newest_share_is_that_of_the_masked_rows() -> None:
    rows = labelled(12_000)
    train = rows.part(Part.TRAIN)
    third = rows.newest(train, 1 / 3)
    assert third.sum() == pytest.approx(train.sum() / 3, abs=150)
    assert rows.position[third].min() > rows.position[train & ~third].max()
    assert rows.newest(train, 1.0) is train
    assert rows.newest(train, 1 / 9).sum() >= 2000
    few = labelled(200)
    assert (few.newest(few.part(Part.TRAIN), 1 / 9) == few.part(Part.TRAIN)).all()


def test_the_constant_forecast_is_the_median_or_the_rate() -> None:
    assert constant_forecast(np.array([1.0, 2.0, 9.0]), Answer.NUMBER) == 2.0
    assert constant_forecast(np.array([0.0, 1.0, 1.0, 1.0]), Answer.PROBABILITY) == 0.75


def test_a_candidate_is_judged_on_validation_rows_that_it_was_not_fitted_to() -> None:
    rows = labelled()
    asked = candidate("elastic_net", alpha=0.01)
    found = try_candidate(rows, MAE, asked, 1.0, RESOURCES)
    (actual,) = judged_outcomes(rows)
    assert found.loss == pytest.approx(np.abs(actual - found.predicted).mean())
    assert found.skill > 0.3
    moved = with_other_outcomes(rows, ~rows.part(Part.TRAIN))
    again = try_candidate(moved, MAE, asked, 1.0, RESOURCES)
    np.testing.assert_array_equal(again.predicted, found.predicted)


def test_few_rows_are_also_judged_on_newer_training_rows_by_a_fit_to_older_ones() -> None:
    rows = labelled(6_000)
    ((seen, later),) = earlier_windows(rows)
    train, validation = rows.part(Part.TRAIN), rows.part(Part.VALIDATION)
    assert (seen | later == train).all()
    assert later.sum() == pytest.approx(0.4 * train.sum(), abs=60)
    assert rows.position[seen].max() < rows.position[later].min()
    asked = candidate("elastic_net", alpha=0.01)
    found = try_candidate(rows, MAE, asked, 1.0, RESOURCES)
    changed = with_other_outcomes(rows, later)
    again = try_candidate(changed, MAE, asked, 1.0, RESOURCES)
    own = slice(int(validation.sum()), None)
    np.testing.assert_array_equal(again.predicted[own], found.predicted[own])
    assert judged_outcomes(rows)[1].tolist() == rows.y[later].tolist()


def test_windows_count_alike_however_many_rows_they_have() -> None:
    """Mean errors of 1 on two rows and of 3 on one: 2, where all rows alike would give 5 / 3."""
    actual = (np.zeros(2), np.zeros(1))
    assert window_loss(actual, np.array([1.0, -1.0, 3.0]), MAE) == 2.0


def test_rows_without_an_order_and_very_few_rows_have_no_second_window() -> None:
    assert earlier_windows(labelled(600)) == ()
    assert earlier_windows(replace(labelled(6_000), is_by_time=False)) == ()


def test_early_stopping_pins_the_rounds_for_later_fits() -> None:
    asked = candidate("lightgbm", rounds=400, learning_rate=0.3, depth=4, min_data_in_leaf=5)
    found = try_candidate(labelled(), MAE, asked, 1.0, RESOURCES)
    assert 0 < int(found.candidate.settings["rounds"]) < 400
    assert found.candidate.settings | {"rounds": 400} == asked.settings


def test_a_constant_outcome_is_no_reason_to_fail() -> None:
    rows = labelled()
    found = try_candidate(
        replace(rows, y=np.zeros(len(rows.y))), MAE, LINEAR.candidate, 1.0, RESOURCES
    )
    assert found.loss == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(found.skill)


def test_without_validation_outcomes_there_is_no_search() -> None:
    rows = labelled()
    train_only = replace(rows, parts=np.zeros_like(rows.parts))
    with pytest.raises(TrainingError, match="no validation row has an outcome"):
        try_candidate(train_only, MAE, LINEAR.candidate, 1.0, RESOURCES)


def trial(name: str, predicted: list[float]) -> PooledTrial:
    return PooledTrial(Candidate(name), np.array(predicted), 0.0, 0.0)


def test_trials_whose_errors_cancel_share_the_ensemble() -> None:
    actual = np.zeros(2)
    trials = (trial("up", [1.0, 1.0]), trial("down", [-1.0, -1.0]), trial("far", [9.0, 9.0]))
    members = choose_members(trials, (actual,), MAE)
    assert [(each.candidate.family, each.weight) for each in members] == [
        ("up", 0.5),
        ("down", 0.5),
    ]


def test_a_trial_that_adds_nothing_is_not_kept() -> None:
    trials = (trial("worse", [2.0, 3.0]), trial("best", [0.5, 0.5]))
    members = choose_members(trials, (np.zeros(2),), RMSE)
    assert [(each.candidate.family, each.weight) for each in members] == [("best", 1.0)]


def test_probabilities_are_averaged_as_log_odds() -> None:
    actual = np.array([1.0, 0.0])
    trials = (trial("left", [0.9, 0.5]), trial("right", [0.5, 0.1]))
    members = choose_members(trials, (actual,), LOG_LOSS)
    assert [each.weight for each in members] == [0.5, 0.5]


def test_the_ensemble_is_never_worse_than_its_best_trial() -> None:
    random = np.random.default_rng(2)
    actual = random.normal(size=60)
    trials = tuple(
        trial(str(k), (actual * 0.5 + random.normal(0.0, 0.6, 60)).tolist()) for k in range(6)
    )
    members = choose_members(trials, (actual,), MAE)
    weights = {each.candidate.family: each.weight for each in members}
    mixed = sum(weights.get(each.candidate.family, 0.0) * each.predicted for each in trials)
    assert sum(weights.values()) == pytest.approx(1.0)
    best = min(MAE.loss(actual, each.predicted) for each in trials)
    assert MAE.loss(actual, np.asarray(mixed)) <= best


def test_no_trial_no_model() -> None:
    with pytest.raises(TrainingError, match="no candidate of the pooled model could be fitted"):
        choose_members((), (np.zeros(2),), MAE)


def test_blocks_by_time_see_only_earlier_blocks() -> None:
    rows = labelled()
    blocks = Blocks.of(rows)
    assert blocks.count == 4
    number = blocks.number(rows.position)
    assert not blocks.seen(rows, 0).any()
    for block in range(1, blocks.count):
        seen = blocks.seen(rows, block)
        train = rows.part(Part.TRAIN)
        assert rows.position[seen].max() < rows.position[train & (number == block)].min()
        assert (rows.parts[seen] == Part.TRAIN).all()


def test_no_outcome_that_reaches_into_a_window_is_learned_from() -> None:
    """Outcomes are known three positions later: rows nearer to a window are left out before it."""
    rows = replace(labelled(9_000), gap=3.0)
    blocks = Blocks.of(rows)
    for block in range(1, blocks.count):
        assert rows.position[blocks.seen(rows, block)].max() < blocks.edges[block - 1] - 3.0
    ((seen, later),) = earlier_windows(rows)
    assert rows.position[seen].max() < rows.position[later].min() - 3.0


def test_blocks_without_time_see_all_other_blocks() -> None:
    rows = labelled(is_by_time=False)
    blocks = Blocks.of(rows)
    number = blocks.number(rows.position)
    for block in range(blocks.count):
        expected = rows.part(Part.TRAIN) & (number != block)
        np.testing.assert_array_equal(blocks.seen(rows, block), expected)


def test_only_the_first_block_of_rows_in_time_has_no_unseen_prediction() -> None:
    rows = labelled()
    model = fit_pooled(rows, MAE, (LINEAR,), RESOURCES)
    is_first = rows.part(Part.TRAIN) & (model.blocks.number(rows.position) == 0)
    np.testing.assert_array_equal(np.isnan(said_of(model, rows)), is_first)
    assert is_first.sum() == pytest.approx(0.4 * rows.part(Part.TRAIN).sum(), abs=5)
    untimed = labelled(is_by_time=False)
    model = fit_pooled(untimed, MAE, (LINEAR,), RESOURCES)
    assert np.isfinite(said_of(model, untimed)).all()


@pytest.mark.parametrize("member", [LINEAR, BOOSTED], ids=lambda each: each.candidate.family)
def test_no_prediction_moves_with_outcomes_of_its_own_block_or_later(member: Member) -> None:
    rows = labelled()
    model = fit_pooled(rows, MAE, (member,), RESOURCES)
    expected = said_of(model, rows)
    train, number = rows.part(Part.TRAIN), model.blocks.number(rows.position)
    steps = [train & (number == block) for block in range(1, model.blocks.count)]
    steps += [rows.part(Part.VALIDATION), rows.part(Part.CALIBRATION, Part.TEST)]
    for step in steps:
        first = rows.position[step].min()
        changed = with_other_outcomes(rows, rows.position >= first)
        found = said_of(fit_pooled(changed, MAE, (member,), RESOURCES), rows)
        is_open = rows.position <= rows.position[step].max()
        np.testing.assert_array_equal(found[is_open], expected[is_open])


def test_no_prediction_of_rows_without_time_moves_with_their_own_blocks_outcomes() -> None:
    rows = labelled(is_by_time=False)
    model = fit_pooled(rows, MAE, (BOOSTED,), RESOURCES)
    expected = said_of(model, rows)
    number = model.blocks.number(rows.position)
    groups = [rows.part(Part.TRAIN) & (number == block) for block in range(model.blocks.count)]
    groups += [rows.part(Part.VALIDATION), rows.part(Part.CALIBRATION, Part.TEST)]
    for group in groups:
        changed = with_other_outcomes(rows, group)
        found = said_of(fit_pooled(changed, MAE, (BOOSTED,), RESOURCES), rows)
        np.testing.assert_array_equal(found[group], expected[group])


def test_rows_of_a_gap_teach_nothing_that_is_judged() -> None:
    rows = labelled()
    parts = rows.parts.copy()
    is_gap = (rows.position > 55) & (rows.position < 64)
    parts[is_gap] = Part.GAP
    gapped = replace(rows, parts=parts)
    expected = said_of(fit_pooled(gapped, MAE, (LINEAR,), RESOURCES), gapped)
    changed = with_other_outcomes(gapped, is_gap)
    found = said_of(fit_pooled(changed, MAE, (LINEAR,), RESOURCES), gapped)
    np.testing.assert_array_equal(found, expected)


def test_the_final_ensemble_has_seen_everything() -> None:
    rows = labelled()
    expected = fit_ensemble(rows, np.ones(len(rows.y), np.bool_), MAE, (BOOSTED,), RESOURCES)
    model = fit_pooled(rows, MAE, (BOOSTED,), RESOURCES)
    np.testing.assert_array_equal(model.final.predict(rows.x), expected.predict(rows.x))
    assert model.constant == np.median(rows.y[rows.part(Part.TRAIN)])


def test_an_ensemble_averages_by_weight_and_survives_its_files() -> None:
    rows = labelled()
    everything = np.ones(len(rows.y), np.bool_)
    ensemble = fit_ensemble(rows, everything, MAE, (LINEAR, BOOSTED), RESOURCES)
    linear, boosted = (model.predict(rows.x) for model in ensemble.models)
    np.testing.assert_allclose(ensemble.predict(rows.x), (linear + 2.0 * boosted) / 3.0)
    stored = store("points", ensemble)
    assert [(each.owner, each.part) for each in stored] == [("", "pooled:0"), ("", "pooled:1")]
    again: Ensemble = load(stored, Answer.NUMBER)
    assert again.members == ensemble.members
    np.testing.assert_array_equal(again.predict(rows.x), ensemble.predict(rows.x))
