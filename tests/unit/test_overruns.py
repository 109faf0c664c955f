"""A flag told by two raw columns: what came, and what had been planned."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv

from blueprints.delivery_delay import DELIVERY_DELAY
from tracer_ray.analysis.leaks import suspects
from tracer_ray.analysis.mapping import find_mapping
from tracer_ray.analysis.profile import profile
from tracer_ray.analysis.samples import sample_table
from tracer_ray.data.date_orders import with_date_orders
from tracer_ray.data.matching import match
from tracer_ray.data.schema import Normalised, normalise
from tracer_ray.data.sources import find_files


def _read(**columns: Sequence[object]) -> Normalised:
    table = pa.table(columns)
    return normalise(table, match(DELIVERY_DELAY, table.column_names))


def _late(**columns: Sequence[object]) -> list[object]:
    late: list[object] = _read(**columns).good["late"].to_pylist()
    return late


def test_what_came_after_its_plan_is_late_and_what_has_not_come_is_unknown() -> None:
    came = ["2024-03-02 09:00", "2024-03-02 10:00", "2024-03-02 10:01", None]
    assert _late(delivered_at=came, eta=["2024-03-02 10:00"] * 4) == [0.0, 0.0, 1.0, None]


def test_a_plan_that_is_a_day_is_over_with_the_day() -> None:
    came = ["2024-03-02 23:59", "2024-03-03 00:00", "2024-03-03 07:00"]
    assert _late(delivered_at=came, promised_date=["2024-03-02"] * 3) == [0.0, 1.0, 1.0]


def test_days_that_it_took_are_compared_with_those_that_it_should_have() -> None:
    columns: dict[str, Sequence[object]] = {
        "Days for shipping (real)": [3, 4, 5],
        "Days for shipment (scheduled)": [4, 4, 4],
    }
    assert _late(**columns) == [0.0, 0.0, 1.0]
    assert _read(**columns).good["scheduled_days"].to_pylist() == [4.0, 4.0, 4.0]


def test_a_column_that_says_it_plainly_goes_first_and_half_a_pair_says_nothing() -> None:
    both = {"actual_days": [9.0], "scheduled_days": [1.0]}
    assert _late(late=["no"], **both) == [0.0]
    assert match(DELIVERY_DELAY, ["actual_arrival"]).missing[0].name == "late"


def test_what_came_may_be_told_by_the_user_and_needs_a_plan() -> None:
    rows = pa.table({"delivered_at": ["2024-03-03"] * 3, "eta": ["2024-03-02"] * 3})
    told = {"late": "delivered_at"}
    read = normalise(rows, match(DELIVERY_DELAY, rows.column_names, told))
    assert read.good["late"].to_pylist() == [1.0] * 3
    alone = rows.select(["delivered_at"])
    assert normalise(alone, match(DELIVERY_DELAY, alone.column_names, told)).bad.num_rows == 3
    late = find_mapping(DELIVERY_DELAY, profile(sample_table(alone)), told).of("late")
    assert late
    assert "only beside a column of what was planned" in late.problem


def test_an_unreadable_plan_is_bad_with_its_value() -> None:
    bad = _read(delivered_at=["2024-03-02"], eta=["soon"]).bad
    assert "eta (late) is not a date" in bad["reason"][0].as_py()
    assert "'soon'" in bad["reason"][0].as_py()


def test_each_of_the_two_has_its_own_order_of_day_and_month(tmp_path: Path) -> None:
    rows = pa.table({"delivered_at": ["25/03/2024", "02/04/2024"], "eta": ["3/26/2024"] * 2})
    either = pa.table({"delivered_at": ["01/03/2024"], "eta": ["3/2/2024"]})
    pc_csv.write_csv(either, tmp_path / "a.csv")
    pc_csv.write_csv(rows, tmp_path / "b.csv")
    files = find_files([str(tmp_path)])
    known = with_date_orders(DELIVERY_DELAY, files, {})
    read = normalise(rows, match(known, rows.column_names))
    assert read.good["late"].to_pylist() == [0.0, 1.0]


def test_a_column_that_gives_it_away_is_found() -> None:
    n = range(200)
    table = pa.table(
        {
            "order_date": [f"{1 + each % 28}/03/2024" for each in n],
            "delivered_at": [f"{13 + each % 2}/04/2024" for each in n],
            "eta": ["13/04/2024"] * 200,
            "refund": [5.0 * (each % 2) for each in n],
        }
    )
    mapping = find_mapping(DELIVERY_DELAY, profile(sample_table(table)), {})
    late = mapping.of("late")
    assert late
    assert (late.source, late.told_by, late.is_used) == ("delivered_at", "eta", True)
    found = [each.name for each in suspects(DELIVERY_DELAY, mapping, table)]
    assert found == ["refund"]
