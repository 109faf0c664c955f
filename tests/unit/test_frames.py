"""Tables of pandas, polars and pyarrow go in, and come out as what they were."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tracer_ray.errors import DataError
from tracer_ray.frames import like, to_arrow

ROWS = {"a": [1, 2, 3], "b": ["x", None, "z"]}


@pytest.mark.parametrize(
    "frame", [pa.table(ROWS), pl.DataFrame(ROWS), pd.DataFrame(ROWS)], ids=type
)
def test_a_table_of_any_kind_is_read_and_given_back_as_that_kind(frame: object) -> None:
    table = to_arrow(frame)
    assert table.to_pydict() == ROWS
    assert type(like(table, frame)) is type(frame)


def test_a_pandas_index_is_no_column_and_is_there_again_afterwards() -> None:
    frame = pd.DataFrame(ROWS, index=["p", "q", "r"])
    table = to_arrow(frame)
    assert table.column_names == ["a", "b"]
    assert like(table, frame).index.tolist() == ["p", "q", "r"]


def test_not_a_number_in_pandas_is_no_value() -> None:
    assert to_arrow(pd.DataFrame({"a": [1.0, float("nan")]}))["a"].to_pylist() == [1.0, None]


def test_rows_as_mappings_come_back_as_rows() -> None:
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert like(to_arrow(rows), rows) == rows


@pytest.mark.parametrize("data", [7, "text", {"a": [1], "b": [1, 2]}])
def test_what_is_no_table_is_refused(data: object) -> None:
    with pytest.raises(DataError, match="table"):
        to_arrow(data)
