"""docs/evaluation.md, written from the kept results; nothing on it is typed by hand."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np

from evaluation.cases import CASES, Case

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "evaluation" / "results.json"
PAGE = ROOT / "docs" / "evaluation.md"
FORECASTS = {
    "ours": "Tracer",
    "pooled": "pooled",
    "baseline": "baseline",
    "linear": "linear",
    "lightgbm": "LightGBM",
    "riskmetrics": "RiskMetrics",
    "filtered": "filtered simulation",
    "truth": "the truth itself",
}
_ORDER = ("rank_correlation", "rank_correlation_error", "ndcg")
_TAILS = ("breaches", "rejected")
_SHOWN = {
    "crps": (
        "crps",
        "coverage",
        *(f"var_{share}_{each}" for share in (95, 99) for each in _TAILS),
        *(f"es_{share}_ratio" for share in (95, 99)),
    ),
    "log_loss": ("auc", "pr_auc", "log_loss"),
    "rmse": ("rmse", "mae", *_ORDER, "coverage"),
    "rmsle": (
        "rmsle",
        "rmspe",
        "wape",
        "price_rmse",
        *_ORDER,
        "coverage",
        *(f"{name}_{days}d" for days in (7, 28, 30, 90) for name in ("wape", "coverage")),
    ),
}
_LABELS = {
    "auc": "AUC",
    "pr_auc": "PR-AUC",
    "log_loss": "log loss",
    "rmse": "RMSE",
    "price_rmse": "RMSE of log quantity: last average moved by the price, and alone",
    "mae": "MAE",
    "rank_correlation": "rank correlation within a day, mean over days",
    "rank_correlation_error": "its standard error",
    "ndcg": "NDCG within a day",
    "crps": "CRPS",
    **{
        f"{name}_{share}{more}": label.format(share=share)
        for share in (95, 99)
        for name, more, label in (
            ("var", "_breaches", "losses beyond the {share} % value at risk"),
            ("var", "_rejected", "assets for which Kupiec's test rejects that at 5 %"),
            ("es", "_ratio", "mean loss beyond it, over what was expected ({share} %)"),
        )
    },
    "coverage": "share inside the 80 % interval",
    "rmsle": "RMSE of log(1 + amount)",
    "rmspe": "RMSPE",
    "wape": "absolute error as a share",
    **{
        f"{name}_{days}d": f"{label} of {days} days"
        for days in (7, 28, 30, 90)
        for name, label in (("wape", "error of the sum"), ("coverage", "coverage of the sum"))
    },
}
_HEAD = """# Evaluation

Written by `make evaluate`; do not edit. Every section is one run of `tracer train` with the
settings as they come, most on public data below `../shared/data`, scored on test rows that nothing
was fitted to or chosen on. The peers are fitted in the same run to the same features and all rows
before the test rows: a linear model (logistic regression, or least squares for numbers) and
LightGBM with its default settings (`evaluation/peers.py`). References were published or measured by
others under conditions of their own, and are no more than an orientation.

A test slice is small where the data are: with the standard errors shown, differences of less than
two of them are chance. Blueprints without public data are measured on 5,000 rows made from their
declaration (`tracer_ray/synthetic/declared.py`), beside the truth behind the rows; that shows that
they learn what is there, and nothing about the world.
"""


class Result(TypedDict):
    """The figures of one case: scores by forecast and metric, on so many test rows.

    `level` is what answers by default, pooled or baseline; `elasticities` are each entity's with
    its standard error, where a response is declared.
    """

    metric: str
    rows: int
    positives: int
    split: str
    scores: dict[str, dict[str, float]]
    level: NotRequired[str]
    elasticities: NotRequired[dict[str, list[float]]]


def read_results() -> dict[str, Result]:
    """The kept results by case."""
    if not RESULTS.exists():
        return {}
    found: dict[str, Result] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def write_page(results: Mapping[str, Result]) -> None:
    """Write the page."""
    PAGE.write_text(page(results), encoding="utf-8")


def page(results: Mapping[str, Result]) -> str:
    """The page's text."""
    done = [(case, results[case.name]) for case in CASES if case.name in results]
    return "\n".join([_HEAD, *(_section(case, result) for case, result in done)])


def table(result: Result) -> str:
    """The scores of all forecasts as a Markdown table."""
    names = [name for name in _SHOWN[result["metric"]] if name in result["scores"]["ours"]]
    forecasts = [name for name in FORECASTS if name in result["scores"]]
    lines = [
        "| test rows: {:,} | {} |".format(
            result["rows"], " | ".join(FORECASTS[name] for name in forecasts)
        ),
        "|---|" + "---|" * len(forecasts),
    ]
    for name in names:
        scores = [result["scores"][forecast].get(name) for forecast in forecasts]
        shown = ["" if score is None else f"{score:.4g}" for score in scores]
        lines.append(f"| {_LABELS[name]} | {' | '.join(shown)} |")
    return "\n".join(lines)


def auc_error(auc: float, positives: int, negatives: int) -> float:
    """The standard error of an AUC (Hanley and McNeil, 1982).

    >>> round(auc_error(0.845, 250, 650), 3)
    0.016
    """
    above = auc / (2.0 - auc)
    below = 2.0 * auc**2 / (1.0 + auc)
    variance = auc * (1.0 - auc) + (positives - 1) * (above - auc**2)
    variance += (negatives - 1) * (below - auc**2)
    return float(np.sqrt(variance / (positives * negatives)))


def split_and_error(case: Case, result: Result) -> str:
    """How the rows were split, what is to be known of them, and how sure the AUC is."""
    said = [f"Split {result['split']}"]
    if case.note:
        said.append(case.note[:1].upper() + case.note[1:])
    if result.get("level") == "baseline":
        said.append("The pooled model did not beat the baseline before the test rows: that answers")
    auc = result["scores"]["ours"].get("auc")
    if auc is not None:
        spread = auc_error(auc, result["positives"], result["rows"] - result["positives"])
        said.append(f"Standard error of the AUC: {spread:.3f}")
    known = result.get("elasticities", {})
    if known:
        each = (f"{name} {value:.2f} +- {error:.2f}" for name, (value, error) in known.items())
        said.append(f"Elasticities with standard errors: {', '.join(each)}")
    if case.reference:
        said.append(f"Reference: {case.reference}")
    return ". ".join(said) + "."


def _section(case: Case, result: Result) -> str:
    data = f"`{case.folder}`" if case.folder else case.made
    command = f"`tracer train {case.blueprint} --data ../shared/data/{case.folder}`"
    if case.chosen:
        command = f"{command[:-1]} --set {case.chosen}`"
    if case.prepare:
        command += f" on the table of `{case.prepare}` in `evaluation/preparation.py`"
    if not case.folder:
        command = f"`python -m evaluation.run {case.name}`"
    head = f"## [{case.blueprint}](blueprints/{case.blueprint}.md) on {data}"
    return "\n\n".join([head, split_and_error(case, result), table(result), command]) + "\n"


if __name__ == "__main__":
    write_page(read_results())
