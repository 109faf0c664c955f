"""`tracer predict`, `score`, `evaluate` and `serve`."""

import json
from collections.abc import Mapping
from typing import Annotated

import typer

from tracer_ray.cli.app import DEFAULT_HOME, Address, Blueprint, Home, Json, Release, Sources, app
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.errors import RequestError

Fields = Annotated[list[str], typer.Argument(help="field=value ..., or one JSON object")]
Out = Annotated[str, typer.Option("--out", help="folder to write Parquet to")]
ReleaseName = Annotated[
    str, typer.Argument(help="a release's id or URI, or a blueprint (its champion, else newest)")
]
Targets = Annotated[list[str] | None, typer.Option("--target", help="default: all of the release")]
Host = Annotated[str, typer.Option(help="address to listen on; only this machine by default")]
Port = Annotated[int, typer.Option(help="port to listen on")]
Replicas = Annotated[str, typer.Option(help="per blueprint; MIN:MAX follows the load")]
Together = Annotated[
    bool, typer.Option("--together", help="all blueprints in the same replicas: least memory")
]
Reasons = Annotated[
    bool, typer.Option(help="with the reasons for each probability; they may take most of the time")
]
Explain = Annotated[bool, typer.Option("--explain", help="give the reasons for the answer")]
LogPredictions = Annotated[
    bool, typer.Option("--log-predictions", help="write every prediction below HOME/predictions")
]
WriteConfig = Annotated[
    str, typer.Option(help="write the YAML for `serve deploy` to this file instead of serving")
]
Keys = Annotated[
    bool | None,
    typer.Option("--keys/--no-keys", help="demand a key; default: where others can reach it"),
]


@app.command()
def predict(
    blueprint: Blueprint,
    fields: Fields,
    release: Release = "champion",
    home: Home = DEFAULT_HOME,
    explain: Explain = False,
    as_json: Json = False,
) -> None:
    """Answer one request: `tracer predict player_props player=2544 stat=points line=25.5`."""
    from tracer_ray import load

    request = request_of(fields) | ({"explain": True} if explain else {})
    (answer,) = load(blueprint, home=home, release=release).answer([request])
    if isinstance(answer, RequestError):
        raise answer
    if as_json:
        print_json(answer)
    else:
        print_facts(quoted(answer))


@app.command()
def score(
    blueprint: Blueprint,
    data: Sources,
    out: Out,
    release: Release = "champion",
    reasons: Reasons = True,
    home: Home = DEFAULT_HOME,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Answer every row of Parquet or CSV files, into Parquet."""
    from tracer_ray.engine.score import score as run
    from tracer_ray.engine.session import start_ray
    from tracer_ray.registry.finding import find_release
    from tracer_ray.registry.registry import Registry

    entry = find_release(Registry(home), blueprint, release)
    start_ray(address or None)
    facts = {"release": entry.release, **run(entry.uri, data, out, reasons)}
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command()
def evaluate(
    release: ReleaseName,
    data: Sources,
    target: Targets = None,
    home: Home = DEFAULT_HOME,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Score a release on rows newer than its training data, as they would have arrived."""
    from tracer_ray.engine.evaluate import evaluate as run
    from tracer_ray.engine.session import start_ray
    from tracer_ray.registry.finding import locate_release

    uri = locate_release(home, release)
    start_ray(address or None)
    result = run(uri, data, home, tuple(target or ()))
    if as_json:
        print_json(result.to_json())
        return
    print_table(result.table(), f"{result.release} on rows that it has not seen")


@app.command()
def serve(
    blueprints: Annotated[list[str] | None, typer.Argument(help="default: all champions")] = None,
    home: Home = DEFAULT_HOME,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    replicas: Replicas = "1",
    together: Together = False,
    keys: Keys = None,
    log_predictions: LogPredictions = False,
    write_config: WriteConfig = "",
) -> None:
    """Answer over HTTP until interrupted: one Serve application per blueprint."""
    from tracer_ray import storage
    from tracer_ray.engine.scaling import Replicas as Range
    from tracer_ray.engine.serve import ServeOptions, is_loopback, serve_forever
    from tracer_ray.engine.serve_config import serve_config

    names, demanded = tuple(blueprints or ()), not is_loopback(host) if keys is None else keys
    options = ServeOptions(
        home=storage.absolute(home),
        blueprints=names,
        host=host,
        port=port,
        replicas=Range.parse(replicas),
        is_together=together,
        demands_keys=demanded,
        logs_predictions=log_predictions,
    )
    if not write_config:
        serve_forever(options)
        return
    storage.write_bytes(write_config, serve_config(options).encode())
    print(f"written: serve deploy {write_config}")


def quoted(answer: Mapping[str, object]) -> dict[str, object]:
    """The answer for people: of an explanation the sentences, under `why`."""
    facts = {name: value for name, value in answer.items() if name != "explanation"}
    why = answer.get("explanation")
    if isinstance(why, Mapping):
        facts["why"] = " ".join(str(reason["sentence"]) for reason in why["reasons"])
    return facts


def request_of(fields: list[str]) -> dict[str, object]:
    """A request from `field=value` words or one JSON object; RequestError for anything else.

    >>> request_of(["player=LeBron James", "line=25.5"])
    {'player': 'LeBron James', 'line': 25.5}
    """
    if len(fields) == 1 and fields[0].lstrip().startswith("{"):
        try:
            request: dict[str, object] = json.loads(fields[0])
        except json.JSONDecodeError as error:
            raise RequestError(f"{fields[0]!r} is no JSON object: {error}") from error
        return request
    pairs = [field.partition("=") for field in fields]
    for name, equals, _ in pairs:
        if not equals:
            raise RequestError(f"{name!r}: expected field=value, such as player=2544")
    return {name: _value(text) for name, _, text in pairs}


def _value(text: str) -> object:
    """Numbers, true, false and null as JSON has them; anything else is text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
