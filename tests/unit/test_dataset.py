"""Rows go to Parquet and back; duplicates and equal times have one decided outcome."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.data.buckets import drop_duplicates, finish, ordered, row_schema
from tracer_ray.data.dataset import Dataset, rows_from_table, table_from_rows
from tracer_ray.data.fingerprint import content_words, fingerprint_of
from tracer_ray.data.matching import match
from tracer_ray.data.resolution import resolve
from tracer_ray.data.schema import normalise
from tracer_ray.data.sources import find_files, parts_of, read_part
from tracer_ray.errors import DataError, SchemaError, StorageMissingError

LEAN = resolve(
    PLAYER_PROPS,
    [
        each.name
        for each in PLAYER_PROPS.columns
        if each.name not in ("player", "player_name", "game_date", "points", "opponent")
    ],
)


def _finished(rows: Sequence[tuple[str, str, float | None]]) -> pa.Table:
    players, dates, points = zip(*rows, strict=True)
    raw = pa.table({"player": players, "date": dates, "points": pa.array(points, pa.float64())})
    good = normalise(raw, match(LEAN, raw.column_names)).good
    order = pa.array(range(len(good)), pa.int64())
    good = good.append_column("_file", pa.array(np.zeros(len(good), dtype=np.int64)))
    return finish(good.append_column("_position", order), LEAN)


def test_rows_survive_the_way_to_a_table_and_back() -> None:
    table = _finished(
        [("b", "2024-01-02", 3.0), ("a", "2024-01-03", None), ("a", "2024-01-01", 1.0)]
    )
    stored = ordered(table, LEAN)
    rows = rows_from_table(stored, LEAN)
    assert rows.entities.tolist() == ["a", "b"]
    assert rows.offsets.tolist() == [0, 2, 3]
    assert rows.numbers["points"][0] == 1.0
    assert np.isnan(rows.numbers["points"][1])
    assert rows.categories["opponent"].tolist() == ["", "", ""]
    assert table_from_rows(rows, LEAN).equals(stored)


def test_no_rows_are_rows_too() -> None:
    rows = rows_from_table(row_schema(LEAN).empty_table(), LEAN)
    assert len(rows) == 0
    assert rows.offsets.tolist() == [0]


def test_the_last_of_conflicting_rows_is_kept_and_copies_are_counted() -> None:
    day = "2024-01-01"
    found = drop_duplicates(
        _finished(
            [("a", day, 1.0), ("a", day, 2.0), ("b", day, 5.0), ("b", day, 5.0), ("a", day, 2.0)]
        ),
        ["key"],
    )
    assert sorted(found.kept["points"].to_pylist()) == [2.0, 5.0]
    assert found.conflicts["points"].to_pylist() == [1.0]
    assert found.copies == 2


def test_a_null_is_no_copy_of_a_zero() -> None:
    found = drop_duplicates(
        _finished([("a", "2024-01-01", 0.0), ("a", "2024-01-01", None)]), ["key"]
    )
    assert found.copies == 0
    assert found.conflicts["points"].to_pylist() == [0.0]


@given(st.permutations(range(6)))
def test_the_order_of_arrival_changes_no_fingerprint(order: list[int]) -> None:
    rows = [(f"p{i % 2}", f"2024-01-0{i + 1}", float(i)) for i in range(6)]
    expected = ordered(_finished(rows), LEAN)
    shuffled = ordered(_finished([rows[i] for i in order]), LEAN)
    words = [content_words(each, each.column_names) for each in (expected, shuffled)]
    assert fingerprint_of(words[0]) == fingerprint_of(words[1])


def test_minus_zero_is_zero_and_every_nan_is_one_null() -> None:
    table = pa.table({"x": pa.array([0.0, -0.0, None, float("nan")])})
    words = content_words(table, ["x"])[:, 0].tolist()
    assert words[0] == words[1]
    assert words[2] == words[3]


def test_a_target_that_is_a_sum_is_null_where_any_part_is() -> None:
    raw = pa.table(
        {
            "player": ["a", "b"],
            "date": ["2024-01-01"] * 2,
            "pts": [1, 2],
            "reb": [3, None],
            "ast": [5, 6],
        }
    )
    good = normalise(raw, match(PLAYER_PROPS, raw.column_names)).good
    for name in ("_file", "_position"):
        good = good.append_column(name, pa.array([0, 1]))
    table = finish(good, PLAYER_PROPS)
    assert table["points_rebounds_assists"].to_pylist() == [9.0, None]


def test_rows_without_entity_and_time_have_one_owner_at_the_epoch() -> None:
    resolved = resolve(CUSTOMER_CHURN, ["as_of", "segment"])
    raw = pa.table({"id": ["x", "y"], "churn": ["Yes", "No"]})
    good = normalise(raw, match(resolved, raw.column_names)).good
    for name in ("_file", "_position"):
        good = good.append_column(name, pa.array([0, 1]))
    table = finish(good, resolved)
    assert table["owner"].to_pylist() == ["", ""]
    assert table["key"].to_pylist() == ["x", "y"]
    assert set(table["time"].to_pylist()) == {datetime(1970, 1, 1, tzinfo=UTC)}


def test_no_dataset_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no dataset here"):
        Dataset.open(str(tmp_path))


def test_only_data_files_count_and_partitions_become_columns(tmp_path: Path) -> None:
    folder = tmp_path / "season=2020%2F21" / "league=__HIVE_DEFAULT_PARTITION__"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("x;y\n1;2\n")
    (tmp_path / "README.md").write_text("no data")
    (tmp_path / "_metadata.parquet").write_text("hidden")
    (tmp_path / ".part.csv").write_text("hidden")
    (file,) = find_files([str(tmp_path), str(tmp_path / "*" / "*" / "*.csv")])
    (chunk,) = read_part(parts_of(file, 0, 10)[0], file.columns)
    assert chunk.table.to_pylist() == [{"x": "1", "y": "2", "season": "2020/21", "league": None}]


def test_parts_of_a_parquet_file_are_its_rows_once(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": range(25)}), tmp_path / "a.parquet", row_group_size=10)
    (file,) = find_files([str(tmp_path)])
    chunks = [
        (chunk.first_position, chunk.table["x"].to_pylist())
        for part in parts_of(file, 0, 7)
        for chunk in read_part(part, ["x"])
    ]
    assert [value for _, values in chunks for value in values] == list(range(25))
    assert all(values[0] == first for first, values in chunks)


def test_broken_lines_and_quoted_line_ends_of_csv_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('x,y\n1,"two\nlines"\n3,4,5\n6,7\n', encoding="utf-8-sig")
    (file,) = find_files([str(tmp_path)])
    (chunk,) = read_part(parts_of(file, 0, 10)[0], file.columns)
    assert file.columns == ("x", "y")
    assert chunk.table["x"].to_pylist() == ["1", "6"]
    assert chunk.broken == ("3,4,5",)


def test_sources_without_data_say_so(tmp_path: Path) -> None:
    with pytest.raises(StorageMissingError, match="check the path"):
        find_files([str(tmp_path / "absent")])
    with pytest.raises(DataError, match="no data file"):
        find_files([str(tmp_path)])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"not parquet at all")
    with pytest.raises(SchemaError, match=r"a\.parquet: can't be read"):
        find_files([str(tmp_path)])


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("cp1252", "cp1252"), ("cp1251", "cp1251"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_text_that_is_no_utf8_is_read_as_what_it_looks_like(
    encoding: str, told: str, tmp_path: Path
) -> None:
    cities = {
        "cp1252": ["München", "Zürich", "Orléans", "São Paulo"],
        "cp1251": ["Москва", "Казань", "Нижний Новгород"],
        "gb18030": ["北京", "上海浦东新区", "广州"],
        "utf-16": ["München", "Москва", "北京"],
    }[encoding]
    lines = ["city;sold", *(f"{city};{place}" for place in range(40) for city in cities)]
    (tmp_path / "a.csv").write_bytes("\n".join(lines).encode(encoding))
    (file,) = find_files([str(tmp_path)])
    assert f"read as {told}" in file.note
    assert file.columns == ("city", "sold")
    (chunk,) = read_part(parts_of(file, 0, 10)[0], file.columns)
    assert chunk.table["city"].to_pylist() == cities * 40
    assert chunk.broken == ()


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("date,Temperature(°C),sold", "2024-01-01,7,3"),
        ("größe,preis,menge", "4,2.5,3"),
        ("name,city", "O\u2019Neil,Dublin"),
        ("text,x", "it\u2019s ± 5 %,1"),
        ("name,x", "José,1"),
        ("price,x", "1\u00a0000,2"),
    ],
)
def test_a_few_western_letters_are_western(head: str, rows: str, tmp_path: Path) -> None:
    lines = [head, *["1,2"] * 300, rows]
    text = "\n".join(lines if head.isascii() else [head, *[rows] * 300])
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    (file,) = find_files([str(tmp_path)])
    assert file.columns == tuple(head.split(","))
    assert "read as cp1252" in file.note


def test_a_header_of_one_name_twice_may_follow_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n\na;b;a\n1;2;3\n")
    (file,) = find_files([str(tmp_path)])
    (chunk,) = read_part(parts_of(file, 0, 10)[0], file.columns)
    assert chunk.table.to_pylist() == [{"a": "1", "b": "2", "a.1": "3"}]


def test_bytes_that_are_no_utf8_among_many_that_are_stay_apart(tmp_path: Path) -> None:
    """As they would not if all became the same sign: two towns are no one town."""
    lines = "Zürich,1\nKöln,2\n".encode() * 9 + b"M\xfcnchen,3\nM\xf6nchen,4\n"
    (tmp_path / "a.csv").write_bytes(b"town,y\n" + lines)
    (file,) = find_files([str(tmp_path)])
    (chunk,) = read_part(parts_of(file, 0, 10)[0], file.columns)
    assert chunk.table["town"].to_pylist()[-3:] == ["Köln", r"M\xfcnchen", r"M\xf6nchen"]
    assert "read as UTF-8 with other bytes as" in file.note


def test_bytes_that_look_like_no_text_are_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x,y\n" + bytes(range(128, 256)))
    with pytest.raises(SchemaError, match=r"a\.csv: byte \d+ is no UTF-8; .*iconv"):
        find_files([str(tmp_path)])


def test_text_may_be_cut_within_a_character_where_the_head_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n" + "ü" * 2**22 + "\n", encoding="utf-8")
    assert find_files([str(tmp_path)])[0].columns == ("x",)


def test_two_columns_of_one_name_in_a_parquet_file_are_refused(tmp_path: Path) -> None:
    doubled = pa.table([pa.array([1]), pa.array([2])], names=["x", "x"])
    pq.write_table(doubled, tmp_path / "a.parquet")
    with pytest.raises(SchemaError, match="two columns are named 'x'"):
        find_files([str(tmp_path)])


def test_columns_of_one_name_in_a_csv_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"x\ny",b,"x\ny",b\n1,2,3,4\n5,6,7,8\n')
    (file,) = find_files([str(tmp_path)])
    assert file.columns == ("x\ny", "b", "x\ny.1", "b.1")
    assert "told apart by a number" in file.note
    (chunk,) = read_part(parts_of(file, 0, 10)[0], ["b.1", "x\ny"])
    assert chunk.table.to_pydict() == {"b.1": ["4", "8"], "x\ny": ["1", "5"]}
    assert chunk.broken == ()


def test_sided_blueprints_keep_what_they_can() -> None:
    resolved = resolve(MATCH_OUTCOME, ["match_id", "rank", "opponent_rank", "best_of"])
    assert {"rank", "match_id"}.isdisjoint(row_schema(resolved).names)
    assert {"won", "home", "side", "opponent_side"} <= set(row_schema(resolved).names)


def test_a_text_of_another_ending_is_data_where_it_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\tb\n1\t2\n")
    (tmp_path / "README.txt").write_text("no data")
    (tmp_path / "b.TSV").write_text("a\tb\n3\t4\n")
    (file,) = find_files([str(tmp_path / "a.txt")])
    assert file.columns == ("a", "b")
    assert [each.uri.rpartition("/")[2] for each in find_files([str(tmp_path)])] == ["b.TSV"]
