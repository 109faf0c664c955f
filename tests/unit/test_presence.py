"""Outcomes that are rows of another file: read as a column, refused where that can't be."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv
import pytest

from tracer_ray.archive import blueprint
from tracer_ray.data.as_of.sources import sort_out
from tracer_ray.data.lookup_search import Table
from tracer_ray.data.presence import shared_key, with_presence
from tracer_ray.data.sources import Part, SourceFile, find_files, read_part
from tracer_ray.errors import DataError, SchemaError

ITEMS = pa.table(
    {
        "order_item_id": ["1", "2", "3", "4", None],
        "order_id": ["7", "7", "8", "9", "9"],
        "price": [5.0, 6.0, 7.0, 8.0, 9.0],
        "note": ["a", "b", "c", "d", "e"],
    }
)
REFUNDS = pa.table({"refund_id": ["r1", "r2", "r3"], "order_item_id": ["4.0", "2.0", "2.0"]})
IN, NOT_IN = {"returned": "in refunds.csv"}, {"returned": "not in refunds.csv"}


@pytest.fixture
def files(tmp_path: Path) -> tuple[SourceFile, ...]:
    for name, table in (("items", ITEMS), ("refunds", REFUNDS)):
        pc_csv.write_csv(table, str(tmp_path / f"{name}.csv"))
    return tuple(find_files([str(tmp_path)]))


def said(file: SourceFile, name: str) -> list[object]:
    (chunk,) = read_part(Part.whole(file), (name,))
    values: list[object] = chunk.table[name].to_pylist()
    return values


def test_who_stands_in_the_other_file_has_done_it(files: tuple[SourceFile, ...]) -> None:
    (items,) = with_presence(files, IN.values())
    assert items.columns[-1] == "in refunds.csv"
    assert said(items, "in refunds.csv") == ["no", "yes", "no", "yes", None]


def test_who_does_not_has_done_it_where_that_is_said(files: tuple[SourceFile, ...]) -> None:
    (items,) = with_presence(files, NOT_IN.values())
    assert said(items, "not in refunds.csv") == ["yes", "no", "yes", "no", None]


def test_ingest_reads_the_rows_with_it_and_says_so(files: tuple[SourceFile, ...]) -> None:
    found = sort_out(blueprint("return_likelihood"), files, IN)
    (items,) = found.rows
    assert items.uri.endswith("items.csv")
    assert items.note.endswith("it has 'in refunds.csv' as a column, by order_item_id")


def test_a_file_that_has_changed_is_read_again(
    files: tuple[SourceFile, ...], tmp_path: Path
) -> None:
    (before,) = with_presence(files, IN.values())
    assert said(before, "in refunds.csv").count("yes") == 2
    pc_csv.write_csv(REFUNDS.slice(0, 1), str(tmp_path / "refunds.csv"))
    (after,) = with_presence(files, IN.values())
    assert said(after, "in refunds.csv") == ["no", "no", "no", "yes", None]


def test_a_file_that_is_not_there_is_refused(files: tuple[SourceFile, ...]) -> None:
    expected = r"no file 'returns.csv' is among the data \(items.csv, refunds.csv\)"
    with pytest.raises(SchemaError, match=expected):
        with_presence(files, ["in returns.csv"])


def test_any_file_may_have_the_rows(files: tuple[SourceFile, ...]) -> None:
    (refunds,) = with_presence(files, ["in items.csv"])
    assert said(refunds, "in items.csv") == ["yes", "yes", "yes"]


def test_files_that_share_no_key_are_refused(tmp_path: Path) -> None:
    pc_csv.write_csv(ITEMS, str(tmp_path / "items.csv"))
    pc_csv.write_csv(REFUNDS.rename_columns(["a", "b"]), str(tmp_path / "refunds.csv"))
    with pytest.raises(SchemaError, match="no other file has a column of the same name"):
        with_presence(find_files([str(tmp_path)]), IN.values())


def test_a_column_of_that_name_is_taken_as_it_is(tmp_path: Path) -> None:
    table = ITEMS.append_column("in refunds.csv", ITEMS["note"])
    pc_csv.write_csv(table, str(tmp_path / "items.csv"))
    files = tuple(find_files([str(tmp_path)]))
    assert with_presence(files, IN.values()) == files


def test_a_release_reads_later_files_by_the_name_it_knows(files: tuple[SourceFile, ...]) -> None:
    known = ["returned", "in refunds.csv"]
    (items,) = with_presence(files, [], known)
    assert said(items, "in refunds.csv").count("yes") == 2
    assert with_presence(files[:1], [], known) == files[:1]


def test_two_files_of_that_name_are_refused(tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        (tmp_path / year).mkdir()
        pc_csv.write_csv(ITEMS, str(tmp_path / year / "items.csv"))
        pc_csv.write_csv(REFUNDS, str(tmp_path / year / "refunds.csv"))
    files = find_files([str(tmp_path / "2023"), str(tmp_path / "2024")])
    with pytest.raises(SchemaError, match=r"2 files are called 'refunds.csv'; name one"):
        with_presence(files, IN.values())


def test_a_broken_line_is_refused(files: tuple[SourceFile, ...], tmp_path: Path) -> None:
    (items,) = with_presence(files, IN.values())
    with (tmp_path / "refunds.csv").open("a") as text:
        text.write("r4,1,7\n")
    with pytest.raises(DataError, match=r"refunds.csv: a line has too many or too few fields"):
        said(items, "in refunds.csv")


def test_the_files_of_a_month_without_any_are_read_as_well(tmp_path: Path) -> None:
    pc_csv.write_csv(REFUNDS, str(tmp_path / "refunds.csv"))
    later = ITEMS.set_column(0, "order_item_id", pa.array([f"9{n}" for n in range(5)]))
    for name, each in (("items_1", later), ("items_2", ITEMS), ("items_3", later)):
        pc_csv.write_csv(each, str(tmp_path / f"{name}.csv"))
    read = with_presence(find_files([str(tmp_path)]), IN.values())
    assert [said(each, "in refunds.csv").count("yes") for each in read] == [0, 2, 0]


def table(**columns: list[str]) -> Table:
    return Table(tuple(columns), lambda name: pa.chunked_array([columns[name]]), {})


def test_of_several_keys_the_one_that_tells_most_rows_apart_joins() -> None:
    orders, ids = [str(each // 2) for each in range(40)], [str(each) for each in range(40)]
    other = table(order_id=orders[:9], item_id=ids[:9])
    assert shared_key(table(order_id=orders, item_id=ids), other) == ("item_id", "item_id")


def test_times_are_no_keys_and_long_numbers_are() -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 31)]
    numbers = [str(1_700_000_000 + each) for each in range(30)]
    assert shared_key(table(day=days), table(day=days)) is None
    assert shared_key(table(phone=numbers), table(phone=numbers)) == ("phone", "phone")
    assert shared_key(table(id=numbers), table(id=numbers)) is None
    times = [f"{day}/05/2024 12:33" for day in range(1, 31)]
    assert shared_key(table(at=times), table(at=times)) is None


def test_an_id_goes_before_a_number_that_tells_more_rows_apart() -> None:
    ids, cents = [str(each // 2) for each in range(40)], [str(990 + each) for each in range(40)]
    rows = table(order_id=ids, price_cents=cents)
    assert shared_key(rows, rows) == ("order_id", "order_id")


def test_rows_of_big_files_whose_first_keys_do_not_meet_are_joined_by_ids_only() -> None:
    some, others = [f"a{n}" for n in range(30)], [f"b{n}" for n in range(30)]
    assert shared_key(table(item_id=some), table(item_id=others)) == ("item_id", "item_id")
    assert shared_key(table(size=some), table(size=others)) is None
    assert shared_key(table(item_id=some), table(item_id=others), least_met=0.1) is None
