"""What MLflow is told about a release: its run, its figures, and the tags of its version."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tracer_ray import storage
from tracer_ray.registry.client import Place
from tracer_ray.releases.manifest import figures_to_json, metrics
from tracer_ray.releases.release import Release

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


def log_run(client: "MlflowClient", place: Place, release: Release) -> str:
    """Log a release's parameters and figures as a finished run; the run's id."""
    from mlflow.entities import Metric, Param, RunTag

    manifest = release.manifest
    run = client.create_run(
        _experiment(client, place, manifest.blueprint), run_name=manifest.release
    )
    tags = [RunTag(name, value) for name, value in version_tags(release).items()]
    origin = manifest.origin
    params = {**origin.settings, **origin.budget, "seed": origin.seed}
    params["dataset"] = origin.dataset_fingerprint
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(*each, run.info.start_time, 0) for each in _named_scores(release)],
        params=[Param(name, str(value)) for name, value in params.items()],
        tags=[tag for tag in tags if tag.key != "figures"],
    )
    client.set_terminated(run.info.run_id)
    return str(run.info.run_id)


def version_tags(release: Release) -> dict[str, str]:
    """What a version says of its release, so that listing opens no release."""
    manifest, uri = release.manifest, release.uri
    if not storage.is_remote(uri):
        uri = str(Path(uri).absolute())
    return {
        "release": manifest.release,
        "uri": uri,
        "report": storage.join(uri, "report", "index.html"),
        "fingerprint": manifest.fingerprint,
        "created": manifest.created,
        "data_until": manifest.origin.data_until,
        "targets": ",".join(manifest.targets),
        "entities": str(manifest.entities),
        "figures": figures_to_json(manifest.figures),
    }


def create_model(client: "MlflowClient", blueprint: str) -> None:
    """Create the blueprint's registered model unless it is there."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(blueprint)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _experiment(client: "MlflowClient", place: Place, blueprint: str) -> str:
    """The id of the blueprint's experiment, created where it is absent."""
    from mlflow.exceptions import MlflowException

    artifacts = Path(place.folder, "artifacts", blueprint).as_uri() if place.is_embedded else None
    found = client.get_experiment_by_name(blueprint)
    try:
        return str(found.experiment_id if found else client.create_experiment(blueprint, artifacts))
    except MlflowException as error:
        found = client.get_experiment_by_name(blueprint)
        if error.error_code != "RESOURCE_ALREADY_EXISTS" or found is None:
            raise
        return str(found.experiment_id)


def _named_scores(release: Release) -> Iterator[tuple[str, float]]:
    """Scores as `points.mae` (ours), `points.pooled.mae` and `points.baseline.mae`."""
    for target, forecasts in metrics(release.manifest.figures).items():
        for forecast, scores in forecasts.items():
            prefix = target if forecast == "ours" else f"{target}.{forecast}"
            for name, score in scores.items():
                yield f"{prefix}.{name}", score
