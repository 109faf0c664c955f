"""Ingest raw files as a dataset: `python jobs/ingest.py player_props --data FOLDER`."""

import argparse
import json
import logging
import os
import sys

from tracer_ray.archive import blueprint
from tracer_ray.engine.ingest import IngestOptions, ingest
from tracer_ray.errors import TracerError


def main(arguments: list[str] | None = None) -> int:
    """Run the job; prints one JSON line and returns 0, or the reason on stderr and 2."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    try:
        dataset = ingest(
            blueprint(options.blueprint),
            options.data,
            options.home,
            options=IngestOptions(mapping=dict(options.map), tolerance=options.tolerance),
        )
    except TracerError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    shown = ("blueprint", "rows", "entities", "excluded", "quarantined", "duplicates")
    print(json.dumps({"dataset": dataset.uri, **{name: dataset.manifest[name] for name in shown}}))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blueprint")
    parser.add_argument("--data", action="append", required=True, help="file, folder, glob, s3://")
    parser.add_argument("--home", default=os.environ.get("TRACER_HOME", "./tracer_home"))
    parser.add_argument(
        "--map", action="append", default=[], type=_pair, metavar="COLUMN=YOURS", help="a column"
    )
    parser.add_argument("--tolerance", type=float, default=IngestOptions.tolerance)
    return parser


def _pair(text: str) -> tuple[str, str]:
    canonical, equals, source = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r}: expected column=your_column")
    return canonical, source


if __name__ == "__main__":
    sys.exit(main())
