"""From raw files to a published dataset: what is kept, refused, left out, and found again."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Blueprint
from tracer_ray.cli import main
from tracer_ray.data.dataset import Dataset
from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.errors import DataError, QualityError, SchemaError, UnknownEntityError
from tracer_ray.feature_program.program import compile_program

pytestmark = pytest.mark.usefixtures("ray_session")

GAMES = {
    "player_id": [7, 7, 7, 8, 9],
    "player_name": ["Al", "Al", "Al B.", "Bo", "Cy"],
    "game_date": ["2024-01-03", "2024-01-01", "2024-01-05", "2024-01-01", "2024-01-01"],
    "pts": [10, 20, 30, 4, None],
    "min": [30, 31, 32, 12, None],
}


def _parquet(folder: Path, name: str, columns: Mapping[str, object]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / name)


def _ingest(
    tmp_path: Path, blueprint: Blueprint = PLAYER_PROPS, options: IngestOptions | None = None
) -> Dataset:
    return ingest(blueprint, [str(tmp_path / "raw")], str(tmp_path / "home"), options=options)


def test_rows_are_sorted_and_each_owner_is_one_row_group(tmp_path: Path) -> None:
    _parquet(tmp_path, "raw/games.parquet", GAMES)
    dataset = _ingest(tmp_path)
    assert dataset.manifest["rows"] == 4
    assert dataset.manifest["excluded"] == {"did not play": 1}
    entities = dataset.entities.to_pylist()
    assert [(each["owner"], each["label"], each["rows"]) for each in entities] == [
        ("7", "Al B.", 3),
        ("8", "Bo", 1),
    ]
    assert dataset.read_owner("7").numbers["points"].tolist() == [20.0, 10.0, 30.0]
    assert dataset.read_owner("8").numbers["points"].tolist() == [4.0]
    assert sum(len(dataset.read_bucket(i)) for i in range(dataset.buckets)) == 4
    with pytest.raises(UnknownEntityError, match="no rows of '9'"):
        dataset.read_owner("9")


def test_the_same_data_is_the_same_dataset_in_any_form(tmp_path: Path) -> None:
    """Types, names, order of rows and files, partitions, parts and buckets make no difference."""
    _parquet(tmp_path, "raw/games.parquet", GAMES)
    first = _ingest(tmp_path)
    written = (Path(first.uri) / "manifest.json").stat().st_mtime_ns
    table = pa.table({**GAMES, "player_id": pa.array(GAMES["player_id"], pa.int16())})
    table = table.rename_columns(["Player ID", "Name", "Date", "PTS", "mp"]).take([4, 3, 2, 1, 0])
    for path in (tmp_path / "raw").iterdir():
        path.unlink()
    (tmp_path / "raw" / "part=a").mkdir()
    pa.csv.write_csv(table.slice(0, 2), tmp_path / "raw" / "part=a" / "z.csv")
    text = table.slice(2).set_column(
        1, "player_name", table["Name"].slice(2).combine_chunks().dictionary_encode()
    )
    pq.write_table(text, tmp_path / "raw" / "a.parquet")
    again = _ingest(tmp_path, options=IngestOptions(part_rows=2, bucket_rows=1))
    assert again.uri == first.uri
    assert (Path(again.uri) / "manifest.json").stat().st_mtime_ns == written


def test_other_data_is_another_dataset(tmp_path: Path) -> None:
    _parquet(tmp_path, "raw/games.parquet", GAMES)
    first = _ingest(tmp_path)
    _parquet(tmp_path, "raw/games.parquet", {**GAMES, "pts": [11, 20, 30, 4, None]})
    assert _ingest(tmp_path).uri != first.uri


def test_bad_rows_are_quarantined_with_reason_source_and_raw_values(tmp_path: Path) -> None:
    players = [str(i) for i in range(40)]
    points = ["5"] * 39 + ["many"]
    columns = {"player": players, "date": ["2024-01-01"] * 40, "points": points}
    _parquet(tmp_path, "raw/games.parquet", columns)
    dataset = _ingest(tmp_path)
    assert dataset.manifest["quarantined"] == {"points is not a finite number": 1}
    (row,) = dataset.quarantine.to_pylist()
    assert row["reason"] == "points is not a finite number: 'many'"
    assert row["source"].endswith("raw/games.parquet")
    assert (row["position"], row["player"], row["date"]) == (39, "39", "2024-01-01")


def test_too_many_bad_rows_refuse_the_run_and_keep_only_the_quarantine(tmp_path: Path) -> None:
    columns = {"player": ["a", "b"], "date": ["2024-01-01", "soon"], "points": [1, 2]}
    _parquet(tmp_path, "raw/games.parquet", columns)
    with pytest.raises(QualityError) as caught:
        _ingest(tmp_path)
    text = str(caught.value)
    assert "1 of 2 rows (50.0%) can't be used; 5.0% are tolerated" in text
    assert "1 x date (game_date) is not a date" in text
    assert "'soon'" in text
    (kept,) = (tmp_path / "home" / "quarantine").iterdir()
    assert str(kept) in text
    assert pq.read_table(kept)["date"].to_pylist() == ["soon"]
    assert not list((tmp_path / "home" / "datasets" / "player_props").iterdir())
    assert len(_ingest(tmp_path, options=IngestOptions(tolerance=0.5)).read_owner("a")) == 1


def test_duplicates_are_dropped_when_equal_and_quarantined_when_not(tmp_path: Path) -> None:
    days = ["2024-01-01"] * 3
    _parquet(tmp_path, "raw/a.parquet", {"player": ["x"] * 3, "date": days, "points": [1, 2, 2]})
    _parquet(tmp_path, "raw/b.parquet", {"player": ["x"], "date": days[:1], "points": [3]})
    dataset = _ingest(tmp_path, options=IngestOptions(tolerance=1.0))
    assert dataset.read_owner("x").numbers["points"].tolist() == [3.0]
    assert sorted(dataset.quarantine["points"].to_pylist()) == ["1", "2", "2"]
    _parquet(tmp_path, "raw/b.parquet", {"player": ["x"], "date": days[:1], "points": [2]})
    (tmp_path / "raw" / "a.parquet").unlink()
    _parquet(tmp_path, "raw/a.parquet", {"player": ["x"] * 2, "date": days[:2], "points": [2, 2]})
    assert _ingest(tmp_path).manifest["duplicates"] == 2


def test_another_table_of_the_folder_is_left_out_and_listed(tmp_path: Path) -> None:
    matches = {
        "match_id": [1],
        "match_datetime": ["2024-01-01"],
        "team_a": ["A"],
        "team_b": ["B"],
        "team_a_win": [True],
    }
    _parquet(tmp_path, "raw/matches.parquet", matches)
    _parquet(tmp_path, "raw/maps.parquet", {"match_id": [1], "map": ["Bind"]})
    (tmp_path / "raw" / "README.md").write_text("words")
    (tmp_path / "raw" / "empty.csv").write_text("")
    dataset = _ingest(tmp_path, MATCH_OUTCOME)
    ignored = dataset.manifest["files_ignored"]
    assert isinstance(ignored, dict)
    assert {Path(uri).name: reason for uri, reason in ignored.items()} == {
        "maps.parquet": "another table: it lacks side, opponent_side, match_time, won",
        "empty.csv": "it is empty",
    }
    assert dataset.manifest["rows"] == 2


def test_a_file_that_lacks_some_required_columns_is_an_error(tmp_path: Path) -> None:
    _parquet(tmp_path, "raw/a.parquet", GAMES)
    _parquet(tmp_path, "raw/b.parquet", {"player": ["x"], "points": [1]})
    with pytest.raises(SchemaError, match=r"b\.parquet: column 'game_date' is missing"):
        _ingest(tmp_path)


def test_only_another_table_is_explained_as_a_missing_column(tmp_path: Path) -> None:
    _parquet(tmp_path, "raw/a.parquet", {"playerz": ["x"], "points": [1]})
    with pytest.raises(SchemaError, match=r"'player' is missing .*closest present: playerz"):
        _ingest(tmp_path)


def test_nothing_but_empty_files_is_an_error(tmp_path: Path) -> None:
    _parquet(tmp_path, "raw/a.parquet", {"player": pa.array([], pa.string())})
    (tmp_path / "raw" / "b.csv").write_text("")
    with pytest.raises(DataError, match="no rows at all"):
        _ingest(tmp_path)


def test_nothing_left_after_exclusion_is_an_error(tmp_path: Path) -> None:
    columns = {"player": ["a"], "date": ["2024-01-01"], "points": [0], "minutes": [0]}
    _parquet(tmp_path, "raw/a.parquet", columns)
    with pytest.raises(DataError, match="no row is left of 1 read"):
        _ingest(tmp_path)


def test_a_mapping_to_a_column_that_no_file_has_is_an_error(tmp_path: Path) -> None:
    _parquet(tmp_path, "raw/a.parquet", GAMES)
    with pytest.raises(SchemaError, match="no file has a column 'ptz'; closest present: pts"):
        _ingest(tmp_path, options=IngestOptions(mapping={"points": "ptz"}))


def test_snapshots_take_extra_columns_and_need_no_time(tmp_path: Path) -> None:
    columns = {
        "CustomerID": ["a", "b", "c"],
        "Churn": ["Yes", "No", "No"],
        "Age": ["30", "41", "52"],
        "Gift": ["y", "n", "x"],
        "Same": [1, 1, 1],
    }
    _parquet(tmp_path, "raw/a.parquet", columns)
    dataset = _ingest(tmp_path, CUSTOMER_CHURN)
    assert dataset.manifest["extra_columns"] == {"age": "Age", "gift": "Gift"}
    assert dataset.manifest["notes"] == ["extra column 'Same' is not used: it is constant"]
    rows = dataset.read_owner("")
    assert rows.keys.tolist() == ["a", "b", "c"]
    assert rows.times.tolist() == [0, 0, 0]
    assert rows.numbers["age"].tolist() == [30.0, 41.0, 52.0]
    assert rows.categories["gift"].tolist() == ["y", "n", "x"]
    assert dataset.blueprint.fingerprint == dataset.manifest["resolved_fingerprint"]


def test_a_segment_owns_its_customers(tmp_path: Path) -> None:
    columns = {"id": ["a", "b", "c"], "churn": [1, 0, 1], "segment": ["home", "firm", "home"]}
    _parquet(tmp_path, "raw/a.parquet", columns)
    dataset = _ingest(tmp_path, CUSTOMER_CHURN)
    assert dataset.entities["owner"].to_pylist() == ["firm", "home"]
    assert dataset.read_owner("home").keys.tolist() == ["a", "c"]


def _matches(rows: Sequence[tuple[str, str, str]], ids: Sequence[int] = ()) -> dict[str, object]:
    first, second, winner = zip(*rows, strict=True)
    columns: dict[str, object] = {
        "date": ["2024-01-01"] * len(rows),
        "team_a": first,
        "team_b": second,
        "result": winner,
    }
    return {**columns, "match_id": ids} if ids else columns


def test_matches_of_a_side_at_one_time_follow_their_order_column(tmp_path: Path) -> None:
    matches = _matches([("A", "B", "A"), ("B", "A", "B"), ("C", "D", "C")], [6, 5, 7])
    _parquet(tmp_path, "raw/a.parquet", {**matches, "match_num": [2, 1, 1]})
    dataset = _ingest(tmp_path, MATCH_OUTCOME)
    start = dataset.read_owner("C").times[0]
    for side, won in (("A", [0.0, 1.0]), ("B", [1.0, 0.0])):
        rows = dataset.read_owner(side)
        assert (rows.times - start).tolist() == [0, 1]
        assert rows.numbers["won"].tolist() == won
        assert rows.keys.tolist() == [f"5:{side}", f"6:{side}"]


def test_matches_whose_order_nobody_knows_do_not_see_each_other(tmp_path: Path) -> None:
    matches = _matches([("A", "B", "A"), ("B", "A", "B"), ("C", "D", "C")], [5, 6, 7])
    _parquet(tmp_path, "raw/a.parquet", matches)
    dataset = _ingest(tmp_path, MATCH_OUTCOME)
    rows = dataset.read_owner("A")
    assert (len(rows), len(set(rows.times.tolist()))) == (2, 1)
    program = compile_program(dataset.blueprint, ["won"])
    everything = dataset.read_bucket(0)
    cross = program.cross([program.summarise(everything)])
    x, _ = program.transform(everything, cross, program.fit_vocabulary(everything))
    assert np.array_equal(x, np.broadcast_to(x[0], x.shape), equal_nan=True)


def test_a_match_listed_twice_is_one_and_a_contradiction_is_quarantined(tmp_path: Path) -> None:
    matches = [("A", "B", "A"), ("B", "A", "A"), ("C", "D", "C"), ("D", "C", "D"), ("E", "E", "E")]
    _parquet(tmp_path, "raw/a.parquet", _matches(matches))
    dataset = _ingest(tmp_path, MATCH_OUTCOME, IngestOptions(tolerance=0.5))
    assert dataset.manifest["rows"] == 4
    assert dataset.manifest["duplicates"] == 1
    assert dataset.read_owner("D").numbers["won"].tolist() == [1.0]
    assert dataset.manifest["quarantined"] == {
        "a side meets itself": 1,
        "another row of the same identity says something else": 1,
    }


def test_a_second_column_under_a_name_of_the_outcome_is_no_feature(tmp_path: Path) -> None:
    left = [0, 1, 0, 1]
    columns = {"customer_id": list("abcd"), "churned": left, "Exited": left, "age": [1, 2, 3, 4]}
    _parquet(tmp_path, "raw/a.parquet", columns)
    dataset = ingest(CUSTOMER_CHURN, [str(tmp_path / "raw")], str(tmp_path / "home"))
    features = [feature.name for feature in dataset.blueprint.features]
    assert features == ["age"]


def test_a_mapped_name_is_known_to_the_blueprint_of_the_dataset(tmp_path: Path) -> None:
    columns = {"customer_id": list("abcd"), "gone": [0, 1, 0, 1], "age": [1, 2, 3, 4]}
    _parquet(tmp_path, "raw/a.parquet", columns)
    options = IngestOptions(mapping={"churned": "gone"})
    home = str(tmp_path / "home")
    dataset = ingest(CUSTOMER_CHURN, [str(tmp_path / "raw")], home, options=options)
    assert "gone" in dataset.blueprint.column("churned").aliases
    again = ingest(dataset.blueprint, [str(tmp_path / "raw")], home)
    assert again.blueprint.column("churned").name == "churned"


def test_the_command_prints_one_line_of_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _parquet(tmp_path, "raw/a.parquet", {**GAMES, "points scored": GAMES["pts"]})
    arguments = ["ingest", "player_props", "--data", str(tmp_path / "raw")]
    arguments += ["--home", str(tmp_path / "home"), "--json"]
    assert main([*arguments, "--map", "points=points scored"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["rows"], answer["entities"]) == (4, 2)
    assert Dataset.open(answer["dataset"]).manifest["rows"] == 4
    assert main([*arguments, "--map", "points=nothing"]) == 2
    assert "SchemaError: mapping points=nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "blueprint"),
    [
        ("telco_churn", CUSTOMER_CHURN),
        ("valorant_vct", MATCH_OUTCOME),
        ("lol_pro_games", MATCH_OUTCOME),
        ("tennis_atp", MATCH_OUTCOME),
    ],
)
def test_real_data_keep_nearly_every_row(
    tmp_path: Path, shared_data: Path, folder: str, blueprint: Blueprint
) -> None:
    if not (shared_data / folder).is_dir():
        pytest.skip(f"no {folder}")
    dataset = ingest(blueprint, [str(shared_data / folder)], str(tmp_path))
    read, rows = int(str(dataset.manifest["rows_read"])), int(str(dataset.manifest["rows"]))
    assert 0.999 * read <= rows / (2 if blueprint.sides else 1) <= read


def test_real_games_keep_every_game_played(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "nba_player_box_scores_recent"
    if not folder.is_dir():
        pytest.skip("no NBA box scores")
    dataset = ingest(PLAYER_PROPS, [str(folder)], str(tmp_path))
    raw = pq.read_table(folder / f"{folder.name}.parquet").to_pylist()
    expected = Counter(str(row["player_id"]) for row in raw if (row["minutes"] or 0) > 0)
    entities = dataset.entities.select(["owner", "rows"]).to_pylist()
    assert {each["owner"]: each["rows"] for each in entities} == expected
