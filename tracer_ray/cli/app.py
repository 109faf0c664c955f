"""The Typer application that the commands are registered on, and the options they share."""

import os
from typing import Annotated

import typer

app = typer.Typer(
    help="From a folder of Parquet to hundreds of honest, calibrated models behind HTTP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Blueprint = Annotated[str, typer.Argument(help="the blueprint's id, see `tracer blueprints`")]
Sources = Annotated[
    list[str], typer.Option("--data", help="file, folder, glob or s3:// URI; may be repeated")
]
Home = Annotated[
    str,
    typer.Option(help="folder or s3:// URI of datasets, releases, registry", envvar="TRACER_HOME"),
]
Json = Annotated[bool, typer.Option("--json", help="print JSON for machines")]
Address = Annotated[str, typer.Option(help="the Ray cluster to join; empty: here, or RAY_ADDRESS")]
Release = Annotated[str, typer.Option(help="a release's id, or champion, challenger, latest")]

DEFAULT_HOME = os.path.join(".", "tracer_home")
