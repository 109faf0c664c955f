"""Derive a blueprint's portfolio from data: `python -m evaluation.portfolio BLUEPRINT --data ...`.

Candidates of all families are fitted forward in time on several windows of the training and
validation rows; calibration and test rows are not looked at. Prints what every portfolio leads to,
and the configurations to write into the blueprint. `--data` and `--set NAME=VALUE` may be repeated.
"""

import argparse

import numpy as np

from evaluation.portfolio_choice import Trials, choose, value
from evaluation.windows import DataSet, pinned, read
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint, Candidate
from tracer_ray.cli.app import settings_of
from tracer_ray.engine.session import start_ray
from tracer_ray.families import FAMILIES
from tracer_ray.training.search import draw, label

SIZE = 4


def main() -> None:
    """Fit, choose and print."""
    given = _arguments()
    declared = blueprint(given.blueprint, settings_of(given.set))
    start_ray()
    asked = candidates(declared, given.candidates, given.seed)
    target = declared.targets[0].name
    tried = [trials(read(declared, source), target, asked) for source in given.data]
    _print(asked, tried, choose(tried, SIZE))


def candidates(declared: Blueprint, count: int, seed: int) -> tuple[Candidate, ...]:
    """The blueprint's own candidates, every family as it comes, then seeded draws of all."""
    families = tuple(map(Candidate, FAMILIES))
    drawn = draw(families, len(families) + count, seed)
    return tuple(dict.fromkeys((*declared.portfolio.pooled, *drawn)))


def trials(data: DataSet, target: str, asked: tuple[Candidate, ...]) -> Trials:
    """What every candidate gives on one data set, window by window."""
    chosen_by = np.full((len(asked), len(data.windows)), np.nan)
    paid = chosen_by.copy()
    for number, each in enumerate(asked):
        begun, rounds = data.started(each, target), 0
        for place in range(len(data.windows)):
            if place:
                predicted, _ = data.fit(place, pinned(begun, rounds), is_search=False)
                paid[number, place] = data.share(place, predicted)
            predicted, rounds = data.fit(place, begun, is_search=True)
            chosen_by[number, place] = data.share(place, predicted)
        shown = (f"{share:.3f}" for share in (*chosen_by[number], *paid[number, 1:]))
        print(label(each), *shown, flush=True)
    return Trials(chosen_by, paid)


def _print(asked: tuple[Candidate, ...], tried: list[Trials], chosen: tuple[int, ...]) -> None:
    print("\n| portfolio | loss as a share of the constant's |\n|---|---|")
    for family in FAMILIES:
        alike = [number for number, each in enumerate(asked) if each.family == family]
        print(f"| all {len(alike)} of {family} | {value(tried, alike):.4f} |")
    print(f"| all {len(asked)} | {value(tried, range(len(asked))):.4f} |")
    for count in range(1, len(chosen) + 1):
        print(f"| the first {count} chosen | {value(tried, chosen[:count]):.4f} |")
    print("\nchosen:")
    for number in chosen:
        settings = "".join(f", {name}={setting:g}" for name, setting in asked[number].params)
        print(f'    candidate("{asked[number].family}"{settings}),')


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blueprint")
    parser.add_argument("--data", action="append", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--candidates", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
