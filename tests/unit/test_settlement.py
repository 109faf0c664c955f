"""Settlement: outcomes find their predictions, once, and only those made before they were known."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from tracer_ray.experiments.outcomes import OUTCOMES
from tracer_ray.experiments.predictions import SCHEMA
from tracer_ray.experiments.settlement import settle
from tracer_ray.periods import Period

NOON = datetime(2031, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = NOON + 12 * HOUR
KEY = "1001 @ 2031-01-05T19:00:00+00:00"
Row = dict[str, object]


def predicted(**other: object) -> Row:
    """A prediction at noon of a game at seven in the evening."""
    return {
        "request_id": "r1",
        "row": 0,
        "time": NOON,
        "release": "a",
        "variant": "champion",
        "is_shadow": False,
        "entity": "1001",
        "happens_at": NOON + 7 * HOUR,
        "as_of": NOON - 24 * HOUR,
        "target": "points",
        "prediction": 10.0,
        "lower": 5.0,
        "upper": 15.0,
        "features": "f",
        "key": KEY,
        **other,
    }


def happened(**other: object) -> Row:
    """What the game came to, known since seven and told at midnight."""
    return {
        "request_id": "",
        "row": 0,
        "key": KEY,
        "target": "points",
        "actual": 12.0,
        "happened_at": NOON + 7 * HOUR,
        "received_at": NIGHT,
        **other,
    }


def settled(predictions: list[Row], outcomes: list[Row], period: Period = Period.DAY) -> list[Row]:
    table = settle(
        pa.Table.from_pylist(predictions, schema=SCHEMA),
        pa.Table.from_pylist(outcomes, schema=OUTCOMES),
        period,
    )
    rows: list[Row] = table.to_pylist()
    return rows


def test_an_outcome_is_found_by_its_row_and_by_its_request() -> None:
    by_request = happened(request_id="r2", row=3, key="", happened_at=None, actual=7.0)
    rows = settled(
        [predicted(), predicted(request_id="r2", row=3, key="", happens_at=NOON, entity=None)],
        [happened(), by_request],
    )
    assert [(row["request_id"], row["actual"]) for row in rows] == [("r1", 12.0), ("r2", 7.0)]
    assert [row["known_at"] for row in rows] == [NOON + 7 * HOUR, NIGHT]


@pytest.mark.parametrize(
    "other",
    [
        {"key": "1002 @ 2031-01-05T19:00:00+00:00"},
        {"target": "rebounds"},
        {"request_id": "r2", "key": ""},
        {"request_id": "r1", "row": 1, "key": ""},
    ],
)
def test_outcomes_of_other_rows_settle_nothing(other: Row) -> None:
    assert settled([predicted()], [happened(**other)]) == []


@pytest.mark.parametrize(
    ("prediction", "outcome", "counts"),
    [
        ({"time": NOON + 6 * HOUR}, {}, True),
        ({"time": NOON + 8 * HOUR}, {}, False),  # after tip-off
        ({"time": NOON + 8 * HOUR}, {"happened_at": NOON + 9 * HOUR}, True),
        ({"time": NIGHT + HOUR}, {"happened_at": None}, False),  # after it was told
        ({"time": NIGHT - HOUR}, {"happened_at": None}, True),
        ({}, {"request_id": "r1", "key": "", "happened_at": None}, True),
        # the row's own time counts where the outcome names its request only
        ({"time": NOON + 8 * HOUR}, {"request_id": "r1", "key": "", "happened_at": None}, False),
    ],
)
def test_a_prediction_after_its_outcome_could_be_known_does_not_count(
    prediction: Row, outcome: Row, counts: bool
) -> None:
    assert bool(settled([predicted(**prediction)], [happened(**outcome)])) is counts


@pytest.mark.parametrize(("period", "counts"), [(Period.DAY, False), (Period.MONTH, True)])
def test_a_date_can_be_known_when_its_period_is_over(period: Period, counts: bool) -> None:
    """A prediction on the 5th of its month, which is told by its request after the month."""
    january = predicted(happens_at=datetime(2031, 1, 1, tzinfo=UTC))
    told = happened(request_id="r1", key="", happened_at=None, received_at=NOON + 40 * 24 * HOUR)
    assert bool(settled([january], [told], period)) is counts


def test_a_correction_replaces_and_a_repetition_changes_nothing() -> None:
    again = happened(received_at=NIGHT + HOUR)
    corrected = happened(actual=13.0, received_at=NIGHT + 2 * HOUR)
    assert settled([predicted()], [happened(), again]) == settled(
        [predicted()], [again, happened()]
    )
    (row,) = settled([predicted()], [corrected, happened(), again])
    assert row["actual"] == 13.0


def test_of_several_predictions_of_a_row_the_last_one_in_time_counts_per_release() -> None:
    predictions = [
        predicted(request_id="early", time=NOON - HOUR, prediction=1.0),
        predicted(request_id="last", time=NOON, prediction=2.0),
        predicted(request_id="late", time=NOON + 8 * HOUR, prediction=3.0),
        predicted(request_id="early", time=NOON - HOUR, release="b", variant="challenger"),
        predicted(request_id="last", release="c", variant="challenger", is_shadow=True),
    ]
    rows = settled(predictions, [happened()])
    assert {(row["release"], row["request_id"]) for row in rows} == {
        ("a", "last"),
        ("b", "early"),
        ("c", "last"),
    }


def test_days_of_a_forecast_are_settled_by_their_keys_only() -> None:
    days = [predicted(key=f"Store @ {day}", target="points") for day in range(3)]
    assert settled(days, [happened(request_id="r1", key="")]) == []
    rows = settled(days, [happened(key="Store @ 1")])
    assert [row["key"] for row in rows] == ["Store @ 1"]
