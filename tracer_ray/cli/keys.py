"""`tracer keys create`, `list` and `revoke`: who may ask over HTTP."""

from typing import Annotated

import typer

from tracer_ray.cli.app import DEFAULT_HOME, Home, Json, app
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.serving.keys import PER_MINUTE, create_key, list_keys, revoke_key

keys = typer.Typer(help="Make, list and revoke the keys of the HTTP service.")
app.add_typer(keys, name="keys", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="whose key it is")]
Id = Annotated[str, typer.Argument(help="the key's id, see `tracer keys list`")]
Rate = Annotated[int, typer.Option(min=1, help="requests per minute that it allows")]


@keys.command()
def create(
    name: Name, per_minute: Rate = PER_MINUTE, home: Home = DEFAULT_HOME, as_json: Json = False
) -> None:
    """Make a key and show it; it is stored hashed and can't be shown again."""
    key, text = create_key(home, name, per_minute)
    facts: dict[str, object] = {"id": key.id, "name": name, "per_minute": per_minute, "key": text}
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)
        print("Keep it: it can't be shown again. Send it as `Authorization: Bearer KEY`.")


@keys.command("list")
def list_all(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List the keys, also those that were revoked."""
    rows: list[dict[str, object]] = [
        {
            "id": key.id,
            "name": key.name,
            "per_minute": key.per_minute,
            "created": key.created,
            "is_revoked": key.is_revoked,
        }
        for key in list_keys(home)
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, "Keys" if rows else "No key yet")


@keys.command()
def revoke(key: Id, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Let a key be valid no more; running services know within about five seconds."""
    revoked = revoke_key(home, key)
    if as_json:
        print_json({"id": revoked.id, "name": revoked.name, "is_revoked": True})
    else:
        print(f"{revoked.id} ({revoked.name}) is revoked")
