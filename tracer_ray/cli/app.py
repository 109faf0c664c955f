"""The Typer application that the commands are registered on, and the options they share."""

import os
from typing import Annotated

import typer

from tracer_ray.archive import known_id
from tracer_ray.errors import SchemaError

app = typer.Typer(
    help="From a folder of Parquet to hundreds of honest, calibrated models behind HTTP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Blueprint = Annotated[
    str, typer.Argument(help="the blueprint's id, see `tracer blueprints`", callback=known_id)
]
Sources = Annotated[
    list[str], typer.Option("--data", help="file, folder, glob or s3:// URI; may be repeated")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="parameter=value, see `tracer blueprint`; may be repeated", metavar="P=V"
    ),
]
Home = Annotated[
    str,
    typer.Option(help="folder or s3:// URI of datasets, releases, registry", envvar="TRACER_HOME"),
]
Json = Annotated[bool, typer.Option("--json", help="print JSON for machines")]
Address = Annotated[str, typer.Option(help="the Ray cluster to join; empty: here, or RAY_ADDRESS")]
Release = Annotated[str, typer.Option(help="a release's id, or champion, challenger, latest")]

DEFAULT_HOME = os.path.join(".", "tracer_home")


def pairs_of(option: str, pairs: list[str] | None, expected: str) -> dict[str, str]:
    """What an option names, by name; SchemaError for a pair without an equals sign."""
    parted = [pair.partition("=") for pair in pairs or ()]
    for name, equals, _ in parted:
        if not equals:
            raise SchemaError(f"{option} {name!r}: expected {expected}")
    return {name: value for name, _, value in parted}


def settings_of(pairs: list[str] | None) -> dict[str, str]:
    """The values set for parameters.

    >>> settings_of(["horizon_days=30"])
    {'horizon_days': '30'}
    """
    return pairs_of("--set", pairs, "parameter=value")
