"""Numbers with a comma before their fraction are read where their column tells."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from blueprints.product_demand import PRODUCT_DEMAND
from tracer_ray import analyze
from tracer_ray.analysis.samples import sample_files
from tracer_ray.blueprint import Kind
from tracer_ray.data.decimal_commas import (
    columns_with_decimal_commas,
    with_decimal_points,
    with_points,
)
from tracer_ray.data.sources import Part, find_files, read_part
from tracer_ray.data.survey import survey_files


def _read(values: list[str | None]) -> list[str | None]:
    table = pa.table({"x": pa.array(values, pa.string())})
    read: list[str | None] = with_points(table, columns_with_decimal_commas(table))["x"].to_pylist()
    return read


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["29,85", "1.234", "-3,5"], ["29.85", "1234", "-3.5"]),
        (["0,125", "7"], ["0.125", "7"]),
        (["1889,500", "12"], ["1889.500", "12"]),
        (["1.234.567,8 €", None, "n/a"], ["1234567.8 €", None, "n/a"]),
        (["1.234,50-", "(3.400)", "12,30"], ["1234.50-", "(3400)", "12.30"]),
    ],
)
def test_a_comma_that_can_only_begin_a_fraction_tells_for_its_column(
    given: list[str | None], meant: list[str | None]
) -> None:
    assert _read(given) == meant


@pytest.mark.parametrize(
    "given",
    [
        ["1,234", "12,500"],  # thousands, or three decimals
        ["29,85", "29.85"],  # both notations
        ["29,85", "1,234.5"],
        ["Bonn, West", "Kiel, Ost"],
        ["1,2,3", "4,5"],
        ["1,5", "see file", "old"],
    ],
)
def test_what_does_not_tell_stays_as_it_is(given: list[str | None]) -> None:
    assert _read(given) == given


def test_a_note_among_many_numbers_is_no_reason_to_leave_them_unread() -> None:
    prices = [f"{whole},50" for whole in range(40)]
    assert _read([*prices, "k.A."]) == [*(f"{whole}.50" for whole in range(40)), "k.A."]


def test_text_in_parquet_and_in_data_frames_is_read_as_that_of_csv_files(tmp_path: Path) -> None:
    given = {"units": ["1,5", "2.000", "3"], "name": ["a", "b", "c"], "n": [1, 2, 3]}
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table(given), file, row_group_size=1)  # the second group alone is "2.000"
    (source,) = find_files([str(file)])
    for start, meant in enumerate(["1.5", "2000", "3"]):
        (chunk,) = read_part(Part(source, 0, start, start + 1), source.columns)
        assert chunk.table["units"].to_pylist() == [meant]
    (sample,) = sample_files([str(file)])
    assert sample.table["units"].to_pylist() == ["1.5", "2000", "3"]
    frame = pa.table({**given, "units": pa.array(given["units"]).dictionary_encode()})
    assert with_decimal_points(frame) == frame  # values of a category are no numbers
    assert with_decimal_points(pa.table(given))["units"].to_pylist() == ["1.5", "2000", "3"]
    analysis = analyze(pa.table({"date": ["2024-01-01", "2024-01-02", "2024-01-03"], **given}))
    (units,) = (each for each in analysis.profiles[0].columns if each.name == "units")
    assert (units.kind, units.maximum) == (Kind.NUMBER, 2000.0)


def test_files_and_their_samples_are_read_alike_whatever_the_notation_of_others(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_text("date;product;units\n2024-01-01;p;1,5\n")
    (tmp_path / "b.csv").write_text("date,product,units\n2024-01-02,p,1.5\n")
    files = find_files([str(tmp_path)])
    assert len(survey_files(PRODUCT_DEMAND, files, {}).files) == 2
    chunks = [next(read_part(Part(file, 0, 0, -1), ("units",))) for file in files]
    assert [chunk.table["units"].to_pylist() for chunk in chunks] == [["1.5"], ["1.5"]]
    (sample,) = sample_files([str(tmp_path)])
    assert sample.table["units"].to_pylist() == ["1.5", "1.5"]
