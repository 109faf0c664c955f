"""`tracer ab start`, `shadow`, `stop` and `status`: releases tested beside the champion."""

from typing import Annotated

import typer

from tracer_ray.archive import blueprint as find
from tracer_ray.cli.app import DEFAULT_HOME, Blueprint, Home, Json, app
from tracer_ray.cli.output import print_json, print_table
from tracer_ray.registry.pointers import Challenger, Pointer

ab = typer.Typer(help="Test releases beside the champion: on a share of the traffic, or unseen.")
app.add_typer(ab, name="ab", no_args_is_help=True)

Tested = Annotated[str, typer.Argument(help="the release's id, or challenger, latest")]
Share = Annotated[float, typer.Option(help="percentage of the traffic that it answers")]
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
    _tell(made, f"{made.release} answers {made.share:g} % of {blueprint} now", as_json)


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
    _tell(made, f"{made.release} predicts in the shadow of {blueprint}'s champion now", as_json)


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
