"""`tracer ingest` and `tracer train`."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracer_ray.archive import blueprint as find
from tracer_ray.cli.app import DEFAULT_HOME, Address, Blueprint, Home, Json, Sources, app
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.errors import SchemaError
from tracer_ray.releases.manifest import metrics

if TYPE_CHECKING:
    from tracer_ray.releases.release import Release

Mapping = Annotated[
    list[str] | None,
    typer.Option("--map", help="column=your_column; may be repeated", metavar="A=B"),
]
Tolerance = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="share of rows that may be unusable")
]
Targets = Annotated[
    list[str] | None, typer.Option("--target", help="what to predict; default: all")
]
Budget = Annotated[str, typer.Option(help="small, standard or large")]
Seed = Annotated[int, typer.Option(help="the same data and seed give the same release")]


@app.command()
def ingest(
    blueprint: Blueprint,
    data: Sources,
    home: Home = DEFAULT_HOME,
    mapping: Mapping = None,
    tolerance: Tolerance = 0.05,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Check and store raw data as a dataset."""
    from tracer_ray.engine.ingest import IngestOptions
    from tracer_ray.engine.ingest import ingest as run
    from tracer_ray.engine.session import start_ray

    start_ray(address or None)
    options = IngestOptions(mapping=mapping_of(mapping), tolerance=tolerance)
    dataset = run(find(blueprint), data, home, options=options)
    shown = ("blueprint", "rows", "entities", "excluded", "quarantined", "duplicates", "notes")
    facts = {"dataset": dataset.uri, **{name: dataset.manifest[name] for name in shown}}
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command()
def train(
    blueprint: Blueprint,
    data: Sources,
    target: Targets = None,
    home: Home = DEFAULT_HOME,
    budget: Budget = "standard",
    seed: Seed = 0,
    mapping: Mapping = None,
    tolerance: Tolerance = 0.05,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Train the pooled model and the fleet; report, and register the release."""
    from tracer_ray.engine.ingest import IngestOptions
    from tracer_ray.engine.progress import show_progress
    from tracer_ray.engine.session import start_ray
    from tracer_ray.engine.train import TrainingRequest
    from tracer_ray.engine.train import train as run

    start_ray(address or None)
    options = IngestOptions(mapping=mapping_of(mapping), tolerance=tolerance)
    request = TrainingRequest(
        find(blueprint), tuple(data), home, tuple(target or ()), budget, seed, options
    )
    release = run(request, show_progress(is_plain=as_json))
    if as_json:
        print_json(_facts(release) | {"metrics": metrics(release.manifest.figures)})
        return
    print_table(_figures(release), "On test rows that nothing was fitted to or chosen on")
    print_facts(_facts(release))
    print(f"next: tracer promote {blueprint} {release.name} --reason WHY")


def mapping_of(pairs: list[str] | None) -> dict[str, str]:
    """Canonical column to the user's; SchemaError for a pair without an equals sign.

    >>> mapping_of(["points=PTS scored"])
    {'points': 'PTS scored'}
    """
    parted = [pair.partition("=") for pair in pairs or ()]
    for column, equals, _ in parted:
        if not equals:
            raise SchemaError(f"--map {column!r}: expected column=your_column")
    return {column: source for column, _, source in parted}


def _facts(release: "Release") -> dict[str, object]:
    manifest = release.manifest
    failed = sum(1 for record in release.entities() if record.error)
    return {
        "release": release.name,
        "entities": manifest.entities,
        "failed": failed,
        "data_until": manifest.origin.data_until,
        "fingerprint": manifest.fingerprint,
        "uri": release.uri,
        "report": f"{release.uri}/report/index.html",
    }


def _figures(release: "Release") -> list[dict[str, object]]:
    return [
        {
            "target": target,
            "metric": each.metric,
            "rows": each.rows,
            "ours": each.ours[each.metric],
            "pooled": each.pooled[each.metric],
            "baseline": each.baseline[each.metric],
            "skill": each.skill,
        }
        for target, each in release.manifest.figures.items()
    ]
