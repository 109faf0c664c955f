"""`tracer ab`: releases tested beside the champion; `tracer outcomes`: what became of it all."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tracer_ray.archive import blueprint as find
from tracer_ray.blueprint import Blueprint as Definition
from tracer_ray.cli.app import DEFAULT_HOME, Blueprint, Home, Json, app
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.registry.pointers import Challenger, Pointer

if TYPE_CHECKING:
    from tracer_ray.experiments.report import Report

ab = typer.Typer(help="Test releases beside the champion: on a share of the traffic, or unseen.")
app.add_typer(ab, name="ab", no_args_is_help=True)

Tested = Annotated[str, typer.Argument(help="the release's id, or challenger, latest")]
Share = Annotated[float, typer.Option(help="percentage of the traffic that it answers")]
Files = Annotated[list[str], typer.Argument(help="files, folders, globs or s3:// URIs")]
_KEPT = "only a service that runs with --log-predictions keeps what it says"
Stopped = Annotated[str, typer.Argument(help="the release's id; default: all challengers")]


@ab.command()
def start(
    blueprint: Blueprint,
    release: Tested = "challenger",
    share: Share = 10.0,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Let a release answer a share of the traffic, or change its share."""
    from tracer_ray.registry.challengers import start_test

    made = start_test(home, find(blueprint).id, release, share)
    said = f"{made.release} answers {made.share:g} % of {blueprint} now; {_KEPT}"
    _tell(made, said, as_json)


@ab.command()
def shadow(
    blueprint: Blueprint,
    release: Tested = "challenger",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Let a release predict what the champion answers, without telling anybody."""
    from tracer_ray.registry.challengers import start_shadow

    made = start_shadow(home, find(blueprint).id, release)
    said = f"{made.release} predicts in the shadow of {blueprint}'s champion now; {_KEPT}"
    _tell(made, said, as_json)


@ab.command()
def stop(
    blueprint: Blueprint,
    release: Stopped = "",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """End the test of a release, or of all; the champion answers in its place."""
    from tracer_ray.registry.challengers import stop_tests

    gone = stop_tests(home, find(blueprint).id, release)
    if as_json:
        print_json([challenger_json(each) for each in gone])
    else:
        print(f"no longer tested: {', '.join(each.release for each in gone)}")


@ab.command()
def status(blueprint: Blueprint, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Tell which releases answer, and for which share of the traffic."""
    from tracer_ray.registry.challengers import champion_pointer

    rows = _standing(champion_pointer(home, find(blueprint).id))
    if as_json:
        print_json(rows)
    else:
        print_table(rows, f"Who answers for {blueprint}")


@ab.command()
def report(blueprint: Blueprint, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Compare what was predicted with what happened; may be looked at as often as you like."""
    from tracer_ray.registry.challengers import champion_pointer

    definition = find(blueprint)
    found = _reported(home, definition, champion_pointer(home, definition.id))
    if as_json:
        print_json(found.to_json())
        return
    print_table([vars(each) for each in found.figures], f"What was predicted for {blueprint}")
    for each in found.comparisons:
        bounds = "" if each.low is None else f" [{each.low:+.5f}, {each.high:+.5f}]"
        print(
            f"{each.challenger}, {each.target}: {each.loss} {each.difference:+.5f}{bounds} per row "
            f"against {each.champion}, {each.rows:,} rows, {each.units:,} units: {each.text}"
        )


@app.command()
def outcomes(
    blueprint: Blueprint, files: Files, home: Home = DEFAULT_HOME, as_json: Json = False
) -> None:
    """Store what happened, from files as they are trained on, to judge what was predicted."""
    from tracer_ray.experiments.outcome_files import store_outcome_files
    from tracer_ray.prediction.predictor import Predictor
    from tracer_ray.registry.challengers import champion_pointer

    pointer = champion_pointer(home, find(blueprint).id)
    predictor = Predictor.open(pointer.uri, pointer.state)
    facts = vars(store_outcome_files(home, predictor, files))
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


def _reported(home: str, blueprint: Definition, pointer: Pointer) -> "Report":
    """The report of what the home's log and outcomes hold of the tests that run."""
    from tracer_ray.experiments.comparison import Challenge
    from tracer_ray.experiments.outcomes import OUTCOMES, outcomes_folder
    from tracer_ray.experiments.parts import read_parts
    from tracer_ray.experiments.predictions import SCHEMA, predictions_folder
    from tracer_ray.experiments.report import Log, report_tests
    from tracer_ray.experiments.settlement import settle

    tested = [
        Challenge(each.release, datetime.fromisoformat(each.since), each.is_shadow)
        for each in pointer.challengers
    ]
    since = min((each.since for each in tested), default=None)
    predictions = read_parts(predictions_folder(home, blueprint.id), SCHEMA, since)
    outcomes = read_parts(outcomes_folder(home, blueprint.id), OUTCOMES, since)
    settled = settle(predictions, outcomes, blueprint.period)
    return report_tests(blueprint, pointer.release, tested, Log(predictions, settled))


def challenger_json(challenger: Challenger) -> dict[str, object]:
    """A challenger as plain values for machines."""
    return {
        "release": challenger.release,
        "variant": "challenger",
        "share": challenger.share,
        "is_shadow": challenger.is_shadow,
        "since": challenger.since,
    }


def _standing(pointer: Pointer) -> list[dict[str, object]]:
    """The champion with what is left to it, then the challengers."""
    left = 100.0 - sum(each.share for each in pointer.challengers)
    champion = {
        "release": pointer.release,
        "variant": "champion",
        "share": left,
        "is_shadow": False,
        "since": None,
    }
    return [champion, *map(challenger_json, pointer.challengers)]


def _tell(challenger: Challenger, text: str, as_json: bool) -> None:
    if as_json:
        print_json(challenger_json(challenger))
    else:
        print(text)
