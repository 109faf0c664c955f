"""Churn by silence, from a file of purchases to answers: learned from, and asked about, by id."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.in_process import ingested, released
from tracer_ray.archive import blueprint
from tracer_ray.data.newest_rows import newest_rows
from tracer_ray.errors import DataError, RequestError, UnknownEntityError
from tracer_ray.metrics import metric
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.refreshing import refresh_state
from tracer_ray.releases.refreshed_state import write_refreshed_state
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


def _later(customer: str, days: int) -> pa.Table:
    """All purchases, and one more of a customer so many days after the last of them."""
    date = pc.add(pc.max(MADE.rows["date"]), pa.scalar(timedelta(days=days)))
    more = {"customer_id": customer, "date": date.as_py(), "amount": 10.0}
    return pa.concat_tables([MADE.rows, pa.Table.from_pylist([more], MADE.rows.schema)])


def test_newer_activity_moves_what_is_known_without_training(
    predictor: Predictor, tmp_path: Path
) -> None:
    assert predictor.newest_rows is not None
    table = predictor.newest_rows.table
    silent = table["key"][int(np.argmin(np.asarray(table["time"])))].as_py()
    dataset = ingested(predictor.blueprint, _later(silent, days=3), tmp_path)
    uri = write_refreshed_state(str(tmp_path), "customer_churn", refresh_state(predictor, dataset))
    refreshed = Predictor.open(predictor.release.uri, uri)
    assert refreshed.newest_rows is not None
    assert str(refreshed.as_of) > str(predictor.as_of)
    known = {row["key"]: row for row in refreshed.newest_rows.table.to_pylist()}
    newer = newest_rows(dataset).table.to_pylist()
    moved = [row for row in newer if row["time"] > pc.max(table["time"]).as_py()]
    assert [known[row["key"]] for row in moved] == moved
    assert silent in {row["key"] for row in moved}
    before, after = (answer(each, {"customer_id": silent}) for each in (predictor, refreshed))
    assert "it was silent for 30 days" in str(before["reason"])
    assert "it was silent" not in str(after["reason"])
    assert before["churn_probability"] != after["churn_probability"]
    others = {row["key"] for row in table.to_pylist()} - {silent}
    assert others <= known.keys()


def test_activity_without_what_came_before_it_is_refused(
    predictor: Predictor, tmp_path: Path
) -> None:
    rows = _later("c1", days=3)
    since = pc.subtract(pc.max(rows["date"]), pa.scalar(timedelta(days=90)))
    dataset = ingested(predictor.blueprint, rows.filter(pc.greater(rows["date"], since)), tmp_path)
    with pytest.raises(DataError, match="give all activity, the old one too"):
        refresh_state(predictor, dataset)
