"""May a release replace the champion? Decided from what both scored on their test rows.

Where both were tested on the same rows, losses are compared directly. Where they were not, a lower
loss may only mean easier rows, so their skills over the baseline of their own rows are compared.
Without a champion, a release must be at least as good as the baseline.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from tracer_ray.metrics import skill
from tracer_ray.releases.manifest import Figures


@dataclass(frozen=True)
class Comparison:
    """One target's figures side by side; `gain` is positive where the candidate is better."""

    target: str
    gain: float
    text: str


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate may become the champion, and the numbers that say so."""

    is_better: bool
    text: str


def judge(candidate: Mapping[str, Figures], champion: Mapping[str, Figures]) -> Verdict:
    """Compare two releases by their targets' figures; an empty champion means there is none.

    With several targets the mean gain decides. A target that only the champion answers is a
    refusal: promotion would silence it.

    >>> new = Figures("mae", 100, "rows 1", {"mae": 4.5}, {"mae": 4.6}, {"mae": 5.0})
    >>> old = Figures("mae", 100, "rows 1", {"mae": 4.6}, {"mae": 4.6}, {"mae": 5.0})
    >>> judge({"points": new}, {"points": old}).text
    'points: mae 4.5000 against 4.6000 on the same 100 test rows'
    >>> judge({"points": old}, {"points": new}).is_better
    False
    """
    missing = sorted(set(champion) - set(candidate))
    if missing:
        return Verdict(False, f"it does not answer {', '.join(missing)}, which the champion does")
    if not candidate:
        return Verdict(False, "it has no figures on test rows")
    if champion:
        comparisons = [_against(name, candidate[name], champion[name]) for name in champion]
    else:
        comparisons = list(_against_baselines(candidate))
    known = [each.gain for each in comparisons if isfinite(each.gain)]
    if not known:
        return Verdict(False, "no target has a gain that is defined on its test rows")
    mean_gain = sum(known) / len(known)
    is_better = mean_gain > 0.0 if champion else mean_gain >= 0.0
    return Verdict(is_better, "; ".join(each.text for each in comparisons))


def _against(target: str, candidate: Figures, champion: Figures) -> Comparison:
    """The share of the champion's loss that is saved, or the difference of the two skills."""
    if candidate.metric == champion.metric and candidate.tested_on == champion.tested_on:
        gain = skill(candidate.loss(candidate.ours), champion.loss(champion.ours))
        rows = f"on the same {candidate.rows:,} test rows"
        text = f"{_score(candidate)} against {_score(champion).split()[-1]} {rows}"
    else:
        gain = candidate.skill - champion.skill
        text = (
            f"tested on different rows, so by skill: {_skill(candidate)} against {_skill(champion)}"
        )
    return Comparison(target, gain, f"{target}: {text}")


def _against_baselines(candidate: Mapping[str, Figures]) -> Iterator[Comparison]:
    for target, figures in candidate.items():
        baseline = figures.baseline[figures.metric]
        text = f"{target}: {_score(figures)} against the baseline's {baseline:.4f}"
        yield Comparison(target, figures.skill, text)


def _score(figures: Figures) -> str:
    return f"{figures.metric} {figures.ours[figures.metric]:.4f}"


def _skill(figures: Figures) -> str:
    return (
        f"{100 * figures.skill:.2f} % ({_score(figures)}, baseline "
        f"{figures.baseline[figures.metric]:.4f}, {figures.rows:,} rows)"
    )
