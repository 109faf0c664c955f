"""`tracer deploy`: from files to an answering endpoint in one command."""

import json
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from tracer_ray.archive import blueprint as find
from tracer_ray.archive import known_id
from tracer_ray.cli.app import DEFAULT_HOME, Home, Json, Set, app, settings_of
from tracer_ray.cli.output import print_json, print_table
from tracer_ray.cli.prediction import Host, Port
from tracer_ray.cli.training import Budget, Mapping, Targets, mapping_of
from tracer_ray.errors import RegistryError

if TYPE_CHECKING:
    from tracer_ray.model import Model

Files = Annotated[list[str], typer.Argument(help="files, folders, globs or s3:// URIs")]
BlueprintId = Annotated[
    str,
    typer.Option("--blueprint", help="its id; `tracer analyze` names it", callback=known_id),
]
Drop = Annotated[
    list[str] | None, typer.Option("--drop", help="a column to leave out; may be repeated")
]
Serve = Annotated[bool, typer.Option("--serve/--no-serve", help="answer over HTTP afterwards")]


@app.command()
def deploy(
    files: Files,
    blueprint: BlueprintId,
    mapping: Mapping = None,
    settings: Set = None,
    drop: Drop = None,
    target: Targets = None,
    budget: Budget = "small",
    serve: Serve = True,
    home: Home = DEFAULT_HOME,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    as_json: Json = False,
) -> None:
    """Find the columns, train, promote if better than the champion or the baseline, and serve."""
    from tracer_ray.engine.deployment import DeployRequest
    from tracer_ray.engine.deployment import deploy as run
    from tracer_ray.engine.progress import show_progress
    from tracer_ray.engine.serve import ServeOptions, is_loopback, serve_forever
    from tracer_ray.engine.session import stop_ray
    from tracer_ray.model import Model
    from tracer_ray.prediction.predictor import Predictor
    from tracer_ray.registry.registry import Registry

    request = DeployRequest(
        blueprint=find(blueprint, settings_of(settings)),
        sources=tuple(files),
        home=home,
        mapping=mapping_of(mapping),
        drop=tuple(drop or ()),
        targets=tuple(target or ()),
        budget=budget,
    )
    done = run(request, show_progress(is_plain=as_json))
    predictor = Predictor.open(done.release.uri)
    model = Model(predictor, done.is_promoted, done.verdict, done.preparation.notes)
    command = curl(model, f"http://{host}:{port}")
    _show(model, command, as_json)
    if not done.is_promoted and Registry(home).champion(blueprint) is None:
        raise RegistryError(f"{blueprint}: nothing is served: {done.verdict}")
    if serve:
        stop_ray()  # serving starts Ray with the settings of its proxy
        serve_forever(
            ServeOptions(home, (blueprint,), host, port, demands_keys=not is_loopback(host))
        )


def curl(model: "Model", url: str) -> str:
    """A command that asks a service for an answer of the model, with an example that works."""
    from tracer_ray.prediction.examples import example_request

    body = json.dumps(example_request(model.predictor), default=str)
    words = ["curl", f"{url}/predict/{model.blueprint}"]
    return shlex.join([*words, "-H", "Content-Type: application/json", "-d", body])


def _show(model: "Model", command: str, as_json: bool) -> None:
    """What was done, the figures beside the baseline, and how to ask."""
    if as_json:
        facts = {
            "blueprint": model.blueprint,
            "release": model.release,
            "is_promoted": model.is_promoted,
            "verdict": model.verdict,
            "notes": list(model.notes),
            "figures": model.figures(),
            "report": model.report,
            "curl": command,
        }
        print_json(facts)
        return
    for note in model.notes:
        print(f"note: {note}")
    print_table(model.figures(), "On test rows that nothing was fitted to or chosen on")
    state = "promoted" if model.is_promoted else "not promoted"
    print(f"{model.release} is {state}: {model.verdict}")
    print(f"report: {model.report}")
    print(f"ask: {command}", flush=True)
