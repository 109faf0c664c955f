"""`tracer releases`, `promote`, `rollback`, `refresh` and `history`."""

from typing import Annotated

import typer

from tracer_ray.archive import blueprint as find
from tracer_ray.cli.app import DEFAULT_HOME, Address, Blueprint, Home, Json, Sources, app
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.registry.finding import find_release

Reason = Annotated[str, typer.Option(help="why; kept in the history")]
Force = Annotated[bool, typer.Option("--force", help="promote although it is not better")]
ReleaseId = Annotated[str, typer.Argument(help="the release's id; default: the newest")]


@app.command()
def releases(blueprint: Blueprint, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List a blueprint's releases, newest first."""
    from tracer_ray.registry.registry import Registry

    entries = Registry(home).releases(find(blueprint).id)
    if as_json:
        print_json([entry.to_json() for entry in entries])
        return
    print_table(
        [
            {
                "release": entry.release,
                "alias": entry.alias,
                "data until": entry.data_until,
                "entities": entry.entities,
                **{f"{target} skill": each.skill for target, each in entry.figures.items()},
            }
            for entry in entries
        ],
        f"Releases of {blueprint}" if entries else f"No release of {blueprint} in {home}",
    )


@app.command()
def promote(
    blueprint: Blueprint,
    release: ReleaseId = "latest",
    reason: Reason = "promoted by command",
    force: Force = False,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Let a release answer, if its report beats the champion's."""
    from tracer_ray.registry.registry import Registry

    registry = Registry(home)
    chosen = find_release(registry, blueprint, release).release
    move = registry.promote(blueprint, chosen, reason=reason, is_forced=force)
    if as_json:
        print_json(move.to_json())
    else:
        print(f"{chosen} answers for {blueprint} now: {move.compared_figures}")


@app.command()
def rollback(
    blueprint: Blueprint,
    reason: Reason = "rolled back by command",
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Let the champion before this one answer again."""
    from tracer_ray.registry.registry import Registry

    move = Registry(home).rollback(blueprint, reason=reason)
    if as_json:
        print_json(move.to_json())
    else:
        print(f"{move.to_release} answers for {blueprint} again")


@app.command()
def refresh(
    blueprint: Blueprint,
    data: Sources,
    home: Home = DEFAULT_HOME,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Let the champion know newer rows, without training: what it answers knows them at once."""
    from tracer_ray.engine.refresh import refresh as run
    from tracer_ray.engine.session import start_ray

    start_ray(address or None)
    refreshed = vars(run(home, find(blueprint).id, data))
    if as_json:
        print_json(refreshed)
    else:
        print_facts(refreshed)


@app.command()
def history(blueprint: Blueprint, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Who promoted what, when and why."""
    from tracer_ray.registry.registry import Registry

    moves = [move.to_json() for move in Registry(home).history(blueprint)]
    if as_json:
        print_json(moves)
    else:
        print_table(moves, f"Champions of {blueprint}")
