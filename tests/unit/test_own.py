"""An entity's own model starts from the pooled one, and is measured where it was not chosen."""

from dataclasses import replace

import numpy as np
import pytest

from tests.own_rows import (
    EAGER,
    MAE,
    NAMES,
    RESOURCES,
    TIMID,
    own_rows,
    plan,
    record_of,
    with_outcomes,
)
from tracer_ray.blueprint import Answer, Candidate, candidate
from tracer_ray.families import Task
from tracer_ray.link import log_odds, sigmoid
from tracer_ray.releases.tables import Level
from tracer_ray.rows import FloatArray
from tracer_ray.splits import Part
from tracer_ray.training.fleet_record import FleetRecord
from tracer_ray.training.objective import Objective
from tracer_ray.training.own import (
    OwnRows,
    answer_with,
    fit_own,
    measure_gains,
    predict_own,
    try_own,
)
from tracer_ray.training.pooled import LabelledRows
from tracer_ray.training.selection import ALTERNATIVES

LOG_LOSS = Objective(Task(Answer.PROBABILITY, "log_loss", NAMES), "log_loss")


def at_positions(rows: OwnRows, position: FloatArray) -> OwnRows:
    return replace(rows, rows=replace(rows.rows, position=position))


def losses_of(rows: OwnRows, *candidates: Candidate) -> list[float]:
    return [try_own(rows, MAE, each, RESOURCES).loss for each in candidates]


def test_the_validation_rows_are_halved_in_time() -> None:
    rows = own_rows()
    older, newer = rows.halves
    np.testing.assert_array_equal(older | newer, rows.rows.part(Part.VALIDATION))
    assert not (older & newer).any()
    assert abs(int(older.sum()) - int(newer.sum())) <= 1
    assert rows.rows.position[older].max() < rows.rows.position[newer].min()


@pytest.mark.parametrize("days", [1.0, 2.0, 7.0])
def test_halves_are_halves_even_where_many_rows_share_a_day(days: float) -> None:
    rows = own_rows()
    coarse = at_positions(rows, np.floor(rows.rows.position / len(rows.pooled) * days))
    older, newer = coarse.halves
    assert older.sum() == newer.sum() == rows.rows.part(Part.VALIDATION).sum() // 2
    assert coarse.rows.position[older].max() <= coarse.rows.position[newer].min()


def test_rows_without_time_are_halved_by_their_share_and_not_by_their_order() -> None:
    rows = own_rows()
    share = np.random.default_rng(0).random(len(rows.pooled))
    older, newer = at_positions(rows, share).halves
    assert share[older].max() < share[newer].min()


def test_rows_without_an_unseen_prediction_are_of_no_use() -> None:
    rows = own_rows(50)
    pooled = np.where(np.arange(50) < 20, np.nan, rows.pooled)
    usable = replace(rows, pooled=pooled).usable()
    assert len(usable.rows.y) == len(usable.pooled) == len(usable.baseline) == 30
    np.testing.assert_array_equal(usable.rows.x, rows.rows.x[20:])
    np.testing.assert_array_equal(usable.rows.position, rows.rows.position[20:])


def test_an_own_model_learns_what_the_pooled_one_leaves() -> None:
    rows = own_rows(effect=3.0)
    everything = np.ones(len(rows.pooled), np.bool_)
    model = fit_own(rows, everything, MAE, EAGER, RESOURCES)
    said = predict_own(model, rows, everything, MAE)
    assert np.abs(rows.rows.y - said).mean() < 0.3 * np.abs(rows.rows.y - rows.pooled).mean()
    moved = replace(rows, pooled=rows.pooled + 100.0)
    np.testing.assert_allclose(predict_own(model, moved, everything, MAE), said + 100.0)


def test_probabilities_start_from_their_log_odds() -> None:
    rows = own_rows()
    chance = sigmoid(rows.rows.x[:, 1].astype(np.float64))
    flags = with_outcomes(
        replace(rows, pooled=chance), (rows.rows.y > rows.pooled).astype(np.float64)
    )
    everything = np.ones(len(chance), np.bool_)
    model = fit_own(flags, everything, LOG_LOSS, TIMID, RESOURCES)
    said = predict_own(model, flags, everything, LOG_LOSS)
    shifted = replace(flags, pooled=sigmoid(log_odds(chance) + 0.7))
    again = predict_own(model, shifted, everything, LOG_LOSS)
    np.testing.assert_allclose(log_odds(again), log_odds(said) + 0.7)


def test_nothing_asked_nothing_said() -> None:
    rows = own_rows()
    train = rows.rows.part(Part.TRAIN)
    model = fit_own(rows, train, MAE, EAGER, RESOURCES)
    assert predict_own(model, rows, np.zeros_like(train), MAE).tolist() == []


def test_candidates_are_chosen_without_a_look_at_the_rows_that_measure_them() -> None:
    rows = own_rows()
    older, _ = rows.halves
    later = rows.rows.position > rows.rows.position[older].max()
    changed = with_outcomes(rows, np.where(later, -rows.rows.y, rows.rows.y))
    assert losses_of(changed, EAGER, TIMID) == losses_of(rows, EAGER, TIMID)


def test_the_loss_of_a_candidate_is_that_of_the_older_half() -> None:
    rows = own_rows()
    older, _ = rows.halves
    model = fit_own(rows, rows.rows.part(Part.TRAIN), MAE, EAGER, RESOURCES)
    said = model.predict(rows.rows.x[older], rows.pooled[older])
    (found,) = losses_of(rows, EAGER)
    assert found == pytest.approx(np.abs(rows.rows.y[older] - said).mean())


def test_gains_are_those_over_the_pooled_model_on_the_newer_half() -> None:
    rows = own_rows()
    model = fit_own(rows, rows.rows.part(Part.TRAIN), MAE, EAGER, RESOURCES)
    _, newer = rows.halves
    own = model.predict(rows.rows.x[newer], rows.pooled[newer])
    pooled, actual = rows.pooled[newer], rows.rows.y[newer]
    said = {
        "blend 0.25": 0.75 * pooled + 0.25 * own,
        "blend 0.50": 0.5 * pooled + 0.5 * own,
        "entity": own,
        "baseline": np.full(len(own), 9.0),
    }
    found = measure_gains(rows, MAE, model)
    for number, each in enumerate(ALTERNATIVES):
        better = np.abs(actual - pooled) - np.abs(actual - said[each.label])
        assert found.gains[number] == pytest.approx(better.mean())
        assert found.errors[number] == pytest.approx(better.std(ddof=1) / np.sqrt(len(better)))


def test_without_an_own_model_only_the_baseline_is_measured() -> None:
    found = measure_gains(own_rows(), MAE, None)
    assert np.isfinite(found.gains).tolist() == [False, False, False, True]
    assert np.isfinite(found.errors).tolist() == [False, False, False, True]


def test_the_baseline_answers_as_it_is() -> None:
    rows = own_rows(30)
    everything = np.ones(30, np.bool_)
    baseline = next(each for each in ALTERNATIVES if each.level is Level.BASELINE)
    assert set(answer_with(baseline, rows, everything, MAE, None).tolist()) == {9.0}


def same_but_for_time(first: FleetRecord, second: FleetRecord) -> bool:
    one, other = (replace(each, seconds=0.0).to_arrow() for each in (first, second))
    return bool(one.equals(other))


def test_a_trial_keeps_the_candidate_of_the_lowest_loss() -> None:
    rows = own_rows(effect=3.0)
    record = record_of(rows, plan())
    assert record.family == "elastic_net"
    assert record.parameters == EAGER.settings
    assert (record.owner, record.rows, record.tried, record.error) == ("ann", 200, 2, "")
    assert len(record.own) == rows.rows.part(Part.CALIBRATION, Part.TEST).sum()
    assert record.gains[2] > 1.0


def test_nothing_is_decided_or_learned_on_calibration_and_test_rows() -> None:
    rows = own_rows()
    judged = rows.rows.part(Part.CALIBRATION, Part.TEST)
    changed = with_outcomes(rows, np.where(judged, 77.0, rows.rows.y))
    first, second = record_of(rows, plan()), record_of(changed, plan())
    np.testing.assert_array_equal(first.gains, second.gains)
    np.testing.assert_array_equal(first.own, second.own)
    assert first.candidate == second.candidate
    assert first.model != second.model  # only the model for rows to come has seen them


def test_a_trial_is_the_same_every_time_and_for_every_order_of_owners() -> None:
    rows, other = own_rows(seed=1), own_rows(seed=2)
    boosted = candidate("lightgbm", rounds=5, depth=2, subsample=0.5, min_data_in_leaf=5)
    asked = plan(boosted, EAGER, count=5)
    first = record_of(rows, asked)
    record_of(other, asked)
    assert same_but_for_time(record_of(rows, asked), first)


def test_an_owner_without_judged_rows_has_a_model_all_the_same() -> None:
    rows = own_rows()
    until = rows.rows.parts <= Part.VALIDATION
    only = OwnRows(
        LabelledRows(
            rows.rows.x[until],
            rows.rows.y[until],
            rows.rows.position[until],
            rows.rows.parts[until],
            is_by_time=True,
        ),
        rows.pooled[until],
        rows.baseline[until],
    )
    record = record_of(only, plan())
    assert record.own.tolist() == []
    assert record.model


def test_a_hopeless_search_ends_with_the_portfolio() -> None:
    noise = own_rows(effect=0.0)
    wild = np.random.default_rng(9).normal(0.0, 40.0, len(noise.pooled))
    train = noise.rows.part(Part.TRAIN)
    misled = with_outcomes(noise, np.where(train, noise.rows.y + 20.0 + wild, noise.rows.y))
    assert record_of(misled, plan(EAGER, count=6)).tried == 1
    assert record_of(own_rows(effect=3.0), plan(EAGER, count=3)).tried == 3


def test_a_candidate_that_cannot_be_fitted_is_passed_over_and_named() -> None:
    unknown = candidate("elastic_net", depth=3)
    record = record_of(own_rows(), plan(unknown, EAGER, count=2))
    assert record.parameters == EAGER.settings
    assert (record.tried, record.error) == (2, "")
    (failure,) = record.failures
    assert failure.startswith("elastic_net(depth=3): TrainingError: elastic_net has no setting")


def test_a_search_goes_on_after_a_candidate_that_cannot_be_fitted() -> None:
    unknown = candidate("elastic_net", depth=3)
    record = record_of(own_rows(effect=3.0), plan(unknown, EAGER, count=6))
    assert record.tried == 6
    assert len(record.failures) == 1


def test_a_trial_without_any_candidate_has_an_error_and_no_model() -> None:
    record = record_of(own_rows(), plan(candidate("elastic_net", depth=3), count=1))
    assert "has no setting 'depth'" in record.error
    assert (record.model, record.family) == (b"", "")
    assert np.isnan(record.gains[:3]).all()
