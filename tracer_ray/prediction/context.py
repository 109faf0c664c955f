"""What a release knows of an entity as of now: what answers for it, its recent past, its newest
values.

The features are those of its own past, taken from the path that gives a next row its features, and
with something said of the row to come (its opponent) those that depend on that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

import numpy as np

from tracer_ray.data.times import microseconds, moment_text
from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.feature_program.series import Moments
from tracer_ray.feature_program.state import OWNERS
from tracer_ray.feature_program.wording import describe, shown, unit_of
from tracer_ray.features import Feature
from tracer_ray.prediction.coming import Features, coming_features
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.rows import Float32Array, FloatArray, TextArray

NEWEST = 10
NOTHING_SAID: Mapping[str, object] = MappingProxyType({})
Context = dict[str, object]


def contexts(
    loaded: LoadedRelease,
    names: Sequence[str],
    now: datetime | None = None,
    coming: Mapping[str, object] = NOTHING_SAID,
) -> list[Context | RequestError]:
    """What is known of each name (an owner's key or label), or an error, in their order.

    `coming` are fields of a row to come, the same for all. Every one is an error where the
    blueprint's rows have no entity, or where such a field makes no sense.
    """
    entity = loaded.blueprint.entity
    if entity is None:
        none = RequestError(f"{loaded.blueprint.id}: its rows have no entity with a past")
        return [none] * len(names)
    owners = [loaded.owner_of(name) for name in names]
    known = [owner for owner in dict.fromkeys(owners) if owner in loaded.owners]
    instant = _instant(loaded, now)
    told = _contexts(loaded, known, instant)
    found: dict[str, Context | RequestError] = dict(zip(known, told, strict=True))
    if coming:
        of_rows = coming_features(loaded, known, coming, instant)
        found = dict(zip(known, map(_with_coming, told, of_rows), strict=True))
    return [
        found.get(owner) or _unknown(loaded, entity.name, name)
        for owner, name in zip(owners, names, strict=True)
    ]


@dataclass(frozen=True)
class _Shown:
    """A feature of the own past, in words."""

    feature: Feature
    place: int
    description: str
    unit: str


def _with_coming(
    context: Context, features: Mapping[str, Features] | RequestError
) -> Context | RequestError:
    if isinstance(features, RequestError):
        return features
    of_targets = cast(Mapping[str, Context], context["targets"])
    targets = {name: {**each, "coming": features[name]} for name, each in of_targets.items()}
    return {**context, "targets": targets}


def _contexts(loaded: LoadedRelease, owners: Sequence[str], instant: int) -> list[Context]:
    if not owners:
        return []
    names = np.array(owners, dtype=object)
    times = np.full(len(owners), instant, np.int64)
    past = loaded.program.next_past(loaded.state, names, Moments(times, times))
    features = {target: _features(loaded, target) for target in loaded.targets}
    newest = {target: _newest(loaded, target, names) for target in loaded.targets}
    return [
        {
            "blueprint": loaded.blueprint.id,
            "entity": owner,
            "label": loaded.owners[owner].label,
            "rows": loaded.owners[owner].rows,
            "last_seen": _last_seen(loaded, owner),
            "as_of": loaded.as_of,
            "release": loaded.name,
            "targets": {
                target: {
                    **_answering(loaded, target, owner),
                    "newest": newest[target][row],
                    "past": _past(loaded, features[target], past[row]),
                }
                for target in loaded.targets
            },
        }
        for row, owner in enumerate(owners)
    ]


def _answering(loaded: LoadedRelease, target: str, owner: str) -> Context:
    """What answers for it, and why."""
    record = loaded.targets[target].records.get(owner)
    return {
        "level": record.level.value if record else "pooled",
        "reason": record.reason if record else "it has no record for this target",
        "unit": loaded.blueprint.target(target).unit,
    }


def _features(loaded: LoadedRelease, target: str) -> list[_Shown]:
    """The features of the own past that the models of a target read."""
    blueprint, wanted = loaded.blueprint, set(loaded.targets[target].positions.tolist())
    positions = loaded.program.owners.positions.tolist()
    return [
        _Shown(own, position, describe(own, blueprint), unit_of(own, blueprint))
        for position in positions
        if position in wanted
        for own in (_alone(loaded.program.features[position]),)
    ]


def _alone(feature: Feature) -> Feature:
    """A feature before the opponent's is taken from it."""
    return replace(feature, name=feature.name.removeprefix("versus_"), versus=False)


def _past(loaded: LoadedRelease, features: Sequence[_Shown], values: Float32Array) -> list[Context]:
    return [
        {
            "feature": each.feature.name,
            "description": each.description,
            "value": shown(each.feature, float(values[each.place]), loaded.vocabulary),
            "unit": each.unit,
        }
        for each in features
    ]


def _newest(loaded: LoadedRelease, target: str, names: TextArray) -> list[list[float]]:
    """The newest values of a target per name, the newest first, as far as they are kept."""
    history = loaded.program.owners
    states = loaded.state.take(OWNERS, names, history.width)
    values: FloatArray = history.newest(target, states, NEWEST)
    return [np.round(row[np.isfinite(row)], 6).tolist() for row in values]


def _instant(loaded: LoadedRelease, now: datetime | None) -> int:
    """The instant from which the past is seen: after all that is known, or the first coming day."""
    until = loaded.data_until or 0
    if loaded.blueprint.horizon_steps:
        return loaded.blueprint.period.begin(until, after=1)
    return max(microseconds(now or datetime.now(UTC)), until + 1)


def _last_seen(loaded: LoadedRelease, owner: str) -> str | None:
    known = loaded.known_until.get(owner)
    return moment_text(known) if known is not None else None


def _unknown(loaded: LoadedRelease, entity: str, name: str) -> UnknownEntityError:
    close = loaded.similar(name)
    hint = f"; closest are {', '.join(close)}" if close else ""
    return UnknownEntityError(f"nothing is known of {entity} {name[:60]!r}{hint}")
