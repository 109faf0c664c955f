"""A learned combination on real data: `python -m evaluation.combination` trains, learns, judges.

Who buys again within 30 days, in Online Retail: churn by silence (30 days) and the value of the
next 90 days are trained on what was known on 2010-08-31. Both answer for the later snapshots of all
active customers, from the orders until then, and `tracer composite learn` weighs them.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evaluation.preparation import invoices
from evaluation.run import HOMES, ROOT
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Role
from tracer_ray.cli import main as tracer
from tracer_ray.data.in_process import ingest_in_process

UNTIL = datetime(2010, 8, 31)
SILENCE_DAYS, VALUE_DAYS, RECENT_DAYS = 30, 90, 90
VALUE_COLUMNS = (
    *("customer_id", "as_of", "orders", "spend", "average_order"),
    *("recency_days", "tenure_days", "recent_spend"),
)
DEFINITION = f"no_activity_{SILENCE_DAYS}_days"
CHURN, VALUE, AGAIN = "customer_churn", "customer_lifetime_value", "buys_again"
_DAY = np.timedelta64(1, "D")
Instants = npt.NDArray[np.datetime64]


def main() -> int:
    """Train both components, learn the combination, and print how it is judged."""
    data = Path(os.environ.get("TRACER_SHARED", ROOT / ".." / "shared")) / "data"
    home = HOMES / "combination"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    bought = invoices(data / "online_retail").sort_by("invoice_date")
    bought = bought.filter(pc.is_valid(bought["customer_id"]))
    past = bought.filter(pc.less_equal(bought["invoice_date"], pa.scalar(UNTIL)))
    active = active_customers(bought, home / "all")
    is_later = pc.greater(active["as_of"], pa.scalar(UNTIL))
    tables = {CHURN: past, VALUE: with_values(active, bought), AGAIN: active.filter(is_later)}
    files = {name: str(home / f"{name}.parquet") for name in tables}
    for name, table in tables.items():
        pq.write_table(table, files[name])
    silence = ["--set", f"churn_definition={DEFINITION}"]
    components, objective = f"{CHURN},{VALUE}", "maximize_revenue_1_month"
    asked = ["--target", "again", "--time", "as_of", "--horizon-days", str(SILENCE_DAYS)]
    steps = (
        ["train", CHURN, "--data", files[CHURN], *silence],
        ["promote", CHURN, "--reason", "evaluation"],
        ["train", VALUE, "--data", files[VALUE]],
        ["promote", VALUE, "--reason", "evaluation"],
        ["composite", "create", AGAIN, "--components", components, "--objective", objective],
        ["composite", "learn", AGAIN, "--data", files[AGAIN], *asked],
    )
    return next((code for step in steps if (code := tracer([*step, "--home", str(home)]))), 0)


def active_customers(bought: pa.Table, home: Path) -> pa.Table:
    """Every 28 days each customer that is active, what is known of it, and whether it buys again.

    That is null where the data end before it is known.
    """
    home.mkdir()
    definition = blueprint(CHURN, {"churn_definition": DEFINITION})
    rows = ingest_in_process(definition, {"all": bought}, str(home)).read_bucket(0)
    customers = [int(each) for each in rows.categories["customer_id"]]
    table = history(bought, customers, rows.times.astype("datetime64[us]"))
    for column in definition.columns:
        if column.name in rows.numbers and column.role is Role.KNOWN:
            known = pa.array(rows.numbers[column.name], from_pandas=True)
            table = table.append_column(column.name, known)
    again = pa.array(1.0 - rows.numbers["churned"], from_pandas=True)
    return table.append_column("again", again)


def with_values(table: pa.Table, bought: pa.Table) -> pa.Table:
    """The rows whose next 90 days were over at the end, with what was spent in these days."""
    over = pc.less_equal(table["as_of"], pa.scalar(UNTIL - timedelta(days=VALUE_DAYS)))
    table = table.filter(over)
    customers, as_of = table["customer_id"].to_pylist(), table["as_of"].to_numpy()
    later = history(bought, customers, as_of + VALUE_DAYS * _DAY)["spend"]
    return table.select(VALUE_COLUMNS).append_column(
        "future_value", pc.subtract(later, table["spend"])
    )


def history(bought: pa.Table, customers: Sequence[int], as_of: Instants) -> pa.Table:
    """The orders of each customer until an instant, as customer_lifetime_value reads them."""
    owners, amounts = bought["customer_id"].to_numpy(), bought["amount"].to_numpy()
    times = bought["invoice_date"].to_numpy().astype("datetime64[us]")
    order = np.argsort(owners, kind="stable")  # each customer's orders stay in order of time
    owners, amounts, times = owners[order], amounts[order], times[order]
    found = []
    for customer, instant in zip(customers, as_of, strict=True):
        start, stop = np.searchsorted(owners, [customer, customer + 1])
        past = slice(start, start + np.searchsorted(times[start:stop], instant, side="right"))
        days = (instant - times[past]) / _DAY
        spent = amounts[past]
        found.append(
            {
                "customer_id": customer,
                "as_of": instant.item(),
                "orders": len(spent),
                "spend": spent.sum(),
                "average_order": spent.mean(),
                "recency_days": days.min(),
                "tenure_days": days.max(),
                "recent_spend": spent[days < RECENT_DAYS].sum(),
            }
        )
    return pa.Table.from_pylist(found)


if __name__ == "__main__":
    sys.exit(main())
