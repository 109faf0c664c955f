"""Which candidates are tried, and in which order: the blueprint's portfolio first, then search."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tracer_ray.blueprint import Answer, Blueprint, Candidate
from tracer_ray.errors import BlueprintError
from tracer_ray.families import NAIVE, Range, family
from tracer_ray.families.fitting import RELATIVE, START
from tracer_ray.features import LEVELS, TARGET
from tracer_ray.periods import Period
from tracer_ray.training.plan import TrainingPlan

if TYPE_CHECKING:
    import optuna


_STARTUP_TRIALS = 4


def draw(portfolio: tuple[Candidate, ...], count: int, seed: int) -> tuple[Candidate, ...]:
    """The portfolio, cut or filled up to `count` by seeded draws from its families' ranges."""
    random = np.random.default_rng(seed)
    names = sorted({candidate.family for candidate in portfolio})
    drawn = []
    for _ in range(count - len(portfolio)):
        name = names[random.integers(len(names))]
        settings = {each.name: _between(each, random.random()) for each in family(name).ranges}
        drawn.append(Candidate(name, tuple(sorted(settings.items()))))
    return (*portfolio, *drawn)[:count]


def pooled_candidates(plan: TrainingPlan, target: str) -> tuple[Candidate, ...]:
    """The candidates of a target's pooled model; features that they start from by position.

    The baselines are tried beyond the budget: they cost nothing.
    """
    names = plan.feature_names(target)
    drawn = draw(plan.blueprint.portfolio.pooled, plan.budget.pooled, plan.seed)
    naive = naive_candidates(plan.blueprint, target)
    return tuple(started(each, names, target) for each in (*drawn, *naive))


def naive_first(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """A baseline before the others: where time is short, there is something to answer with.

    >>> found = naive_first((Candidate("lightgbm"), Candidate(NAIVE), Candidate("elastic_net")))
    >>> [each.family for each in found]
    ['naive', 'lightgbm', 'elastic_net']
    """
    naive = [each for each in candidates if each.family == NAIVE][:1]
    return (*naive, *(each for each in candidates if each not in naive))


def naive_candidates(blueprint: Blueprint, target: str) -> tuple[Candidate, ...]:
    """The baselines that repeat a feature on the answer's scale, an amount's as a logarithm."""
    answer = blueprint.target(target).answer
    relative = () if blueprint.period is Period.DAY else ((RELATIVE, 1),)
    is_log = {each.name: each.log for each in blueprint.features_for(target)}
    named = [each.feature.replace(TARGET, target) for each in blueprint.baselines if each.feature]
    return tuple(
        Candidate(NAIVE, (*relative, (START, name)))
        for name in named
        if is_log[name] == (answer is Answer.AMOUNT)
    )


def started(candidate: Candidate, names: tuple[str, ...], target: str) -> Candidate:
    """The candidate with the position of the feature that it starts from instead of its name.

    With the setting `relative`, also with those of the features that are levels as it is: averages
    and earlier values of the target. Raises BlueprintError for a feature that the target lacks.

    >>> names = ("log_units_lag_1", "log_units_mean_12", "log_units_std_12", "month")
    >>> asked = Candidate("elastic_net", (("relative", 1), ("start", "log_@target_lag_1")))
    >>> started(asked, names, "units").settings
    {'relative': '1', 'start': 0}
    """
    settings = candidate.settings
    if START not in settings:
        return candidate
    name = str(settings[START]).replace(TARGET, target)
    if name not in names:
        raise BlueprintError(f"a candidate starts from {name!r}, which is no feature of {target}")
    settings[START] = names.index(name)
    if settings.pop(RELATIVE, 0):
        heads = tuple(f"log_{target}_{op}_" for op in LEVELS)
        others = (i for i, each in enumerate(names) if each != name)
        levels = [i for i in others if f"{names[i]}_".startswith(heads)]
        settings[RELATIVE] = ",".join(map(str, levels))
    return Candidate(candidate.family, tuple(sorted(settings.items())))


class OwnSearch:
    """Proposes candidates for one entity and learns from their losses.

    After the portfolio, Optuna's tree-structured Parzen estimator (Bergstra et al. 2011) proposes
    families and settings, seeded; after four draws it learns from the losses of its proposals.
    """

    def __init__(self, portfolio: tuple[Candidate, ...], count: int, seed: int) -> None:
        self._portfolio = portfolio
        self._count = count
        self._seed = seed
        self._losses: list[tuple[Candidate, float]] = []

    def report(self, candidate: Candidate, loss: float) -> None:
        """Remember a candidate's loss; NaN where it could not be fitted."""
        self._losses.append((candidate, loss))

    def candidates(self) -> Iterator[Candidate]:
        """The candidates one by one; each one's loss must be reported before the next."""
        yield from self._portfolio[: self._count]
        if self._count > len(self._portfolio):
            yield from self._proposed(self._count - len(self._portfolio))

    def _proposed(self, count: int) -> Iterator[Candidate]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=self._seed, n_startup_trials=_STARTUP_TRIALS)
        )
        names = sorted({candidate.family for candidate in self._portfolio})
        for _ in range(count):
            trial = study.ask()
            name = trial.suggest_categorical("family", names)
            settings = {each.name: _suggested(trial, name, each) for each in family(name).ranges}
            candidate = Candidate(name, tuple(sorted(settings.items())))
            yield candidate
            study.tell(trial, dict(self._losses)[candidate])


def _suggested(trial: "optuna.Trial", name: str, setting: Range) -> float:
    label = f"{name}.{setting.name}"
    value: float
    if setting.is_integer:
        low, high = round(setting.low), round(setting.high)
        value = trial.suggest_int(label, low, high, log=setting.is_log)
    else:
        value = trial.suggest_float(label, setting.low, setting.high, log=setting.is_log)
    return value


def _between(setting: Range, share: float) -> float:
    if setting.is_log:
        value = setting.low * (setting.high / setting.low) ** share
    else:
        value = setting.low + share * (setting.high - setting.low)
    return float(round(value) if setting.is_integer else value)


def label(candidate: Candidate) -> str:
    """A readable name: family and settings.

    >>> label(Candidate("elastic_net", (("alpha", 0.1), ("l1_ratio", 0.5))))
    'elastic_net(alpha=0.1, l1_ratio=0.5)'
    """
    said = ", ".join(f"{name}={_short(value)}" for name, value in candidate.params)
    return f"{candidate.family}({said})"


def _short(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def candidate_to_json(candidate: Candidate) -> str:
    """A candidate as one line of text."""
    return json.dumps([candidate.family, candidate.settings], sort_keys=True)


def candidate_from_json(text: str) -> Candidate:
    """The candidate of that text.

    >>> candidate_from_json(candidate_to_json(Candidate("lightgbm", (("depth", 3),))))
    Candidate(family='lightgbm', params=(('depth', 3),))
    """
    name, settings = json.loads(text)
    return Candidate(name, tuple(sorted(settings.items())))
