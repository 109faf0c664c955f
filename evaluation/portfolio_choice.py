"""Which few configurations are jointly good: chosen as training would choose, on earlier windows.

A configuration that is best in one window of time may be worse than a constant in the next. So a
portfolio is judged by what it leads to: in every window its member with the lowest mean loss in the
windows before is taken, and pays its loss in this one. Where simple models are steadier they win,
because choosing between unsteady ones costs what it costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracer_ray.rows import FloatArray


@dataclass(frozen=True)
class Trials:
    """What all candidates gave on one data set, float64 [candidates, windows] each.

    Losses are shares of the constant forecast's. `chosen_by` is the loss on a window by a fit that
    was stopped early on it, as a search sees it; `paid` the loss by a fit that knew nothing of the
    window. The first window of `paid` is not used: there is none before it to choose on.
    """

    chosen_by: FloatArray
    paid: FloatArray


def payments(trials: Trials, members: Sequence[int]) -> FloatArray:
    """The loss in every window but the first, by the member that was best in those before it."""
    inside = np.array(members)
    totals = trials.chosen_by[inside, :-1].cumsum(axis=1)
    taken = inside[totals.argmin(axis=0)]
    found: FloatArray = trials.paid[taken, np.arange(1, trials.paid.shape[1])]
    return found


def value(data_sets: Sequence[Trials], members: Sequence[int]) -> float:
    """The mean loss that a portfolio leads to; all data sets count the same."""
    return float(np.mean([payments(each, members).mean() for each in data_sets]))


def choose(data_sets: Sequence[Trials], size: int, least_gain: float = 0.0005) -> tuple[int, ...]:
    """Add the candidate that helps most, until none helps or the portfolio is full.

    >>> steady = [[0.9, 0.9, 0.9], [0.7, 0.7, 0.7]]
    >>> choose([Trials(np.array(steady), np.array(steady))], size=2)
    (1,)
    """
    chosen: list[int] = []
    best = np.inf
    everybody = range(len(data_sets[0].paid))
    while len(chosen) < size:
        values = {each: value(data_sets, [*chosen, each]) for each in everybody}
        winner = min(values, key=lambda each: values[each])
        if winner in chosen or values[winner] > best - least_gain:
            break
        chosen.append(winner)
        best = values[winner]
    return tuple(chosen)
