"""The `tracer` command: one function per command, each with `--json` for machines."""

import sys
from importlib import import_module

from tracer_ray.cli.app import app
from tracer_ray.cli.output import failing_clearly

COMMANDS = (  # they register on the app
    "analysis",
    "catalog",
    "cluster",
    "composites",
    "deployment",
    "experiments",
    "keys",
    "planning",
    "prediction",
    "registry",
    "training",
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when it did what it said, 2 with the reason on stderr when not.

    `tracer train` gives 3 where the release stands but more trials failed than are tolerated.
    """
    for module in COMMANDS:
        import_module(f"{__name__}.{module}")
    with failing_clearly() as outcome:
        app(arguments)
    return outcome.code


def run_job(command: str) -> None:
    """Run a command as a job: the process's arguments, one JSON line on stdout."""
    sys.exit(main([command, *sys.argv[1:], "--json"]))
