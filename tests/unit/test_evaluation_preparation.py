"""Tables made for the evaluation know nothing of what comes after their snapshot."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.preparation import cdnow_snapshot


def test_a_customers_past_ends_at_the_snapshot_and_the_future_begins_after_it(
    tmp_path: Path,
) -> None:
    bought = [
        (1, datetime(1997, 1, 3), 1, 10.0),
        (1, datetime(1997, 9, 30), 2, 30.0),
        (1, datetime(1997, 10, 1), 1, 7.0),
        (1, datetime(1998, 6, 1), 1, 8.0),
        (2, datetime(1997, 2, 1), 3, 50.0),
        (3, datetime(1997, 12, 1), 1, 99.0),
    ]
    names = ("customer_id", "date", "cds", "amount")
    table = pa.table(dict(zip(names, map(list, zip(*bought, strict=True)), strict=True)))
    pq.write_table(table, tmp_path / "bought.parquet")
    made = {row["customer_id"]: row for row in cdnow_snapshot(tmp_path).to_pylist()}
    assert made == {
        1: {
            "customer_id": 1,
            "orders": 2,
            "spend": 40.0,
            "average_order": 20.0,
            "recency_days": 0,
            "tenure_days": 270,
            "items": 3,
            "recent_spend": 30.0,
            "future_spend": 15.0,
        },
        2: {
            "customer_id": 2,
            "orders": 1,
            "spend": 50.0,
            "average_order": 50.0,
            "recency_days": 241,
            "tenure_days": 241,
            "items": 3,
            "recent_spend": 0.0,
            "future_spend": 0.0,
        },
    }
