"""An example request to a release, from what the release itself knows."""

from datetime import datetime, timedelta

import numpy as np

from tracer_ray.blueprint import Answer, Column, Kind, Role
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request

_CATEGORIES = 3


def example_request(predictor: Predictor) -> Request:
    """A request that the release can answer: about whom it knows best, with every kind of field."""
    blueprint = predictor.blueprint
    known = sorted(predictor.owners.values(), key=lambda each: (each.last_seen, each.rows))
    if blueprint.sides and len(known) > 1:
        pair = blueprint.sides.pairs[0]
        request: dict[str, object] = {
            pair.first[0]: known[-1].owner,
            pair.second[0]: known[-2].owner,
        }
    elif blueprint.entity:
        request = {blueprint.entity.name: known[-1].owner if known else ""}
    else:
        request = _snapshot(predictor) or _day_after(predictor)
    if len(predictor.targets) > 1:
        request["target"] = next(iter(predictor.targets))
    models = next(iter(predictor.targets.values()))
    if models.answer is Answer.NUMBER:
        line = int(models.naive.constant) + 0.5
        request |= {"line": line, "over_odds": -110, "under_odds": -110}
    return request


def _snapshot(predictor: Predictor) -> dict[str, object]:
    """A row without a past: its id, a few numbers, and categories as they were seen in training.

    Where the release keeps rows, the id of the newest one says all.
    """
    blueprint, values = predictor.blueprint, predictor.vocabulary.values
    row, newest = blueprint.role(Role.ROW), predictor.newest_rows
    if row and newest and len(newest.table):
        return {row.name: newest.latest}
    request: dict[str, object] = {row.name: "example"} if row else {}
    for column in blueprint.columns:
        if column.role is Role.KNOWN and column.kind is Kind.NUMBER:
            request[column.name] = _number(column)
    seen = [name for name in values if values[name]]
    return request | {name: values[name][0] for name in seen[:_CATEGORIES]}


def _day_after(predictor: Predictor) -> dict[str, object]:
    """The day after the last one of a series without a name; a forecast needs no day."""
    time = predictor.blueprint.time
    if time is None or predictor.blueprint.horizon_days:
        return {}
    last = max(each.last_seen for each in predictor.owners.values())
    return {time.name: str((datetime.fromisoformat(last) + timedelta(days=1)).date())}


def _number(column: Column) -> float:
    """A dozen, or what the column allows that is nearest to it.

    >>> _number(Column("rate", Kind.NUMBER, Role.KNOWN, "a rate", minimum=0.0, maximum=1.0))
    1.0
    """
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    return float(min(max(12.0, low), high))
