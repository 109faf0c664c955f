"""From files to a promoted release in one step: prepare, train, and promote if it is better."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from tracer_ray.analysis.preparation import Preparation, prepare
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.dataset import Dataset, account
from tracer_ray.engine.ingest import IngestOptions
from tracer_ray.engine.progress import Progress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.errors import RegistryError
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release


@dataclass(frozen=True)
class DeployRequest:
    """What is deployed: `mapping` (canonical to raw name) and `drop` go before all guesses."""

    blueprint: Blueprint
    sources: tuple[str, ...]
    home: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    budget: str = "small"
    seed: int = 0


@dataclass(frozen=True)
class Deployed:
    """A trained release; `verdict` says in figures why it answers from now on, or why not."""

    release: Release
    is_promoted: bool
    verdict: str
    preparation: Preparation


def deploy(request: DeployRequest, progress: Progress) -> Deployed:
    """Train on files and let the release answer if it beats the champion, or else the baseline.

    Raises SchemaError where a column is doubtful, and what `train` raises.
    """
    prepared = prepare(request.blueprint, request.sources, request.mapping, request.drop)
    options = IngestOptions(mapping=prepared.mapping, drop=prepared.drop)
    training = TrainingRequest(
        blueprint=request.blueprint,
        sources=prepared.sources,
        home=request.home,
        targets=request.targets,
        budget=request.budget,
        seed=request.seed,
        ingest=options,
    )
    release = train(training, progress)
    is_promoted, verdict = _promote(Registry(request.home), release)
    data = Dataset.open(release.manifest.origin.dataset_uri).manifest
    notes = (*prepared.notes, *cast(list[str], data["notes"]), account(data))
    return Deployed(release, is_promoted, verdict, replace(prepared, notes=notes))


def _promote(registry: Registry, release: Release) -> tuple[bool, str]:
    """Whether the release answers now, and the figures that decided."""
    blueprint = release.manifest.blueprint
    champion = registry.champion(blueprint)
    if champion and Release.open(champion.uri).manifest.fingerprint == release.manifest.fingerprint:
        return True, f"the same model as {champion.release}, which answers already"
    try:
        move = registry.promote(blueprint, release.name, reason="deployed")
    except RegistryError as error:
        return False, str(error)
    return True, str(move.compared_figures)
