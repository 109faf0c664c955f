"""Churn by silence, from a file of purchases to answers: learned from, and asked about, by id."""

from pathlib import Path

import numpy as np
import pytest

from tests.in_process import released
from tracer_ray.archive import blueprint
from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.metrics import metric
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.synthetic import purchases

MADE = purchases(customers=400, days=500, seed=1)


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    inactive = blueprint("customer_churn", {"churn_definition": "no_activity_30_days"})
    folder: Path = tmp_path_factory.mktemp("silence")
    return Predictor.open(released(inactive, MADE.rows, folder).uri)


def answer(predictor: Predictor, request: dict[str, object]) -> dict[str, object]:
    (said,) = predictor.answer([request])
    assert not isinstance(said, RequestError), said
    return said


def test_it_beats_its_baseline_on_later_snapshots(predictor: Predictor) -> None:
    figures = predictor.release.manifest.figures["churned"]
    assert metric("log_loss").is_better(figures.ours["log_loss"], figures.baseline["log_loss"])
    assert figures.ours["auc"] > 0.6


def test_a_customer_is_asked_about_by_id_alone(predictor: Predictor) -> None:
    assert predictor.newest_rows is not None
    now = predictor.as_of
    known = predictor.newest_rows.table.filter(
        np.asarray(predictor.newest_rows.table["time"]) == np.datetime64(str(now)[:26])
    )
    who = known["key"][0].as_py()
    by_id = answer(predictor, {"customer_id": who})
    row = {
        name: known[name][0].as_py() for name in known.column_names if name.startswith("activity")
    }
    in_full = answer(predictor, {"customer_id": "somebody else", **row})
    assert by_id["churn_probability"] == in_full["churn_probability"]
    assert "what is not given is from its newest row, of 2024-05" in str(by_id["reason"])
    assert "newest row" not in str(in_full["reason"])


def test_what_is_given_goes_before_what_is_known(predictor: Predictor) -> None:
    assert predictor.newest_rows is not None
    who = next(iter(predictor.newest_rows.places))
    silent = {"customer_id": who, "activity_days_since_last": 29.0, "activity_overdue": 9.0}
    fresh = silent | {"activity_days_since_last": 0.1, "activity_overdue": 0.01}
    chances = [answer(predictor, each)["churn_probability"] for each in (silent, fresh)]
    assert float(str(chances[0])) > float(str(chances[1]))


def test_of_a_stranger_without_a_past_nothing_is_said(predictor: Predictor) -> None:
    (said,) = predictor.answer([{"customer_id": "nobody"}])
    assert isinstance(said, UnknownEntityError)
    assert "nothing is known of customer_id 'nobody'" in str(said)


def test_a_reason_says_what_activity_says(predictor: Predictor) -> None:
    assert predictor.newest_rows is not None
    said = answer(predictor, {"customer_id": next(iter(predictor.newest_rows.places))})
    reasons = said["risk_vectors"]
    assert isinstance(reasons, list)
    assert any("activity" in str(each["sentence"]) for each in reasons)


def test_the_window_begins_when_a_silence_can_be_over_and_its_ends_are_in_order(
    predictor: Predictor,
) -> None:
    assert predictor.newest_rows is not None
    said = predictor.answer([{"customer_id": who} for who in predictor.newest_rows.places])
    windows = [each["estimated_churn_window"] for each in said if isinstance(each, dict)]
    known = [each for each in windows if isinstance(each, dict) and each["days"] is not None]
    assert known
    for each in known:
        ends = [each[name] for name in ("from_days", "days", "to_days") if each[name] is not None]
        assert ends == sorted(ends)
        assert ends[0] >= 30.0
        assert "held-out rows with a probability of" in each["reason"]


def test_the_curves_hold_on_later_snapshots(predictor: Predictor) -> None:
    assert predictor.release.manifest.figures["churned"].ours["survival_error"] < 0.1


def test_protocols_follow_from_the_reasons_that_raise_the_probability(
    predictor: Predictor,
) -> None:
    overdue = {"activity_days_since_last": 29.0, "activity_overdue": 9.0, "activity_count_30d": 1}
    said = answer(predictor, {"customer_id": "new", **overdue})
    assert said["risk_classification"] != "low"
    reasons, advised = said["risk_vectors"], said["intervention_protocols"]
    assert isinstance(reasons, list)
    assert isinstance(advised, list)
    raising = {each["sentence"] for each in reasons if each["effect"] > 0.0}
    assert advised
    assert {each["because"] for each in advised} <= raising
    assert len({each["kind"] for each in advised}) == len(advised)


def test_of_who_was_silent_already_the_answer_says_so(predictor: Predictor) -> None:
    newest = predictor.newest_rows
    assert newest is not None
    oldest = newest.table["key"][int(np.argmin(np.asarray(newest.table["time"])))].as_py()
    said = answer(predictor, {"customer_id": oldest})
    assert "; it was silent for 30 days by 2024-05" in str(said["reason"])
