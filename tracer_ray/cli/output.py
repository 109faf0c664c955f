"""What commands print: text for people, JSON for machines, and failures in one sentence."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tracer_ray.errors import TracerError

FAILURE = 2


@dataclass
class Outcome:
    """The exit status of a command."""

    code: int = 0


@contextmanager
def failing_clearly() -> Iterator[Outcome]:
    """Print a failure that Tracer or the command line explains; anything else is a bug."""
    outcome = Outcome()
    try:
        yield outcome
    except SystemExit as ended:  # Typer has told how the command is used
        outcome.code = ended.code if isinstance(ended.code, int) else FAILURE
    except TracerError as error:
        cause = getattr(error, "cause", error)  # what a worker raised comes wrapped
        print(f"{type(cause).__name__}: {cause}", file=sys.stderr)
        outcome.code = FAILURE
    except KeyboardInterrupt:
        outcome.code = 130


def print_json(content: object) -> None:
    """One line of JSON; not-a-number becomes null."""
    print(json.dumps(_plain(content), default=str), flush=True)


def print_table(rows: Sequence[Mapping[str, object]], title: str = "") -> None:
    """Rows as a table for a terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in rows[0] if rows else ():
        is_number = all(isinstance(row[name], int | float) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    Console().print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values, one per line."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        print(f"{name:<{width}}  {_text(value)}")


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return "" if value is None else str(value)


def _plain(content: object) -> object:
    if isinstance(content, float) and content != content:
        return None
    if isinstance(content, Mapping):
        return {str(name): _plain(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    return content
