"""What data are about, by the words of their names: a model learned from labelled headers.

Multinomial logistic regression on the words of files and columns, weighted by how rare they are
(tf-idf). `evaluation/subject.py` fits it to `evaluation/headers.jsonl` and measures it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

import numpy as np

from tracer_ray.analysis.names import words_in
from tracer_ray.rows import FloatArray

SUBJECT_FILE = Path(__file__).with_name("subject.npz")
NOTHING = ""  # the subject of data that no blueprint is for
_MOST_TOLD, _FAR_MORE = 3, 1.6
_HALF_TOLD = 5


@dataclass(frozen=True)
class SubjectModel:
    """Weights by term and subject; a subject is the id of a blueprint, or `NOTHING`.

    `places` is the row of each known term, `rarity` [terms] its inverse document frequency,
    `weights` [terms, subjects] and `intercept` [subjects] are those of the regression.
    """

    subjects: tuple[str, ...]
    places: Mapping[str, int]
    rarity: FloatArray
    weights: FloatArray
    intercept: FloatArray

    def lag(self, terms: Iterable[str]) -> Mapping[str, float]:
        """By subject, how far its log-probability is below that of the likeliest: 0 at most.

        It is the less, the less is known of the terms.

        >>> terms = terms_of(("users.csv",), ("tenure", "MonthlyCharges", "Contract", "Churn"))
        >>> lag = subject_model().lag(terms)
        >>> lag["customer_churn"], lag["gas_price_forecast"] < -2
        (0.0, True)
        """
        rarity, weights = self._known(terms)
        logits = rarity @ weights / max(float(np.linalg.norm(rarity)), 1e-9) + self.intercept
        lags = (logits - logits.max()) * self.knowledge(terms)
        return dict(zip(self.subjects, lags.tolist(), strict=True))

    def knowledge(self, terms: Iterable[str]) -> float:
        """How much the terms can tell, 0 to 1: a half where five of them are known."""
        known = len(self._known(terms)[0])
        return known / (known + _HALF_TOLD)

    def telling(self, subject: str, names: Sequence[str]) -> tuple[str, ...]:
        """The names, at most three, that speak for a subject far more than for any other."""
        if subject not in self.subjects:
            return ()
        place, said = self.subjects.index(subject), {}
        for name in names:
            rarity, weights = self._known(terms_of((), (name,)))
            spoken = rarity @ weights
            if spoken[place] > _FAR_MORE * max(0.0, *np.delete(spoken, place)):
                said[name] = float(spoken[place])
        return tuple(sorted(said, key=lambda name: -said[name])[:_MOST_TOLD])

    def _known(self, terms: Iterable[str]) -> tuple[FloatArray, FloatArray]:
        """The rarity [terms] and weights [terms, subjects] of the terms that are known."""
        known = sorted({self.places[term] for term in terms if term in self.places})
        return self.rarity[known], self.weights[known]


@cache
def subject_model() -> SubjectModel:
    """The model that comes with the package."""
    with np.load(SUBJECT_FILE) as held:
        terms = held["terms"].tolist()
        return SubjectModel(
            subjects=tuple(held["subjects"].tolist()),
            places={term: place for place, term in enumerate(terms)},
            rarity=held["rarity"].astype(np.float64),
            weights=held["weights"].astype(np.float64),
            intercept=held["intercept"].astype(np.float64),
        )


def terms_of(files: Iterable[str], columns: Iterable[str]) -> frozenset[str]:
    """The words of files and columns; those of files, which mostly name the subject, twice.

    >>> sorted(terms_of(("orders_2024.csv",), ("CustID", "x1")))
    ['customer', 'file:order', 'id', 'order']
    """
    of_files = _telling_words(PurePath(file).stem for file in files)
    return of_files | _telling_words(columns) | {f"file:{word}" for word in of_files}


def _telling_words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words_in(names) if len(word) > 1 and not word.isdigit())
