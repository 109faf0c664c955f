"""Changes and spans: what an outcome over several rows is, and when it is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.price_movement import PRICE_MOVEMENT
from blueprints.yield_optimization import YIELD_OPTIMIZATION
from tests.in_process import ingested
from tracer_ray.blueprint import Over, Span, SplitPlan
from tracer_ray.data.derivation import changes, over_span
from tracer_ray.data.quarantine import CONFLICT
from tracer_ray.errors import BlueprintError
from tracer_ray.features import Op, history

PRICES = [100.0, 110.0, 99.0, 99.0, 120.0, 90.0, 95.0]


def prices(asset: str, values: list[float | None]) -> pa.Table:
    days = [datetime(2024, 6, 3, tzinfo=UTC) + timedelta(day) for day in range(len(values))]
    return pa.table({"ticker": [asset] * len(values), "date": days, "close": values})


def test_a_return_runs_from_the_row_before_over_five_rows(tmp_path: Path) -> None:
    rows = ingested(PRICE_MOVEMENT, prices("A", list(PRICES)), tmp_path).read_owner("A")
    found = rows.numbers["forward_return"]
    assert np.isnan(found[[0, 3, 4, 5, 6]]).all()
    np.testing.assert_allclose(found[1:3], [np.log(90 / 100), np.log(95 / 110)])
    np.testing.assert_allclose(rows.numbers["price"][1:3], [np.log(1.1), np.log(0.9)])


def test_no_asset_sees_the_prices_of_another(tmp_path: Path) -> None:
    alone = ingested(PRICE_MOVEMENT, prices("B", list(PRICES)), tmp_path / "alone").read_owner("B")
    both = pa.concat_tables([prices("A", [5.0] * 9), prices("B", list(PRICES))])
    among = ingested(PRICE_MOVEMENT, both, tmp_path / "both").read_owner("B")
    np.testing.assert_array_equal(among.numbers["forward_return"], alone.numbers["forward_return"])


def test_one_asset_needs_no_name_and_several_are_not_taken_for_one(tmp_path: Path) -> None:
    alone = prices("A", list(PRICES)).drop_columns(["ticker"])
    named = ingested(PRICE_MOVEMENT, prices("A", list(PRICES)), tmp_path / "named").read_owner("A")
    found = ingested(PRICE_MOVEMENT, alone, tmp_path / "alone").read_owner("")
    np.testing.assert_array_equal(found.numbers["price"], named.numbers["price"])
    other = prices("B", [5.0] * 7).drop_columns(["ticker"])
    mixed = ingested(PRICE_MOVEMENT, pa.concat_tables([alone, other]), tmp_path / "mixed")
    assert mixed.manifest["quarantined"] == {CONFLICT: 7}


def test_a_price_that_is_missing_or_zero_leaves_unknown_what_needs_it() -> None:
    found = changes(np.array([1.0, np.nan, 2.0, 0.0, 3.0]), np.array([0, 5]))
    assert np.isnan(found).all()


values = st.lists(st.floats(-5.0, 5.0) | st.just(float("nan")), min_size=1, max_size=30)


@given(values, st.integers(1, 6), st.integers(0, 30), st.sampled_from(Over))
def test_a_span_is_what_its_rows_come_to(
    given_values: list[float], rows: int, cut: int, over: Over
) -> None:
    column = np.array(given_values)
    offsets = np.array(sorted({0, min(cut, len(column)), len(column)}))
    found = over_span(column, offsets, Span(rows, over))
    for start, stop in pairwise(offsets.tolist()):
        for row in range(start, stop):
            part = column[row : row + rows]
            wanted = part.sum() if over is Over.SUM else part.mean()
            is_whole = row + rows <= stop and np.isfinite(part).all()
            np.testing.assert_allclose(found[row], wanted if is_whole else np.nan, atol=1e-9)


def test_nothing_may_read_an_outcome_before_it_is_known() -> None:
    with pytest.raises(BlueprintError, match=r"reads 'forward_return' before it is known"):
        replace(PRICE_MOVEMENT, features=history(Op.LAG, "forward_return", 1))
    with pytest.raises(BlueprintError, match="known 6 rows later, and the split's gap is 5 days"):
        replace(YIELD_OPTIMIZATION, split=SplitPlan(gap_days=5.0))
