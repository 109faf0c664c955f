"""`python -m evaluation.blueprint_pages`: the pages of docs/blueprints, with what was measured."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from evaluation.cases import CASES
from evaluation.page import ROOT, Result, read_results, split_and_error, table
from tracer_ray.archive import blueprints
from tracer_ray.blueprint import Blueprint
from tracer_ray.blueprint_page import blueprint_page, index_page

FOLDER = ROOT / "docs" / "blueprints"


def pages() -> Iterator[tuple[Path, str]]:
    """Every page's file and text."""
    results = read_results()
    yield FOLDER / "README.md", index_page(blueprints())
    for blueprint in blueprints():
        yield (
            FOLDER / f"{blueprint.id}.md",
            blueprint_page(blueprint, _measured(blueprint, results)),
        )


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(exist_ok=True)
    for file, text in pages():
        file.write_text(text, encoding="utf-8")


def _measured(blueprint: Blueprint, results: Mapping[str, Result]) -> str:
    said = [
        f"On {f'`{case.folder}`' if case.folder else case.made}"
        f"{f', with `{case.chosen}`' if case.chosen else ''}. "
        f"{split_and_error(case, results[case.name])}\n\n{table(results[case.name])}"
        for case in CASES
        if case.blueprint == blueprint.id and case.name in results
    ]
    more = "Conditions, peers and references: [evaluation.md](../evaluation.md)."
    return "\n\n".join([*said, more]) if said else ""


if __name__ == "__main__":
    main()
