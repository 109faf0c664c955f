"""An example request to a release, from what the release itself knows."""

from datetime import datetime, timedelta

from tracer_ray.blueprint import Role
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request


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
    elif row := blueprint.role(Role.ROW):
        request = _snapshot(predictor, row.name)
    else:
        request = _day_after(predictor)
    if len(predictor.targets) > 1:
        request["target"] = next(iter(predictor.targets))
    if blueprint.takes_line:
        line = int(next(iter(predictor.targets.values())).naive.constant) + 0.5
        request |= {"line": line}
    if blueprint.takes_odds:
        request |= {"over_odds": -110, "under_odds": -110}
    return request


def _snapshot(predictor: Predictor, row: str) -> dict[str, object]:
    """A row without a past: its id, and what rows usually said in training.

    Where the release keeps rows, the id of the newest one says all.
    """
    newest = predictor.newest_rows
    if newest and len(newest.table):
        return {row: newest.latest}
    return {row: "example", **predictor.usual_values}


def _day_after(predictor: Predictor) -> dict[str, object]:
    """What follows the last row of what has no name; a forecast needs neither day nor values."""
    time = predictor.blueprint.time
    if predictor.blueprint.horizon_steps:
        return {}
    if time is None:
        return dict(predictor.usual_values)
    last = max(each.last_seen for each in predictor.owners.values())
    day = str((datetime.fromisoformat(last) + timedelta(days=1)).date())
    return {time.name: day, **predictor.usual_values}
