"""Fit and measure what data are about: `python -m evaluation.subject`.

`headers.jsonl` has a line per data set: the names of its files and of their columns, and the
blueprints that an expert would accept for it, none where nothing fits. All were written from
memory, of public data sets and of what tools export, many put together in their style; there is no
data in it. Prints the share of right answers by cross-validation, and writes
`tracer_ray/analysis/subject.npz`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from tracer_ray.analysis.subject import NOTHING, SUBJECT_FILE, SubjectModel, terms_of

HEADERS = Path(__file__).with_name("headers.jsonl")
_FOLDS = 10
_INVERSE_PENALTY = 20.0
_FEWEST_HEADERS = 2  # that have a term


@dataclass(frozen=True)
class Header:
    """The terms of a data set's names, and the subjects that are right for it."""

    terms: tuple[str, ...]
    subjects: tuple[str, ...]


def main() -> None:
    """Measure by folds, then fit to all headers and write the model."""
    headers = tuple(read_headers(HEADERS))
    right = []
    for fitted, left in KFold(_FOLDS, shuffle=True, random_state=0).split(headers):
        model = fit([headers[row] for row in fitted])
        right.append(share_right(model, [headers[row] for row in left]))
    print(f"{len(headers)} headers, {_FOLDS} folds: {np.mean(right):.3f} right by names alone")
    write(fit(headers))


def read_headers(path: Path) -> Iterator[Header]:
    """The headers of a file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        columns = (name for names in said["files"].values() for name in names)
        yield Header(
            tuple(sorted(terms_of(said["files"], columns))), tuple(said["blueprints"]) or (NOTHING,)
        )


def fit(headers: Sequence[Header]) -> SubjectModel:
    """The model; a header of several subjects counts in parts for each."""
    vectorizer = TfidfVectorizer(analyzer=list, min_df=_FEWEST_HEADERS)
    matrix = vectorizer.fit_transform(header.terms for header in headers)
    each = [(row, subject) for row, header in enumerate(headers) for subject in header.subjects]
    regression = LogisticRegression(C=_INVERSE_PENALTY, max_iter=1000, class_weight="balanced")
    regression.fit(
        matrix[[row for row, _ in each]],
        [subject for _, subject in each],
        sample_weight=[1.0 / len(headers[row].subjects) for row, _ in each],
    )
    return SubjectModel(
        subjects=tuple(map(str, regression.classes_)),
        places={str(term): int(place) for term, place in vectorizer.vocabulary_.items()},
        rarity=np.asarray(vectorizer.idf_),
        weights=np.asarray(regression.coef_.T),
        intercept=np.asarray(regression.intercept_),
    )


def share_right(model: SubjectModel, headers: Sequence[Header]) -> float:
    """The share of headers whose likeliest subject is one of those that are right."""
    lags = (model.lag(header.terms) for header in headers)
    said = [max(lag, key=lambda subject: lag[subject]) for lag in lags]
    pairs = zip(said, headers, strict=True)
    return float(np.mean([each in header.subjects for each, header in pairs]))


def write(model: SubjectModel) -> None:
    """The model as a file of the package, its weights in half precision."""
    np.savez_compressed(
        SUBJECT_FILE,
        subjects=np.array(model.subjects),
        terms=np.array(sorted(model.places, key=lambda term: model.places[term])),
        rarity=model.rarity.astype(np.float16),
        weights=model.weights.astype(np.float16),
        intercept=model.intercept.astype(np.float16),
    )


if __name__ == "__main__":
    main()
