"""A release's contents, put together from what the stages of a run left behind."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import cast

import numpy as np
import numpy.typing as npt

from tracer_ray.data.newest_rows import newest_rows
from tracer_ray.data.usual_values import usual_values
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.releases.manifest import Origin
from tracer_ray.releases.release import LIBRARIES, ReleaseContents
from tracer_ray.releases.tables import Level, StoredModel
from tracer_ray.report.contents import (
    NO_CHECKS,
    CandidateResult,
    Checks,
    StageCost,
    TargetReport,
    TrainingReport,
)
from tracer_ray.rows import FloatArray
from tracer_ray.splits import stable_hashes
from tracer_ray.training.conclusion import Conclusion
from tracer_ray.training.enrolment import Fleet
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.pooled import Ensemble
from tracer_ray.training.pooled_model import store
from tracer_ray.uncertainty.uncertainty import NAIVE, Uncertainty


@dataclass(frozen=True)
class TrainedTarget:
    """Everything a run has of one target."""

    target: str
    ensemble: Ensemble
    constant: float
    fleet: Fleet
    conclusion: Conclusion
    candidates: tuple[CandidateResult, ...]
    cuts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    checks: Checks = NO_CHECKS


def assemble(
    plan: TrainingPlan,
    trained: tuple[TrainedTarget, ...],
    past: tuple[FeatureState, Vocabulary],
    report: Mapping[str, bytes],
) -> ReleaseContents:
    """The contents of the release; `past` is the state after the last row, and the vocabulary."""
    state, vocabulary = past
    uncertainty = {each.target: each.conclusion.uncertainty for each in trained}
    return ReleaseContents(
        blueprint=plan.blueprint,
        origin=_origin(plan, trained),
        figures={each.target: each.conclusion.figures for each in trained},
        features=plan.program.names,
        features_digest=plan.program.digest,
        models=tuple(model for each in trained for model in _models(each)),
        entities=tuple(record for each in trained for record in each.conclusion.entities),
        state=state.to_arrays(),
        vocabulary=dict(vocabulary.values),
        calibration={each.target: _calibration(each) for each in trained},
        calibration_arrays=_distributions(uncertainty),
        known_keys=_known_keys(plan),
        report=report,
        usual_values=usual_values(plan.dataset),
        newest_rows=newest_rows(plan.dataset).table if plan.blueprint.keeps_rows else None,
        responses=tuple(each for one in trained for each in one.conclusion.responses.entities),
    )


def report_target(plan: TrainingPlan, trained: TrainedTarget) -> TargetReport:
    """What the report says of one target."""
    target = plan.blueprint.target(trained.target)
    names = plan.feature_names(trained.target)
    return TargetReport(
        target=target.name,
        answer=target.answer,
        description=target.description,
        unit=target.unit,
        figures=trained.conclusion.figures,
        baselines=trained.conclusion.baselines,
        outcomes=trained.conclusion.outcomes,
        entities=trained.conclusion.entities,
        candidates=trained.candidates,
        importance=dict(zip(names, _importances(trained.ensemble).tolist(), strict=True)),
        responses=trained.conclusion.responses.entities,
        checks=trained.checks,
        standing=trained.fleet.standing.reason,
    )


def training_report(
    plan: TrainingPlan, targets: tuple[TargetReport, ...], costs: tuple[StageCost, ...]
) -> TrainingReport:
    """The whole report of a run."""
    manifest = plan.dataset.manifest
    owner = plan.blueprint.owner
    return TrainingReport(
        title=plan.blueprint.name,
        blueprint=plan.blueprint.id,
        use_case=plan.blueprint.use_case,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        data_from=plan.data_from,
        data_until=plan.data_until,
        dataset_uri=plan.dataset_uri,
        dataset_fingerprint=plan.dataset_fingerprint,
        rows=int(str(manifest["rows"])),
        entity_name=owner.name if owner else "row",
        entities=len(plan.dataset.entities) if owner else 0,
        seed=plan.seed,
        targets=targets,
        warnings=tuple(cast(list[str], manifest["notes"])),
        limits=plan.blueprint.limits,
        excluded=cast(dict[str, int], manifest["excluded"]),
        quarantined=cast(dict[str, int], manifest["quarantined"]),
        costs=costs,
        versions={name: version(name) for name in LIBRARIES},
        reproduce=(_command(plan),),
    )


def _origin(plan: TrainingPlan, trained: tuple[TrainedTarget, ...]) -> Origin:
    cuts = "; ".join(text for each in trained for text in each.cuts)
    predecessor = plan.predecessor.release if plan.predecessor else ""
    return Origin(
        dataset_uri=plan.dataset_uri,
        dataset_fingerprint=plan.dataset_fingerprint,
        data_from=plan.data_from,
        data_until=plan.data_until,
        seed=plan.seed,
        budget=vars(plan.budget),
        settings={"run": plan.run, "predecessor": predecessor, "cut": cuts},
        parameters=dict(plan.blueprint.settings),
    )


def _models(trained: TrainedTarget) -> tuple[StoredModel, ...]:
    own = [
        StoredModel(
            target=trained.target,
            owner=owner,
            part="own",
            family=assignment.record.family,
            settings=assignment.record.parameters,
            data=assignment.record.model,
        )
        for owner, assignment in trained.fleet.assignments.items()
        if assignment.level in (Level.ENTITY, Level.BLEND)
    ]
    return (*store(trained.target, trained.ensemble), *own)


def _calibration(trained: TrainedTarget) -> dict[str, object]:
    uncertainty = trained.conclusion.uncertainty
    calibrator = uncertainty.calibrator
    return {
        "constant": trained.constant,
        "baseline": trained.fleet.standing.baseline,
        "level": str(trained.fleet.standing.level),
        "reason": trained.fleet.standing.reason,
        "has_draws": uncertainty.has_draws,
        "calibrator": calibrator.to_json() if calibrator else None,
        "totals": [each.to_json() for each in uncertainty.totals],
        "survival": uncertainty.survival.to_json() if uncertainty.survival else None,
    }


def _distributions(uncertainty: Mapping[str, Uncertainty]) -> dict[str, FloatArray]:
    found = {
        f"{target}/{name}": array
        for target, each in uncertainty.items()
        if each.distribution
        for name, array in each.distribution.to_arrays().items()
    }
    return found | {
        f"{target}/{NAIVE}/{name}": array
        for target, each in uncertainty.items()
        if each.naive
        for name, array in each.naive.to_arrays().items()
    }


def _known_keys(plan: TrainingPlan) -> npt.NDArray[np.uint64]:
    """The keys' hashes, bucket by bucket: the texts of all buckets together may not fit."""
    buckets = range(plan.dataset.buckets)
    return np.concatenate([stable_hashes(plan.dataset.read_bucket(each).keys) for each in buckets])


def _importances(ensemble: Ensemble) -> FloatArray:
    weights = [member.weight for member in ensemble.members]
    each = np.array([model.importances() for model in ensemble.models])
    return np.asarray(np.average(each, axis=0, weights=weights), dtype=np.float64)


def _command(plan: TrainingPlan) -> str:
    targets = " ".join(f"--target {target}" for target in plan.targets)
    chosen = "".join(
        f" --set {shlex.quote(f'{name}={value}')}" for name, value in plan.blueprint.settings
    )
    return f"tracer train {plan.blueprint.id} --data SOURCE {targets}{chosen} --seed {plan.seed}"
