"""One row per thing: told apart by content, split in the order they stand in, cleared of leaks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.employee_retention import EMPLOYEE_RETENTION
from tests.in_process import ingested
from tests.small_run import planned
from tracer_ray.blueprint import Blueprint, Column, Kind, Leak, Role, Statuses, Wording
from tracer_ray.data.extras import examine, extra_columns
from tracer_ray.data.matching import match, words_of_flag
from tracer_ray.data.resolution import with_aliases
from tracer_ray.data.schema import normalise
from tracer_ray.errors import BlueprintError, DataError, RequestError
from tracer_ray.prediction.request_fields import RequestFields
from tracer_ray.splits import Basis, Part, plan_cuts
from tracer_ray.synthetic import customers

TABLE = customers(n=400, seed=3).rows.drop_columns(["customer_id"])
STAYED = Wording(("stayed", "retained"))
UNPAID = Wording(("days_late",), above=30.0)
GONE = Wording(("closed_at",), filled=True)
BACK = Wording(("renewed_at",), filled=False)
STATUSES = Statuses(yes="closed", no="in_force", open="trial")


def with_wordings(*, row_order_is_time: bool = False) -> Blueprint:
    """Customer churn that needs no id and knows other wordings of its outcome."""
    columns = tuple(
        replace(each, required=False)
        if each.role is Role.ROW
        else replace(each, wordings=(STAYED, UNPAID, GONE, BACK), statuses=STATUSES)
        if each.name == "churned"
        else each
        for each in CUSTOMER_CHURN.columns
    )
    return replace(CUSTOMER_CHURN, columns=columns, row_order_is_time=row_order_is_time)


def read(blueprint: Blueprint, **columns: list[object]) -> list[object]:
    """The outcomes that raw columns say."""
    table = pa.table({"customer_id": ["a", "b", "c"], **columns})
    outcomes: list[object] = (
        normalise(table, match(blueprint, table.column_names)).good["churned"].to_pylist()
    )
    return outcomes


def test_a_flag_is_read_from_a_column_that_says_the_opposite() -> None:
    assert read(with_wordings(), stayed=["yes", "no", None]) == [0.0, 1.0, None]


def test_a_flag_is_read_from_a_number_above_a_limit() -> None:
    assert read(with_wordings(), days_late=["30", "30.5", ""]) == [0.0, 1.0, None]


def test_a_flag_is_read_from_whether_a_date_is_filled_in() -> None:
    assert read(with_wordings(), closed_at=["2024-01-31", "", "n/a"]) == [1.0, 0.0, 0.0]
    assert read(with_wordings(), renewed_at=["2024-01-31", None, "-"]) == [0.0, 1.0, 1.0]
    zero_dates: list[object] = ["0000-00-00", "0000-00-00 00:00:00", "0000-00-00 00:00:00.000000"]
    assert read(with_wordings(), closed_at=zero_dates) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("no_date", ["Present", "9999-12-31", True])
def test_what_is_no_date_does_not_say_that_something_happened(no_date: object) -> None:
    table = pa.table({"customer_id": ["a"], "closed_at": [no_date]})
    found = normalise(table, match(with_wordings(), table.column_names))
    assert len(found.bad) == 1


def test_a_status_says_a_flag_or_that_it_is_still_open() -> None:
    assert read(with_wordings(), churn=["Closed", "In force", "trial"]) == [1.0, 0.0, None]
    assert read(with_wordings(), stayed=["closed", "in-force", "TRIAL"]) == [1.0, 0.0, None]


def test_a_status_may_say_otherwise_than_a_name_of_the_flag() -> None:
    """Who is on leave has not left, though a flag of leaving may be called so."""
    left = EMPLOYEE_RETENTION.column("left")
    words = words_of_flag(left, None)
    assert (words["leave"], words["onleave"], words["leaver"]) == (0.0, 0.0, 1.0)


def test_a_word_that_is_no_status_is_bad() -> None:
    table = pa.table({"customer_id": ["a"], "churn": ["moved away"]})
    found = normalise(table, match(with_wordings(), table.column_names))
    assert "moved away" in found.bad["reason"].to_pylist()[0]


def test_the_plain_name_comes_before_another_wording() -> None:
    found = read(with_wordings(), stayed=[1, 1, 1], churn=[1, 0, 1])
    assert found == [1.0, 0.0, 1.0]


def test_a_mapped_wording_stays_a_wording_for_later_data() -> None:
    mapped = with_aliases(with_wordings(), {"churned": "stayed"})
    assert read(mapped, stayed=[1, 0, 1]) == [0.0, 1.0, 0.0]


def test_a_value_that_is_no_number_is_bad_where_a_number_is_asked_for() -> None:
    table = pa.table({"customer_id": ["a"], "days_late": ["soon"]})
    found = normalise(table, match(with_wordings(), table.column_names))
    assert found.bad["reason"].to_pylist() == ["days_late (churned) is not a finite number: 'soon'"]


def test_only_a_flag_has_other_wordings() -> None:
    column = Column("age", Kind.NUMBER, Role.KNOWN, "age", wordings=(STAYED,))
    with pytest.raises(BlueprintError, match="'age' has other wordings and is no flag"):
        replace(CUSTOMER_CHURN, columns=(*CUSTOMER_CHURN.columns, column))


def test_a_request_may_carry_any_wording_of_the_outcome_and_it_is_not_read() -> None:
    assert RequestFields(with_wordings(), ("churned",)).accepts("Days Late")


def test_rows_without_a_name_are_all_kept_equal_ones_too(tmp_path: Path) -> None:
    twice = pa.concat_tables([TABLE, TABLE.slice(0, 30)])
    dataset = ingested(with_wordings(), twice, tmp_path)
    assert dataset.manifest["rows"] == 430
    assert dataset.manifest["duplicates"] == 0
    keys = np.concatenate([dataset.read_bucket(bucket).keys for bucket in range(2)])
    assert len(set(keys)) == len(set(map(str, TABLE.to_pylist())))


def test_the_order_of_rows_without_a_name_changes_nothing(tmp_path: Path) -> None:
    first = ingested(with_wordings(), TABLE, tmp_path / "a")
    shuffled = TABLE.take(np.random.default_rng(0).permutation(len(TABLE)))
    second = ingested(with_wordings(), shuffled, tmp_path / "b")
    assert first.manifest["fingerprint"] == second.manifest["fingerprint"]


def test_rows_in_the_order_of_time_are_split_forward_in_it(tmp_path: Path) -> None:
    numbered = TABLE.append_column("place", pa.array(2.0 * np.arange(len(TABLE))))
    plan = planned(with_wordings(row_order_is_time=True), numbered, tmp_path, ("churned",))
    assert plan.cuts.basis is Basis.ORDER
    found: dict[int, list[float]] = {}
    for bucket in range(2):
        rows = plan.dataset.read_bucket(bucket)
        for part, place in zip(
            plan.cuts.assign(rows.times, rows.keys), rows.numbers["place"], strict=True
        ):
            found.setdefault(int(part), []).append(float(place))
    assert sorted(found) == [Part.TRAIN, Part.VALIDATION, Part.CALIBRATION, Part.TEST]
    for earlier, later in zip(range(3), range(1, 4), strict=True):
        assert max(found[earlier]) < min(found[later])
    assert len(found[Part.TEST]) == 60


def test_a_time_column_comes_before_the_order_of_rows(tmp_path: Path) -> None:
    days = np.datetime64("2024-01-01") + np.arange(len(TABLE))[::-1]
    dated = TABLE.append_column("snapshot_date", pa.array(days))
    plan = planned(with_wordings(row_order_is_time=True), dated, tmp_path, ("churned",))
    assert plan.cuts.basis is Basis.DAY


def test_too_few_rows_in_order_are_refused_in_their_own_words() -> None:
    with pytest.raises(DataError, match="the rows lie on 2 blocks of ten rows, too few"):
        plan_cuts({0.0: 10, 1.0: 5}, CUSTOMER_CHURN.split, Basis.ORDER)


def test_a_known_leak_is_left_out_with_its_reason() -> None:
    leak = Leak(("exit_survey",), "it is filled in when the customer leaves")
    blueprint = replace(CUSTOMER_CHURN, leaks=(leak,))
    evidence = examine(pa.table({"Exit Survey": ["good", "bad"], "region": ["a", "b"]}))
    extra = extra_columns(blueprint, evidence, rows=100)
    assert [each.name for each in extra.columns] == ["region"]
    assert extra.notes == (
        "extra column 'Exit Survey' is not used: it is filled in when the customer leaves",
    )


def test_a_request_with_a_known_leak_is_told_why_it_is_refused() -> None:
    leak = Leak(("exit_survey",), "it is filled in when the customer leaves")
    fields = RequestFields(replace(CUSTOMER_CHURN, leaks=(leak,)), ("churned",))
    with pytest.raises(RequestError, match="'Exit Survey' is never used: it is filled in when"):
        fields.plan(["customer_id", "Exit Survey"])


def test_a_leak_cannot_be_a_known_column_too() -> None:
    with pytest.raises(BlueprintError, match="'tenure' is both a leak and a name"):
        replace(CUSTOMER_CHURN, leaks=(Leak(("tenure",), "no reason"),))


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (range(100), "it numbers the rows"),
        (range(1001, 1101), "it numbers the rows"),
        (range(99, -1, -1), "it numbers the rows"),
        ([str(number) for number in range(100)], "it numbers the rows"),
        ([*range(99), 100], ""),
        ([*range(99), None], ""),
        ([0, 0, *range(2, 100)], ""),
        ([number + 0.5 * (number % 2) for number in range(100)], ""),
    ],
)
def test_what_numbers_the_rows_is_no_feature(numbers: Sequence[object], reason: str) -> None:
    """A file that is sorted by its outcome would tell it by the number of the row."""
    evidence = examine(pa.table({"row": pa.chunked_array([list(numbers)])}))
    extra = extra_columns(with_wordings(), evidence, rows=100)
    assert [each.name for each in extra.columns] == ([] if reason else ["row"])
    assert extra.notes == ((f"extra column 'row' is not used: {reason}",) if reason else ())
