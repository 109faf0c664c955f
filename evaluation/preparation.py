"""Tables made of raw data sets before they are evaluated; each says what it does."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracer_ray import synthetic

SNAPSHOT = datetime(1997, 9, 30)
RECENT_DAYS = 90
LEAST_MOVE = 0.01


def without_page_values(folder: Path) -> pa.Table:
    """Visits as in the data, without page_values."""
    return _read(folder).drop_columns(["page_values"])


def shuffled(folder: Path) -> pa.Table:
    """Rows as in the data, in a random order that tells nothing."""
    rows = _read(folder)
    return rows.take(pa.array(np.random.default_rng(0).permutation(len(rows))))


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


def coins_that_move(folder: Path) -> pa.Table:
    """Daily prices of coins, without those that are held at a price (daily moves below 1 %)."""
    prices = pq.read_table(folder / "crypto_price_cap_220coins.parquet")
    prices = prices.sort_by([("coin", "ascending"), ("date", "ascending")]).combine_chunks()
    coins = prices["coin"].to_numpy(zero_copy_only=False)
    logs = np.log(np.maximum(prices["price"].to_numpy().astype(np.float64), 1e-12))
    is_same = coins[1:] == coins[:-1]
    moves = np.abs(np.diff(logs))[is_same]
    names, index = np.unique(coins[1:][is_same], return_inverse=True)
    usual = np.array([np.median(moves[index == number]) for number in range(len(names))])
    moving = pa.array(names[usual >= LEAST_MOVE])
    kept = prices.filter(pc.is_in(prices["coin"], moving))
    return kept.select(["coin", "date", "price", "volume"])


def pool_yields(folder: Path) -> pa.Table:
    """Two years of 60 invented pools; the folder is not read."""
    return synthetic.pool_yields(pools=60, days=730, seed=0).rows


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


PREPARATIONS = {
    each.__name__: each
    for each in (
        without_page_values,
        shuffled,
        cdnow_snapshot,
        coins_that_move,
        pool_yields,
        invoices,
    )
}
