"""Data that comes as bytes, without a place of its own: CSV, Parquet, or rows as JSON."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from tracer_ray.analysis.report import Analysis, analyze_samples
from tracer_ray.analysis.samples import Sample, sample_files, sample_table
from tracer_ray.errors import DataError, TracerError
from tracer_ray.frames import to_arrow

_PARQUET, _ROWS = b"PAR1", b"["


def analyze_bytes(body: bytes) -> Analysis:
    """What `analyze` says of a file with this content, or of a JSON list of rows.

    Raises DataError where it is none of these, or holds no rows; no message names a path.

    >>> analyze_bytes(b"id,churned\\n1,yes\\n2,no\\n").profiles[0].names
    ('id', 'churned')
    """
    is_rows = body.lstrip()[:1] == _ROWS
    return analyze_samples([_rows(body)] if is_rows else _file(body))


def _rows(body: bytes) -> Sample:
    try:
        table = to_arrow(_list_of_rows(json.loads(body)))
    except (ValueError, RecursionError, OverflowError, pa.ArrowException) as error:
        raise DataError(f"expected a JSON list of rows: {error}") from error
    if not len(table) or not table.num_columns:
        raise DataError("no rows at all; nothing to analyze")
    return sample_table(table)


def _list_of_rows(found: object) -> list[dict[str, object]]:
    rows = found if isinstance(found, list) else []
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ValueError(f"element {place} is a {type(row).__name__}, not a row")
    return rows


def _file(body: bytes) -> tuple[Sample, ...]:
    """The sample of a file, as if it lay in the folder in which the next command is typed."""
    name = "data.parquet" if body.startswith(_PARQUET) else "data.csv"
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(body)
        try:
            samples = sample_files([str(file)])
        except TracerError as error:
            raise DataError(str(error).replace(f"{folder}/", "")) from error
    return tuple(replace(each, source=name) for each in samples)
