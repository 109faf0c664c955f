"""The predictor: a whole release in memory, answering for rows by one path.

Requests, scoring and evaluation differ only in where their features come from: the update path for
a next row, the full path for rows in order.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np

from tracer_ray.baselines import naive_forecast
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.newest_rows import NewestRows
from tracer_ray.data.times import microseconds
from tracer_ray.errors import ReleaseError, RequestError
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.prediction.answers import Answered, Reply, reply
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.ranking import ranked
from tracer_ray.prediction.requests import Request
from tracer_ray.prediction.target_models import TargetModels, load_own, load_pooled
from tracer_ray.releases.refreshed_state import read_refreshed_state
from tracer_ray.releases.release import Release
from tracer_ray.releases.tables import EntityRecord, Level, StoredModel
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.calibration import Calibrator
from tracer_ray.uncertainty.distribution import Distribution
from tracer_ray.uncertainty.survival import SurvivalByRisk
from tracer_ray.uncertainty.totals import TotalError
from tracer_ray.uncertainty.uncertainty import NAIVE, Uncertainty

Notes = Mapping[str, object]


class Predictor(LoadedRelease):
    """A loaded release that answers."""

    @classmethod
    def open(cls, uri: str, state_uri: str = "") -> "Predictor":
        """Load a release whole, with the state that newer rows left where there is one.

        Raises ReleaseError where a file is absent or altered, or the state is another release's.
        """
        return load_predictor(Release.open(uri), state_uri)

    def answer(
        self, requests: Sequence[Request], now: datetime | None = None
    ) -> list[Answered | RequestError]:
        """An answer or error per request, in their order; none depends on another but in its rank.

        A row without a time happens `now`, the present unless told. An unknown entity is an
        UnknownEntityError.
        """
        replies = self.reply(requests, now or datetime.now(UTC))
        return ranked(self.blueprint, [each.said for each in replies])

    def reply(self, requests: Sequence[Request], now: datetime) -> list[Reply]:
        """The same answers and errors without ranks, each with what it was made of."""
        return reply(self, requests, microseconds(now))


def load_predictor(release: Release, state_uri: str = "") -> Predictor:
    """Everything a release says, in memory, knowing newer rows where a state of them is named."""
    refreshed = read_refreshed_state(state_uri) if state_uri else None
    if refreshed and refreshed.release != release.name:
        raise ReleaseError(
            f"{state_uri} is of release {refreshed.release}, not of {release.name}; refresh again"
        )
    blueprint = release.blueprint()
    program = compile_program(blueprint, release.manifest.targets)
    stored, records = release.models(), release.entities()
    notes = cast(dict[str, Notes], release.calibration())
    vocabulary = cast(dict[str, list[str]], release.vocabulary())
    arrays = release.calibration_arrays()
    newest = refreshed.newest_rows if refreshed else None
    newest = newest or release.newest_rows()
    return Predictor(
        release=release,
        blueprint=blueprint,
        program=program,
        state=refreshed.state if refreshed else FeatureState.from_arrays(release.state()),
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
        responses={each.owner: each for each in release.responses()},
        refreshed=refreshed,
        newest_rows=NewestRows(newest) if newest else None,
        usual_values=release.usual_values(),
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
    totals = cast(list[dict[str, float]], notes["totals"])
    survival = cast(Notes | None, notes.get("survival"))
    answer = blueprint.target(target).answer
    names = [feature.name for feature in blueprint.features_for(target)]
    constant = float(str(notes["constant"]))
    return TargetModels(
        target=target,
        answer=answer,
        positions=program.positions(names),
        pooled=load_pooled(stored, answer),
        own=load_own(stored, answer),
        records=records,
        naive=naive_forecast(blueprint, target, str(notes["baseline"]), constant),
        uncertainty=Uncertainty(
            calibrator=Calibrator.from_json(calibrator) if calibrator else None,
            distribution=Distribution.from_arrays(arrays) if arrays else None,
            has_draws=bool(notes["has_draws"]),
            totals=tuple(map(TotalError.from_json, totals)),
            naive=Distribution.from_arrays(naive) if (naive := _of_target(arrays, NAIVE)) else None,
            survival=SurvivalByRisk.from_json(survival) if survival else None,
        ),
        decision=blueprint.target(target).decision,
        standing=Level(str(notes.get("level", Level.POOLED))),
        reason=str(notes.get("reason", "")),
        spread=tuple(program.positions(blueprint.target(target).spread).tolist()),
        tails=blueprint.tails,
        lifetime=blueprint.lifetime,
    )


def _of_target(
    arrays: Mapping[str, np.ndarray[tuple[int, ...], Any]], target: str
) -> dict[str, FloatArray]:
    prefix = f"{target}/"
    return {
        name.removeprefix(prefix): array.astype(np.float64)
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
