"""`tracer analyze` for people and for machines."""

import json
from pathlib import Path

import pyarrow.csv as pc_csv
import pytest

from tests.spellings import table_of
from tracer_ray.cli import main


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "leads.csv"
    pc_csv.write_csv(table_of("leads"), path)
    return str(path)


def test_people_read_the_columns_the_blueprint_and_what_to_type(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", file]) == 0
    said = capsys.readouterr().out
    assert "all 400 rows" in said
    assert f"next: tracer deploy {file} --blueprint lead_scoring" in said


def test_machines_read_the_same(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first = found["suggestions"][0]
    assert first["blueprint"] == "lead_scoring"
    assert first["is_ready"]
    assert 0.0 <= first["score"] <= 1.0
    assert first["mapping"]["converted"] == "Converted"
    assert {each["name"] for each in found["data"][0]["columns"]} >= {"Lead Source"}


def test_what_is_not_there_is_a_clear_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "nowhere.csv"]) == 2
    assert "nothing is there" in capsys.readouterr().err
