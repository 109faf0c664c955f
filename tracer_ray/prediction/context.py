"""What a release knows of an entity as of now: what answers for it, its recent past, its newest
values.

The features are those of its own past, taken from the path that gives a next row its features.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.feature_program.series import Moments
from tracer_ray.feature_program.state import OWNERS
from tracer_ray.feature_program.wording import describe, shown, unit_of
from tracer_ray.features import Feature
from tracer_ray.horizon import next_midnight
from tracer_ray.prediction.questions import microseconds, moment_text
from tracer_ray.rows import Float32Array, FloatArray, TextArray

if TYPE_CHECKING:
    from tracer_ray.prediction.predictor import Predictor

NEWEST = 10
Context = dict[str, object]


def contexts(
    predictor: "Predictor", names: Sequence[str], now: datetime | None = None
) -> list[Context | RequestError]:
    """What is known of each name (an owner's key or label), or an error, in their order.

    Every one is an error where the blueprint's rows have no entity.
    """
    entity = predictor.blueprint.entity
    if entity is None:
        none = RequestError(f"{predictor.blueprint.id}: its rows have no entity with a past")
        return [none] * len(names)
    owners = [predictor.owner_of(name) for name in names]
    known = [owner for owner in owners if owner in predictor.owners]
    found = dict(zip(known, _contexts(predictor, known, _instant(predictor, now)), strict=True))
    return [
        found.get(owner) or _unknown(predictor, entity.name, name)
        for owner, name in zip(owners, names, strict=True)
    ]


@dataclass(frozen=True)
class _Shown:
    """A feature of the own past, in words."""

    feature: Feature
    place: int
    description: str
    unit: str


def _contexts(predictor: "Predictor", owners: Sequence[str], instant: int) -> list[Context]:
    if not owners:
        return []
    names = np.array(owners, dtype=object)
    times = np.full(len(owners), instant, np.int64)
    past = predictor.program.next_past(predictor.state, names, Moments(times, times))
    features = {target: _features(predictor, target) for target in predictor.targets}
    newest = {target: _newest(predictor, target, names) for target in predictor.targets}
    return [
        {
            "blueprint": predictor.blueprint.id,
            "entity": owner,
            "label": predictor.owners[owner].label,
            "rows": predictor.owners[owner].rows,
            "last_seen": _last_seen(predictor, owner),
            "as_of": predictor.as_of,
            "release": predictor.name,
            "targets": {
                target: {
                    **_answering(predictor, target, owner),
                    "newest": newest[target][row],
                    "past": _past(predictor, features[target], past[row]),
                }
                for target in predictor.targets
            },
        }
        for row, owner in enumerate(owners)
    ]


def _answering(predictor: "Predictor", target: str, owner: str) -> Context:
    """What answers for it, and why."""
    record = predictor.targets[target].records.get(owner)
    return {
        "level": record.level.value if record else "pooled",
        "reason": record.reason if record else "it has no record for this target",
        "unit": predictor.blueprint.target(target).unit,
    }


def _features(predictor: "Predictor", target: str) -> list[_Shown]:
    """The features of the own past that the models of a target read."""
    blueprint, wanted = predictor.blueprint, set(predictor.targets[target].positions.tolist())
    positions = predictor.program.owners.positions.tolist()
    return [
        _Shown(own, position, describe(own, blueprint), unit_of(own, blueprint))
        for position in positions
        if position in wanted
        for own in (_alone(predictor.program.features[position]),)
    ]


def _alone(feature: Feature) -> Feature:
    """A feature before the opponent's is taken from it."""
    return replace(feature, name=feature.name.removeprefix("versus_"), versus=False)


def _past(
    predictor: "Predictor", features: Sequence[_Shown], values: Float32Array
) -> list[Context]:
    return [
        {
            "feature": each.feature.name,
            "description": each.description,
            "value": shown(each.feature, float(values[each.place]), predictor.vocabulary),
            "unit": each.unit,
        }
        for each in features
    ]


def _newest(predictor: "Predictor", target: str, names: TextArray) -> list[list[float]]:
    """The newest values of a target per name, the newest first, as far as they are kept."""
    history = predictor.program.owners
    states = predictor.state.take(OWNERS, names, history.width)
    values: FloatArray = history.newest(target, states, NEWEST)
    return [np.round(row[np.isfinite(row)], 6).tolist() for row in values]


def _instant(predictor: "Predictor", now: datetime | None) -> int:
    """The instant from which the past is seen: after all that is known, or the first coming day."""
    until = predictor.data_until or 0
    if predictor.blueprint.horizon_days:
        return next_midnight(until)
    return max(microseconds(now or datetime.now(UTC)), until + 1)


def _last_seen(predictor: "Predictor", owner: str) -> str | None:
    known = predictor.known_until.get(owner)
    return moment_text(known) if known is not None else None


def _unknown(predictor: "Predictor", entity: str, name: str) -> UnknownEntityError:
    close = predictor.similar(name)
    hint = f"; closest are {', '.join(close)}" if close else ""
    return UnknownEntityError(f"nothing is known of {entity} {name[:60]!r}{hint}")
