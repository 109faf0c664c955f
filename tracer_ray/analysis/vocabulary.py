"""The words of blueprints: how much a name, or the words of a data set, speak for one of them."""

from collections import Counter
from collections.abc import Sequence
from math import exp, log

from tracer_ray.analysis.doubts import is_of_anybody
from tracer_ray.analysis.names import words_in
from tracer_ray.analysis.profile import Profile
from tracer_ray.blueprint import Blueprint
from tracer_ray.data.matching import all_names
from tracer_ray.data.spelling import fold

_OF_ANYBODY = 0.25
_ENOUGH_CONTEXT = 6.0


class Vocabulary:
    """What every blueprint is called and declares, and how much of it is its alone.

    A word or name of one blueprint says much, one of many says little (inverse document frequency).
    """

    def __init__(self, blueprints: Sequence[Blueprint]) -> None:
        self._words = {each.id: _vocabulary_of(each) for each in blueprints}
        names = ({fold(name) for name in _declared(each)} for each in blueprints)
        self._names = Counter(name for declared in names for name in declared)
        shared = Counter(word for words in self._words.values() for word in words)
        self._weights = {word: log(len(self._words) / n) for word, n in shared.items()}

    def specificity(self, name: str) -> float:
        """1 for a name that one blueprint declares, 1/n for one of n; 1/2 for another name.

        A quarter of it for what every table of persons has.
        """
        share = 1.0 / self._names.get(fold(name), 2)
        return share * _OF_ANYBODY if is_of_anybody(name) else share

    def context(self, blueprint: Blueprint, profile: Profile) -> float:
        """How much the words of a data set are those of a blueprint, 0 to 1."""
        return 1.0 - exp(-self._weight(blueprint.id, words_of_data(profile)) / _ENOUGH_CONTEXT)

    def _weight(self, blueprint: str, words: frozenset[str]) -> float:
        return sum(self._weights[word] for word in words & self._words[blueprint])


def _declared(blueprint: Blueprint) -> set[str]:
    """Every raw name that a blueprint knows."""
    names = {name for column in blueprint.columns for name in all_names(column)}
    if blueprint.sides:
        names |= {name for pair in blueprint.sides.pairs for name in (*pair.first, *pair.second)}
        names |= {
            *blueprint.sides.result,
            *blueprint.sides.winner_first,
            *blueprint.sides.scorelines,
        }
        names |= {*blueprint.sides.home_told_by}
    return names


def _vocabulary_of(blueprint: Blueprint) -> frozenset[str]:
    """The words of what a blueprint is called and declares."""
    texts = (blueprint.id, blueprint.who, *_declared(blueprint))
    return frozenset(word for word in words_in(texts) if len(word) > 1)


def signs_of(blueprint: Blueprint) -> frozenset[str]:
    """The words of a blueprint's signs."""
    return words_in(blueprint.signs)


def words_of_data(profile: Profile) -> frozenset[str]:
    """The words of the columns and of the file."""
    return words_in((*profile.names, profile.name))
