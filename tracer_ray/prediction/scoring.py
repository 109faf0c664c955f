"""A table of requests, and the same table with its answers."""

import json

import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Source
from tracer_ray.errors import RequestError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.request_fields import EXPLAIN, EXPLANATION

PREFIX = "predicted_"


def score_table(predictor: Predictor, table: pa.Table, has_reasons: bool = True) -> pa.Table:
    """The rows with a column per field of the answer, and `error`, which is "" where there is one.

    An answer's field that the table has already is named `predicted_<field>`. Numbers have to be
    written with points: a batch of a file must not be read in another way than the next one.
    Without reasons, answers that usually have some have null there.
    """
    asked: dict[str, object] = {} if has_reasons else {EXPLAIN: False}
    answers = predictor.answer(
        [_known(predictor, request) | asked for request in table.to_pylist()]
    )
    errors = [str(each) if isinstance(each, RequestError) else "" for each in answers]
    names = dict.fromkeys(
        name for each in answers if not isinstance(each, RequestError) for name in each
    )
    columns = {name: table[name] for name in table.column_names}
    as_json = _written_as_json(predictor.blueprint)
    for name in names:
        values = [None if isinstance(each, RequestError) else each.get(name) for each in answers]
        columns[PREFIX + name if name in columns else name] = _column(values, name in as_json)
    return pa.table({**columns, "error": pa.array(errors, pa.string())})


def _written_as_json(blueprint: Blueprint) -> set[str]:
    """The fields that are lists, and null in batches without reasons."""
    listed = (Source.REASONS, Source.PROTOCOLS)
    return {EXPLANATION, *(field.name for field in blueprint.output if field.source in listed)}


def _column(values: list[object], as_json: bool) -> pa.Array:
    """One type per field whatever the batch holds: text, numbers, or JSON for anything else."""
    known = [] if as_json else [value for value in values if value is not None]
    if known and all(isinstance(value, str) for value in known):
        return pa.array(values, pa.string())
    if not as_json and all(isinstance(value, int | float) for value in known):
        return pa.array(values, pa.float64())
    written = [None if value is None else json.dumps(value) for value in values]
    return pa.array(written, pa.string())


def _known(predictor: Predictor, request: dict[str, object]) -> dict[str, object]:
    """What the predictor reads of a row; a folder may have columns beyond it."""
    return {
        name: value
        for name, value in request.items()
        if value not in (None, "") and predictor.accepts(name)
    }
