"""Analyses over HTTP: what the command says, of bytes from anybody, and nothing of this machine."""

import asyncio
import json
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.served import Served, client_of
from tests.spellings import table_of
from tracer_ray.cli import main
from tracer_ray.serving.analysis_api import MOST_BYTES
from tracer_ray.serving.champions import Champions

NOBODY = Champions("nowhere")
CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.dictionaries(st.text(max_size=5), CELLS | st.lists(CELLS), max_size=4), max_size=4)
    .map(json.dumps)
    .map(str.encode),
    st.binary(max_size=60).map(lambda rest: b"PAR1" + rest + b"PAR1"),
)


def _post(body: bytes) -> httpx.Response:
    async def send() -> httpx.Response:
        async with client_of(Served(NOBODY)) as client:
            return await client.post("/analyze", content=body)

    return asyncio.run(send())


def _file(folder: Path, ending: str) -> Path:
    path, table = folder / f"data.{ending}", table_of("leads")
    if ending == "csv":
        pc_csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_it_says_what_the_command_says(
    ending: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = _file(tmp_path, ending)
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", path.name, "--json"]) == 0
    assert _post(path.read_bytes()).json() == json.loads(capsys.readouterr().out)


def test_rows_as_json_are_analyzed_as_a_file_of_them_is(tmp_path: Path) -> None:
    rows = table_of("leads").to_pylist()
    of_rows, of_file = (
        _post(body).json()
        for body in (json.dumps(rows).encode(), _file(tmp_path, "csv").read_bytes())
    )
    names = [
        [(each["blueprint"], each["score"], each["mapping"]) for each in found["suggestions"]]
        for found in (of_rows, of_file)
    ]
    assert [each[0] for each in names[0]] == [each[0] for each in names[1]]
    assert names[0][0] == names[1][0]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "data.csv: no rows at all"),
        (b"a,b\n", "data.csv: a header and no rows"),
        (b"PAR1 is no Parquet", "data.parquet: "),
        (b"[1, 2]", "expected a JSON list of rows"),
        (b"[{]", "expected a JSON list of rows"),
        (b"[]", "no rows at all"),
        (b"[{}]", "no rows at all"),
        (b"a,b\n" + bytes(range(128, 256)), "data.csv: byte 4 is no UTF-8"),
    ],
)
def test_what_is_no_data_is_a_problem_that_names_no_path(body: bytes, detail: str) -> None:
    reply = _post(body)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert detail in reply.json()["detail"]
    assert "/tmp" not in reply.text
    assert ".py" not in reply.text


def test_bytes_that_are_no_text_are_a_problem() -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": pa.array([b"\xff", b"\xfe"])}), sink)
    assert "a column can't be read" in _post(sink.getvalue().to_pybytes()).json()["detail"]


def test_more_than_is_read_is_refused() -> None:
    assert _post(b"a" * (MOST_BYTES + 1)).status_code == 413


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of pyarrow
@settings(max_examples=150)
@given(BODIES)
def test_no_body_breaks_it(body: bytes) -> None:
    assert _post(body).status_code in (200, 422)
