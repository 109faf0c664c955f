"""The path that takes outcomes: what became of what was predicted."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.blueprint import Blueprint
from tracer_ray.data.schema import raw_table
from tracer_ray.errors import RequestError
from tracer_ray.experiments.outcomes import OutcomeLog
from tracer_ray.prediction.outcomes import Outcome, Settled, read_outcomes
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import plain
from tracer_ray.serving.api_document import FAILURES
from tracer_ray.serving.body import read_json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.many import each_told, list_body, list_of
from tracer_ray.serving.meter import OUTCOME_ROWS, Meter
from tracer_ray.serving.problems import problem_of

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_ROWS = 1_000
Row = Mapping[str, object]
Taken = list[int | RequestError]
TakeOutcomes = Callable[[str, Sequence[Row]], Awaitable[Taken]]


def add_outcomes(app: "FastAPI", take: TakeOutcomes) -> None:
    """Let an application take outcomes; `take` raises ProblemError where nobody can."""

    @app.post(
        "/outcomes/{blueprint}",
        summary=f"What became of up to {MOST_ROWS} rows, each stored or refused on its own",
        openapi_extra=list_body("rows", MOST_ROWS, "object"),
        responses=FAILURES,
    )
    async def outcomes(blueprint: str, request: Request) -> Response:
        rows = list_of(await read_json(request), "rows", MOST_ROWS, "outcomes")
        taken = await take(blueprint, rows)
        said = [problem_of(x) if isinstance(x, RequestError) else {"stored": x} for x in taken]
        return each_told("rows", said)


def take_outcomes(
    champions: Champions, log: OutcomeLog, blueprint: str, rows: Sequence[Row], meter: Meter
) -> Taken | None:
    """How many outcomes each row says, all stored, or why it says none.

    None where no release of the blueprint is loaded here; StorageError where nothing was stored.
    """
    predictor = champions.predictor(blueprint)
    if predictor is None:
        return None
    settled = _read(predictor, rows)
    result = "failed"
    try:
        _store(log, predictor.blueprint, settled)
        result = "stored"
    finally:
        meter.record(OUTCOME_ROWS, len(settled.outcomes), blueprint, result)
        meter.record(OUTCOME_ROWS, len(settled.errors), blueprint, "refused")
    return [
        settled.errors[row] if row in settled.errors else len(settled.outcomes[row])
        for row in range(len(rows))
    ]


def _store(log: OutcomeLog, blueprint: Blueprint, settled: Settled) -> None:
    log.store(
        blueprint.id,
        (each for position in sorted(settled.outcomes) for each in settled.outcomes[position]),
        datetime.now(UTC),
        adds=blueprint.adds_up,
    )


def _read(predictor: Predictor, rows: Sequence[Row]) -> Settled:
    """The outcomes of all rows; those of equal fields and types are read together."""
    groups: dict[tuple[tuple[str, type], ...], dict[int, Row]] = {}
    errors: dict[int, RequestError] = {}
    for position, row in enumerate(rows):
        try:
            values = _values(row)
        except RequestError as error:
            errors[position] = error
            continue
        kinds = tuple((name, type(value)) for name, value in values.items())
        groups.setdefault(kinds, {})[position] = values
    found: dict[int, Sequence[Outcome]] = {}
    for group in groups.values():
        positions = list(group)
        part = read_outcomes(predictor, raw_table(list(group.values())))
        found |= {positions[row]: each for row, each in part.outcomes.items()}
        errors |= {positions[row]: error for row, error in part.errors.items()}
    return Settled(found, errors)


def _values(row: object) -> Row:
    if not isinstance(row, Mapping) or not row:
        raise RequestError("expected an object of fields: what the row is about, and its outcome")
    return {name: plain(name, value) for name, value in row.items() if value is not None}
