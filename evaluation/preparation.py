"""Tables made of raw data sets before they are evaluated; each says what it does."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SNAPSHOT = datetime(1997, 9, 30)
RECENT_DAYS = 90


def without_page_values(folder: Path) -> pa.Table:
    """Visits as in the data, without page_values."""
    return _read(folder).drop_columns(["page_values"])


def cdnow_snapshot(folder: Path) -> pa.Table:
    """One row per customer: purchases until 1997-09-30, and the spending after it."""
    bought = _read(folder)
    is_past = pc.less_equal(bought["date"], pa.scalar(SNAPSHOT, bought["date"].type))
    past, future = bought.filter(is_past), bought.filter(pc.invert(is_past))
    days_ago = pc.days_between(past["date"], pa.scalar(SNAPSHOT, past["date"].type))
    past = past.append_column("days_ago", days_ago)
    recent = past.filter(pc.less(past["days_ago"], RECENT_DAYS))
    wanted = {"amount": ("sum", "mean", "count"), "days_ago": ("min", "max"), "cds": ("sum",)}
    totals = past.group_by("customer_id").aggregate(
        [(column, function) for column, each in wanted.items() for function in each]
    )
    customers = totals["customer_id"].to_numpy()
    return pa.table(
        {
            "customer_id": totals["customer_id"],
            "orders": totals["amount_count"],
            "spend": totals["amount_sum"],
            "average_order": totals["amount_mean"],
            "recency_days": totals["days_ago_min"],
            "tenure_days": totals["days_ago_max"],
            "items": totals["cds_sum"],
            "recent_spend": _sum_of(recent, customers),
            "future_spend": _sum_of(future, customers),
        }
    )


def invoices(folder: Path) -> pa.Table:
    """One row per invoice of a known customer that was not cancelled, with its amount."""
    lines = _read(folder)
    lines = lines.filter(pc.invert(lines["is_cancellation"]))
    amount = pc.multiply(lines["quantity"].cast(pa.float64()), lines["unit_price"])
    keys = ["customer_id", "invoice", "invoice_date"]
    summed = lines.select(keys).append_column("amount", amount).group_by(keys)
    return summed.aggregate([("amount", "sum")]).rename_columns([*keys, "amount"])


def _read(folder: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(file) for file in sorted(folder.glob("*.parquet")))


def _sum_of(bought: pa.Table, customers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    """What each customer spent, 0 where nothing, [customers]."""
    sums = bought.group_by("customer_id").aggregate([("amount", "sum")])
    spent = dict(zip(sums["customer_id"].to_pylist(), sums["amount_sum"].to_pylist(), strict=True))
    return pa.array([spent.get(customer, 0.0) for customer in customers.tolist()], pa.float64())


PREPARATIONS = {each.__name__: each for each in (without_page_values, cdnow_snapshot, invoices)}
