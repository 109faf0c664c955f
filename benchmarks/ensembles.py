"""Ways to combine candidates, each learned on one window of time and judged on the next.

Run `python -m benchmarks.ensembles BLUEPRINT=FOLDER ...`; prints a Markdown table. Losses are
shares of the constant forecast's, and means over three windows. Greedy selection is what training
does. The voting ensemble has the weights, none negative, that have the lowest loss. Stacking is a
ridge regression on the candidates' predictions, or a logistic one. No calibration or test row is
read.
"""

import importlib
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.windows import DataSet, pinned, read
from tracer_ray.archive import blueprint
from tracer_ray.blueprint import Answer, Candidate
from tracer_ray.engine.session import start_ray
from tracer_ray.link import from_link, to_link
from tracer_ray.rows import FloatArray
from tracer_ray.training.pooled import PooledTrial, choose_members
from tracer_ray.training.search import draw

COUNT = 6
PENALTY = 1.0


@dataclass(frozen=True)
class Round:
    """All candidates' predictions for a window and the next one, float64 [candidates, rows]."""

    data: DataSet
    place: int
    before: FloatArray
    now: FloatArray

    @property
    def outcomes(self) -> FloatArray:
        """What came in the window that is learned from."""
        return self.data.windows[self.place - 1].judged.y

    def share(self, weights: FloatArray, predictions: FloatArray, place: int) -> float:
        """The loss of a weighted average."""
        linked = np.average(self.linked(predictions), axis=0, weights=weights)
        return self.data.share(place, from_link(linked, self.data.goal.answer))

    def linked(self, predictions: FloatArray) -> FloatArray:
        """Predictions on the scale on which they are averaged."""
        return np.array([to_link(each, self.data.goal.answer) for each in predictions])


def best(given: Round) -> float:
    """The candidate that was best in the window before."""
    losses = [given.data.share(given.place - 1, each) for each in given.before]
    return given.data.share(given.place, given.now[int(np.argmin(losses))])


def equal(given: Round) -> float:
    """The average of all."""
    return given.share(np.ones(len(given.now)), given.now, given.place)


def greedy(given: Round) -> float:
    """What training does."""
    loss = given.data.goal.loss
    trials = tuple(
        PooledTrial(Candidate(str(number)), each, loss(given.outcomes, each), 0.0)
        for number, each in enumerate(given.before)
    )
    members = choose_members(trials, (given.outcomes,), given.data.goal)
    chosen = {int(each.candidate.family): each.weight for each in members}
    weights = np.array([chosen.get(number, 0.0) for number in range(len(trials))])
    return given.share(weights, given.now, given.place)


def voting(given: Round) -> float:
    """The best weights of the window before."""
    optimize: Any = importlib.import_module("scipy.optimize")

    def loss(free: FloatArray) -> float:
        return given.share(np.exp(free - free.max()), given.before, given.place - 1)

    bounds = [(-8.0, 8.0)] * len(given.before)
    found = optimize.minimize(loss, np.zeros(len(bounds)), method="Powell", bounds=bounds)
    return given.share(np.exp(found.x - found.x.max()), given.now, given.place)


def stacking(given: Round) -> float:
    """A linear model on all predictions."""
    from sklearn.linear_model import LogisticRegression, Ridge

    answer = given.data.goal.answer
    before, now = given.linked(given.before).T, given.linked(given.now).T
    if answer is Answer.PROBABILITY:
        model = LogisticRegression(C=1.0 / PENALTY).fit(before, given.outcomes)
        return given.data.share(given.place, model.predict_proba(now)[:, 1])
    ridge = Ridge(alpha=PENALTY).fit(before, to_link(given.outcomes, answer))
    return given.data.share(given.place, from_link(ridge.predict(now), answer))


WAYS = (best, equal, greedy, voting, stacking)


def compare(name: str, source: str) -> tuple[float, ...]:
    """The mean loss of every way on one data set."""
    declared = blueprint(name)
    data, target = read(declared, source), declared.targets[0].name
    asked = [data.started(each, target) for each in draw(declared.portfolio.pooled, COUNT, 0)]
    rounds = [0] * len(asked)
    before: FloatArray = np.zeros(0)
    found = []
    for place in range(len(data.windows)):
        if place:
            fits = [
                data.fit(place, pinned(each, kept), is_search=False)[0]
                for each, kept in zip(asked, rounds, strict=True)
            ]
            given = Round(data, place, before, np.array(fits))
            found.append([way(given) for way in WAYS])
        searched = [data.fit(place, each, is_search=True) for each in asked]
        before, rounds = np.array([said for said, _ in searched]), [kept for _, kept in searched]
    return tuple(np.mean(found, axis=0).tolist())


def main() -> None:
    """Compare on every data set, and print."""
    start_ray()
    print("| data | " + " | ".join(way.__name__ for way in WAYS) + " |\n|" + "---|" * 6)
    for pair in sys.argv[1:]:
        name, _, source = pair.partition("=")
        print(f"| {name} | " + " | ".join(f"{each:.4f}" for each in compare(name, source)) + " |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
