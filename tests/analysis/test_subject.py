"""What data are about: the model of the package is that of the headers, and knows what it can't."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from evaluation.subject import HEADERS, Header, fit, read_headers, share_right
from tracer_ray.analysis.profile import profile
from tracer_ray.analysis.report import analyze_samples
from tracer_ray.analysis.samples import sample_table
from tracer_ray.analysis.subject import NOTHING, SubjectModel, subject_model, terms_of
from tracer_ray.analysis.suggestion import FITS_WELL, Suggestion
from tracer_ray.analysis.weighing import weighed_by_names
from tracer_ray.archive import blueprint, blueprints


@pytest.fixture(scope="module")
def headers() -> tuple[Header, ...]:
    return tuple(read_headers(HEADERS))


@pytest.fixture(scope="module")
def fitted(headers: tuple[Header, ...]) -> SubjectModel:
    """A model that has not seen every fifth header."""
    return fit([header for row, header in enumerate(headers) if row % 5])


def test_names_alone_tell_what_headers_are_about(
    headers: tuple[Header, ...], fitted: SubjectModel
) -> None:
    assert share_right(fitted, headers[::5]) > 0.75
    assert share_right(fitted, [Header(each.terms, ("no_such",)) for each in headers[::5]]) == 0.0


def test_the_model_of_the_package_is_that_of_the_headers(headers: tuple[Header, ...]) -> None:
    """Its weights are kept in half precision."""
    anew, kept = fit(headers), subject_model()
    assert (kept.subjects, kept.places) == (anew.subjects, anew.places)
    for header in headers[::50]:
        said, expected = (list(model.lag(header.terms).values()) for model in (kept, anew))
        assert said == pytest.approx(expected, abs=0.05)


def test_headers_speak_of_blueprints_of_the_archive(headers: tuple[Header, ...]) -> None:
    known = {each.id for each in blueprints()} | {NOTHING}
    assert {subject for header in headers for subject in header.subjects} <= known
    assert set(subject_model().subjects) <= known


def test_what_is_hardly_known_hardly_speaks_for_anything() -> None:
    model = subject_model()
    unknown = terms_of(("zzz.csv",), ("quux", "plugh"))
    assert model.knowledge(unknown) == 0.0
    assert set(model.lag(unknown).values()) == {0.0}
    few, many = (
        terms_of(("zzz.csv",), names)
        for names in (("tenure",), ("tenure", "contract", "monthly_charges", "churn"))
    )
    assert model.knowledge(few) < model.knowledge(many) < 1.0
    assert min(model.lag(few).values()) > min(model.lag(many).values())


def test_names_that_tell_a_subject_are_those_of_its_field() -> None:
    names = ("customer_id", "artist", "album", "quux")  # many fields have customers
    assert set(subject_model().telling("content_engagement", names)) == {"artist", "album"}
    assert subject_model().telling("no_such", names) == ()


def test_every_blueprint_of_the_archive_is_told_by_its_own_names() -> None:
    """Its required columns, as it calls them itself."""
    wrong = []
    for subject in filter(None, subject_model().subjects):
        declared = blueprint(subject).columns
        lag = subject_model().lag(terms_of((f"{subject}.csv",), [each.name for each in declared]))
        wrong += [subject] if lag[subject] < -1.0 else []
    assert wrong == []


def test_a_blueprint_that_the_model_does_not_know_keeps_its_score() -> None:
    table = pa.table({"season": [1, 2], "home_team": ["a", "b"], "away_team": ["b", "a"]})
    known = profile(sample_table(table, "games.csv"))
    match, other = (suggestion(name, 0.3) for name in ("match_outcome", "machine_failure"))
    assert weighed_by_names(match, known).score > 0.3
    assert weighed_by_names(other, known) == other


def test_what_is_ready_is_weighed_as_what_is_not() -> None:
    """That nothing is missing does not say that it is about the right thing."""
    table = pa.table({"loan_id": [1, 2], "interest_rate": [0.1, 0.2], "installment": [9, 8]})
    known = profile(sample_table(table, "loans.csv"))
    sure = suggestion("customer_churn", 0.85)
    asking = replace(sure, ask=(("churned", ("left",)),))
    assert weighed_by_names(sure, known).score == weighed_by_names(asking, known).score < 0.5


def suggestion(blueprint: str, score: float) -> Suggestion:
    """One that lacks nothing."""
    return Suggestion(blueprint, "", score, "", {}, {}, (), (), (), (), (), "", {})


def test_what_somebody_has_told_is_not_weighed() -> None:
    days = (np.datetime64("2024-01-01") + np.arange(200)).astype("datetime64[D]")
    table = pa.table({"when": days.astype(str), "carrier": ["x"] * 200, "y": np.arange(200) + 0.5})
    told = {"revenue": "y", "date": "when"}
    found = analyze_samples([sample_table(table, "shipments.csv")], told).suggestions
    assert next(each for each in found if each.blueprint == "revenue_forecast").score > FITS_WELL
