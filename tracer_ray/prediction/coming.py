"""What a prediction would read of a row to come beyond the past of its entity."""

from collections.abc import Mapping, Sequence

from tracer_ray.errors import RequestError
from tracer_ray.feature_program.wording import describe, shown, unit_of
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.next_rows import next_rows
from tracer_ray.rows import Float32Array

Features = Sequence[Mapping[str, object]]


def coming_features(
    loaded: LoadedRelease, owners: Sequence[str], said: Mapping[str, object], instant: int
) -> list[Mapping[str, Features] | RequestError]:
    """Per owner the features of each target that are not of its own past alone, or an error.

    `said` are fields of a request, the same for all owners; the row happens at the `instant`
    (microseconds, UTC) unless they say when.
    """
    blueprint = loaded.blueprint
    assert blueprint.entity is not None
    field = blueprint.sides.pairs[0].first[0] if blueprint.sides else blueprint.entity.name
    read = loaded.reader.read([{**said, field: owner} for owner in owners])
    found: dict[int, Mapping[str, Features] | RequestError] = dict(read.errors)
    if read.positions:
        rows = next_rows(read.table, blueprint, instant)
        values = loaded.program.transform_next(loaded.state, loaded.vocabulary, rows.views)
        shown_rows = [_shown(loaded, row) for row in values[rows.first]]
        found |= dict(zip(read.positions, shown_rows, strict=True))
    return [found[place] for place in range(len(owners))]


def _shown(loaded: LoadedRelease, values: Float32Array) -> Mapping[str, Features]:
    return {
        target: [
            {
                "feature": feature.name,
                "description": describe(feature, loaded.blueprint),
                "value": shown(feature, float(values[place]), loaded.vocabulary),
                "unit": unit_of(feature, loaded.blueprint),
            }
            for place in _places(loaded, target)
            for feature in (loaded.program.features[place],)
        ]
        for target in loaded.targets
    }


def _places(loaded: LoadedRelease, target: str) -> list[int]:
    """The features that the models of a target read of more than the own past."""
    own = set(loaded.program.owners.positions.tolist())
    read: list[int] = loaded.targets[target].positions.tolist()
    return [place for place in read if place not in own or loaded.program.features[place].versus]
