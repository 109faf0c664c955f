"""Churn as a column says it: windows by tenure, protocols by kind, nothing that was not seen."""

from pathlib import Path

import pytest

from tests.in_process import released
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import RequestError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.synthetic import customers

RISKY = {
    "customer_id": "new",
    "tenure": 2,
    "monthly_charges": 110.0,
    "contract": "month-to-month",
    "payment_method": "electronic check",
    "support_tickets": 6,
}
SAFE = RISKY | {"tenure": 60, "monthly_charges": 20.0, "contract": "two year", "support_tickets": 0}


def trained(blueprint: Blueprint, folder: Path, *without: str) -> Predictor:
    rows = customers(n=3000, seed=1).rows.drop_columns(list(without))
    return Predictor.open(released(blueprint, rows, folder).uri)


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    advised = blueprint("customer_churn", {"support_protocol": "send Ann"})
    return trained(advised, tmp_path_factory.mktemp("churn"))


def answer(predictor: Predictor, request: dict[str, object]) -> dict[str, object]:
    (said,) = predictor.answer([request])
    assert not isinstance(said, RequestError), said
    return said


def window(predictor: Predictor, request: dict[str, object]) -> dict[str, object]:
    found = answer(predictor, request)["estimated_churn_window"]
    assert isinstance(found, dict)
    return found


def test_who_is_at_high_risk_is_expected_to_leave_within_the_tenures_that_were_seen(
    predictor: Predictor,
) -> None:
    found = window(predictor, RISKY)
    assert 0.0 < float(str(found["days"])) < 72 * 30.44
    assert "were gone by then" in str(found["reason"])


def test_no_window_is_said_where_few_leave_or_the_tenure_is_not_known(
    predictor: Predictor,
) -> None:
    low = window(predictor, SAFE)
    assert low["days"] is None
    assert "held-out rows with a probability of 0.00 to 0." in str(low["reason"])
    unknown = window(predictor, {name: each for name, each in RISKY.items() if name != "tenure"})
    assert (unknown["days"], unknown["reason"]) == (None, "tenure_months is not given")


def test_the_user_s_own_protocol_stands_beside_the_reason_that_calls_for_it(
    predictor: Predictor,
) -> None:
    advised = answer(predictor, RISKY)["intervention_protocols"]
    assert isinstance(advised, list)
    (support,) = (each for each in advised if each["kind"] == "support")
    assert support["protocol"] == "send Ann"
    assert support["because"].startswith("Support_tickets, as in the data is 6")


def test_nothing_is_to_be_done_about_somebody_who_stays(predictor: Predictor) -> None:
    said = answer(predictor, SAFE)
    assert said["risk_classification"] == "low"
    assert said["intervention_protocols"] == []


def test_without_a_tenure_there_is_no_window_at_all(tmp_path: Path) -> None:
    without = trained(blueprint("customer_churn"), tmp_path, "tenure", "total_charges")
    said = window(without, {name: each for name, each in RISKY.items() if name != "tenure"})
    assert said == {
        "days": None,
        "from_days": None,
        "to_days": None,
        "reason": "the data do not say how long anybody stayed",
    }


def test_the_curves_are_scored_on_test_rows(predictor: Predictor) -> None:
    assert predictor.release.manifest.figures["churned"].ours["survival_error"] < 0.15
