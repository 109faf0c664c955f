"""`tracer ingest` and `tracer train`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tracer_ray.archive import blueprint as find
from tracer_ray.cli.app import (
    DEFAULT_HOME,
    Address,
    Blueprint,
    Home,
    Json,
    Set,
    Sources,
    app,
    pairs_of,
    settings_of,
)
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.releases.manifest import headline, metrics

if TYPE_CHECKING:
    from tracer_ray.releases.release import Release
    from tracer_ray.releases.tables import EntityRecord

TOO_MANY_FAILED = 3  # the exit status of a run whose release stands, but lacks trials
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
TrainingTolerance = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, help="share of rows that may be unusable, and of trials that may fail"
    ),
]
CandidateTimeout = Annotated[
    float, typer.Option("--candidate-timeout-s", min=1.0, help="seconds that one fit may take")
]
MaxMinutes = Annotated[
    float, typer.Option("--max-minutes", min=0.0, help="wall clock of the run; 0: no bound")
]
MaxCandidates = Annotated[
    int, typer.Option("--max-candidates", min=0, help="candidates in all; 0: no bound")
]
Incremental = Annotated[
    bool, typer.Option("--incremental", help="stand on the champion: train only what changed")
]
Seed = Annotated[int, typer.Option(help="the same data and seed give the same release")]


@app.command()
def ingest(
    blueprint: Blueprint,
    data: Sources,
    home: Home = DEFAULT_HOME,
    mapping: Mapping = None,
    settings: Set = None,
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
    dataset = run(find(blueprint, settings_of(settings)), data, home, options=options)
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
    settings: Set = None,
    tolerance: TrainingTolerance = 0.05,
    candidate_timeout_s: CandidateTimeout = 600.0,
    max_minutes: MaxMinutes = 0.0,
    max_candidates: MaxCandidates = 0,
    incremental: Incremental = False,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Train the pooled model and the fleet; report, and register the release."""
    from tracer_ray.engine.ingest import IngestOptions
    from tracer_ray.engine.limits import Limits, process_began_s
    from tracer_ray.engine.progress import show_progress
    from tracer_ray.engine.run_plan import TrainingRequest
    from tracer_ray.engine.session import start_ray
    from tracer_ray.engine.train import train as run

    start_ray(address or None)
    options = IngestOptions(mapping=mapping_of(mapping), tolerance=tolerance)
    request = TrainingRequest(
        blueprint=find(blueprint, settings_of(settings)),
        sources=tuple(data),
        home=home,
        targets=tuple(target or ()),
        budget=budget,
        seed=seed,
        ingest=options,
        limits=Limits(candidate_timeout_s),
        is_incremental=incremental,
        most_minutes=max_minutes,
        began_s=process_began_s(),
        most_candidates=max_candidates,
    )
    release = run(request, show_progress(is_plain=as_json))
    if as_json:
        print_json(_facts(release) | {"metrics": metrics(release.manifest.figures)})
    else:
        title = "On test rows that nothing was fitted to or chosen on"
        print_table(headline(release.manifest.figures), title)
        print_facts(_facts(release))
        print(f"next: tracer promote {blueprint} {release.name} --reason WHY")
    if complaint := too_many_failed(release.entities(), tolerance):
        print(complaint, file=sys.stderr)
        raise typer.Exit(TOO_MANY_FAILED)


def too_many_failed(records: "Sequence[EntityRecord]", tolerance: float) -> str:
    """What to say where more trials failed than are tolerated; "" where not.

    >>> from tracer_ray.releases.tables import EntityRecord, Level
    >>> ann = EntityRecord("points", "ann", "ann", Level.POOLED, "", 90, tried=2)
    >>> bob = EntityRecord("points", "bob", "bob", Level.POOLED, "", 90, error="MemoryError")
    >>> too_many_failed([ann, bob], 0.5)
    ''
    >>> too_many_failed([ann, bob], 0.4)
    '1 of 2 trials failed (50.0 %), 40.0 % are tolerated; the first: bob: MemoryError'
    """
    failed = [each for each in records if each.error]
    trials = sum(1 for each in records if each.tried or each.error)
    if len(failed) <= tolerance * trials:
        return ""
    first = failed[0]
    return (
        f"{len(failed)} of {trials} trials failed ({len(failed) / trials:.1%}), {tolerance:.1%} "
        f"are tolerated; the first: {first.label}: {first.error}"
    ).replace("%", " %")


def mapping_of(pairs: list[str] | None) -> dict[str, str]:
    """Canonical column to the user's; SchemaError for a pair without an equals sign.

    >>> mapping_of(["points=PTS scored"])
    {'points': 'PTS scored'}
    """
    return pairs_of("--map", pairs, "column=your_column")


def _facts(release: "Release") -> dict[str, object]:
    manifest = release.manifest
    failed = sum(1 for record in release.entities() if record.error)
    return {
        "release": release.name,
        "entities": manifest.entities,
        "failed": failed,
        "cut": manifest.origin.settings["cut"],
        "data_until": manifest.origin.data_until,
        "fingerprint": manifest.fingerprint,
        "uri": release.uri,
        "report": f"{release.uri}/report/index.html",
    }
