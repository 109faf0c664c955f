"""`tracer analyze`: what files hold, and which blueprints they fit."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracer_ray.blueprint import Kind
from tracer_ray.cli.app import Json, app
from tracer_ray.cli.output import print_json, print_table

if TYPE_CHECKING:
    from tracer_ray.analysis.profile import ColumnProfile, Profile
    from tracer_ray.analysis.report import Analysis
    from tracer_ray.analysis.suggestion import Suggestion

Files = Annotated[list[str], typer.Argument(help="files, folders, globs or s3:// URIs")]


@app.command()
def analyze(files: Files, as_json: Json = False) -> None:
    """Profile files, and suggest blueprints, column mappings and the next command."""
    from tracer_ray.analysis.report import analyze_samples
    from tracer_ray.analysis.samples import sample_files

    found = analyze_samples(sample_files(files))
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)


def _show(found: "Analysis") -> None:
    for each in found.profiles:
        print_table(_columns(each), f"{each.name}: {each.statement}")
        print(f"time span: {each.time_span or 'no column of times'}\n")
    for join in found.joins:
        print(
            f"join: {join.left}.{join.left_column} = {join.right}.{join.right_column}, "
            f"{join.cardinality}, {join.shared:.0%} of the keys shared"
        )
    if found.suggestions:
        print_table(found.summary(), "Blueprints that fit, the best first")
    print(found.verdict)
    if found.best:
        _show_best(found.best)


def _show_best(best: "Suggestion") -> None:
    used = ", ".join(f"{column} = {source!r}" for column, source in best.mapping.items())
    print(f"columns: {used}")
    for leak in best.leaks:
        print(f"never used: {leak.name!r}: {leak.reason}")
    for column, options in best.ask:
        print(
            f"please say with --map which column is {column!r}: {' or '.join(map(repr, options))}"
        )
    print(f"next: {best.next_command}")


def _columns(profile: "Profile") -> list[dict[str, object]]:
    return [
        {
            "column": each.name,
            "type": str(each.kind),
            "role": each.role,
            "nulls": f"{each.nulls:.1%}",
            "distinct": each.distinct,
            "values": each.note or _values(each),
        }
        for each in profile.columns
    ]


def _values(column: "ColumnProfile") -> str:
    """The range of numbers and times, the most frequent values of the rest."""
    if column.kind is Kind.NUMBER and column.minimum is not None:
        return f"{column.minimum:g} to {column.maximum:g}"
    if column.first:
        return f"{column.first} to {column.last}" + (
            f", read {column.date_order}" if column.date_order else ""
        )
    return ", ".join(each[:24] for each in column.examples[:3])
