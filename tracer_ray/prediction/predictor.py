"""The predictor: a whole release in memory, answering for rows by one path.

Requests, scoring and evaluation differ only in where their features come from: the update path for
a next row, the full path for rows in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import RequestError
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.features import TARGET
from tracer_ray.prediction.target_models import TargetModels, load_own, load_pooled
from tracer_ray.releases.release import Release
from tracer_ray.releases.tables import EntityRecord, StoredModel
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.calibration import Calibrator
from tracer_ray.uncertainty.distribution import Distribution
from tracer_ray.uncertainty.uncertainty import Uncertainty

Notes = Mapping[str, object]


@dataclass(frozen=True)
class Predictor:
    """A release, loaded: its program, the state of its past, and the models of its targets."""

    release: Release
    blueprint: Blueprint
    program: FeatureProgram
    state: FeatureState
    vocabulary: Vocabulary
    targets: Mapping[str, TargetModels]

    @classmethod
    def open(cls, uri: str) -> "Predictor":
        """Load a release whole; ReleaseError where a file is absent or altered."""
        return load_predictor(Release.open(uri))

    def target(self, name: str) -> TargetModels:
        """The models of a target, by name or alias; RequestError naming the known ones."""
        known = {
            each: target.name
            for target in self.blueprint.targets
            for each in (target.name, *target.aliases)
            if target.name in self.targets
        }
        if name not in known:
            raise RequestError(
                f"no target {name!r} in {self.name}; it has {', '.join(self.targets)}"
            )
        return self.targets[known[name]]

    @property
    def name(self) -> str:
        """The release's id."""
        return self.release.name

    @cached_property
    def last_seen(self) -> dict[str, str]:
        """When each owner was last seen, as ISO text."""
        return {owner: record.last_seen for owner, record in self.owners.items()}

    @cached_property
    def owners(self) -> dict[str, EntityRecord]:
        """One record per owner that has a history here."""
        first = next(iter(self.targets.values()))
        return dict(first.records)

    @cached_property
    def labels(self) -> dict[str, str]:
        """The owner behind each readable name, in lower case; shared names belong to the newest."""
        ordered = sorted(self.owners.values(), key=lambda record: record.last_seen)
        return {record.label.casefold(): record.owner for record in ordered}

    def owner_of(self, name: str) -> str:
        """The owner of that key or label; the name itself where it is unknown."""
        return name if name in self.owners else self.labels.get(name.casefold(), name)


def load_predictor(release: Release) -> Predictor:
    """Everything a release says, in memory."""
    blueprint = release.blueprint()
    program = compile_program(blueprint, release.manifest.targets)
    stored, records = release.models(), release.entities()
    notes = cast(dict[str, Notes], release.calibration())
    vocabulary = cast(dict[str, list[str]], release.vocabulary())
    arrays = release.calibration_arrays()
    return Predictor(
        release=release,
        blueprint=blueprint,
        program=program,
        state=FeatureState.from_arrays(release.state()),
        vocabulary=Vocabulary({name: tuple(values) for name, values in vocabulary.items()}),
        targets={
            target: _target_models(
                (blueprint, program, target),
                tuple(each for each in stored if each.target == target),
                {each.owner: each for each in records if each.target == target},
                (notes[target], _of_target(arrays, target)),
            )
            for target in release.manifest.targets
        },
    )


def _target_models(
    what: tuple[Blueprint, FeatureProgram, str],
    stored: tuple[StoredModel, ...],
    records: Mapping[str, EntityRecord],
    calibration: tuple[Notes, Mapping[str, FloatArray]],
) -> TargetModels:
    blueprint, program, target = what
    notes, arrays = calibration
    calibrator = cast(dict[str, str | list[float]] | None, notes["calibrator"])
    answer = blueprint.target(target).answer
    names = [feature.name for feature in blueprint.features_for(target)]
    feature = _baseline_feature(blueprint, target, str(notes["baseline"]))
    return TargetModels(
        target=target,
        answer=answer,
        positions=program.positions(names),
        pooled=load_pooled(stored, answer),
        own=load_own(stored),
        records=records,
        baseline=names.index(feature) if feature else -1,
        constant=float(str(notes["constant"])),
        uncertainty=Uncertainty(
            calibrator=Calibrator.from_json(calibrator) if calibrator else None,
            distribution=Distribution.from_arrays(arrays) if arrays else None,
            has_draws=bool(notes["has_draws"]),
        ),
    )


def _baseline_feature(blueprint: Blueprint, target: str, name: str) -> str:
    baseline = next(each for each in blueprint.baselines if each.name == name)
    return baseline.feature.replace(TARGET, target)


def _of_target(
    arrays: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]], target: str
) -> dict[str, FloatArray]:
    prefix = f"{target}/"
    return {
        name.removeprefix(prefix): array.astype(np.float64)
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
