"""What leaving out features costs: those that mattered least before are dropped in the next window.

Run `python -m benchmarks.feature_selection BLUEPRINT=FOLDER ...`; prints a Markdown table. Losses
are shares of the constant forecast's, and means over three windows of time; the model is the
blueprint's first boosted candidate. No calibration or test row is read.
"""

import sys
import time

import numpy as np

from evaluation.windows import DataSet, pinned, read
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Blueprint, Candidate
from tracer_ray.engine.session import start_ray
from tracer_ray.families.fitting import START
from tracer_ray.rows import IntArray

SHARES = (1.0, 0.8, 0.5, 0.25)


def compare(data: DataSet, candidate: Candidate, share: float) -> tuple[float, float]:
    """The mean loss and the mean seconds of a fit with the most important share of features."""
    found = []
    for place in range(1, len(data.windows)):
        _, rounds = data.fit(place - 1, candidate, is_search=True)
        settled = pinned(candidate, rounds)
        kept = data.keeping(_most_important(data, place - 1, settled, share))
        began = time.perf_counter()
        predicted, _ = kept.fit(place, settled, is_search=False)
        found.append((kept.share(place, predicted), time.perf_counter() - began))
    loss, seconds = np.mean(found, axis=0).tolist()
    return loss, seconds


def _most_important(data: DataSet, place: int, candidate: Candidate, share: float) -> IntArray:
    ranked = np.argsort(-data.importances(place, candidate), kind="stable")
    return np.sort(ranked[: max(1, round(share * len(ranked)))])


def boosted(declared: Blueprint) -> Candidate:
    """The blueprint's first boosted candidate that starts from nothing, else LightGBM as it is."""
    able = (
        each
        for each in declared.portfolio.pooled
        if each.family in ("lightgbm", "xgboost") and START not in each.settings
    )
    return next(able, Candidate("lightgbm"))


def main() -> None:
    """Compare on every data set, and print."""
    start_ray()
    print("| data | features | " + " | ".join(f"{share:.0%}" for share in SHARES) + " |")
    print("|---|---|" + "---|" * len(SHARES))
    for pair in sys.argv[1:]:
        name, _, source = pair.partition("=")
        declared = blueprint(name)
        data, candidate = read(declared, source), boosted(declared)
        shown = (compare(data, candidate, share) for share in SHARES)
        cells = " | ".join(f"{loss:.4f}, {seconds:.1f} s" for loss, seconds in shown)
        print(f"| {name} | {len(data.names)} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
