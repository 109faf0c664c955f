"""A product in several stores: each store's row is kept, and sees none of the same day."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from blueprints.price_elasticity import PRICE_ELASTICITY
from tests.in_process import ingested
from tracer_ray.feature_program.program import compile_program

DAYS = [datetime(2024, 1, day) for day in (1, 8, 15)]
SALES = pa.table(
    {
        "product_id": ["tea"] * 6,
        "date": [day for day in DAYS for _ in range(2)],
        "store": ["north", "south"] * 3,
        "price": [2.0, 2.5] * 3,
        "quantity_sold": [10.0, 100.0, 20.0, 200.0, 30.0, 300.0],
    }
)


def test_rows_of_one_day_in_two_stores_are_both_kept_at_that_instant(tmp_path: Path) -> None:
    dataset = ingested(PRICE_ELASTICITY, SALES, tmp_path, buckets=1)
    rows = dataset.read_bucket(0)
    assert dataset.manifest["quarantined"] == {}
    assert len(rows) == 6
    assert len(set(rows.keys.tolist())) == 6
    assert len(np.unique(rows.times)) == 3


def test_a_store_does_not_see_what_another_sold_on_the_same_day(tmp_path: Path) -> None:
    dataset = ingested(PRICE_ELASTICITY, SALES, tmp_path, buckets=1)
    program = compile_program(dataset.blueprint, ["quantity_sold"])
    rows = dataset.read_bucket(0)
    x, _ = program.transform(
        rows, program.cross([program.summarise(rows)]), program.fit_vocabulary(rows)
    )
    mean = x[:, program.names.index("quantity_sold_mean_28")]
    own = x[:, program.names.index("quantity_sold_mean_28_same_store")]
    by = {
        (rows.categories["store"][i], int(rows.numbers["quantity_sold"][i])): (mean[i], own[i])
        for i in range(6)
    }
    assert np.isnan(by["north", 10]).all()
    assert np.isnan(by["south", 100]).all()
    assert by["north", 20] == (55.0, 10.0)
    assert by["south", 200] == (55.0, 100.0)
    assert by["south", 300] == (82.5, 150.0)


def test_rows_without_a_date_are_told_apart_by_what_they_say(tmp_path: Path) -> None:
    undated = SALES.drop_columns(["date", "store"])
    dataset = ingested(PRICE_ELASTICITY, pa.concat_tables([undated, undated]), tmp_path, buckets=1)
    assert dataset.manifest["rows"] == 12
    assert dataset.manifest["quarantined"] == {}
