"""What data are about: the model of the package is that of the headers, and knows what it can't."""

import pytest

from evaluation.subject import HEADERS, Header, fit, read_headers, share_right
from tracer_ray.analysis.subject import SubjectModel, subject_model, terms_of
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
    assert share_right(fitted, headers[::5]) > 0.8
    assert share_right(fitted, [Header(each.terms, ("no_such",)) for each in headers[::5]]) == 0.0


def test_the_model_of_the_package_is_that_of_the_headers(headers: tuple[Header, ...]) -> None:
    """Its weights are kept in half precision."""
    anew, kept = fit(headers), subject_model()
    assert (kept.subjects, kept.places) == (anew.subjects, anew.places)
    for header in headers[::50]:
        said, expected = (list(model.lag(header.terms).values()) for model in (kept, anew))
        assert said == pytest.approx(expected, abs=0.05)


def test_headers_speak_of_blueprints_of_the_archive(headers: tuple[Header, ...]) -> None:
    known = {each.id for each in blueprints()}
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
    names = ("order_id", "artist", "album", "quux")
    assert set(subject_model().telling("content_engagement", names)) == {"artist", "album"}
    assert subject_model().telling("no_such", names) == ()


def test_every_blueprint_of_the_archive_is_told_by_its_own_names() -> None:
    """Its required columns, as it calls them itself."""
    wrong = []
    for subject in subject_model().subjects:
        declared = blueprint(subject).columns
        lag = subject_model().lag(terms_of((f"{subject}.csv",), [each.name for each in declared]))
        wrong += [subject] if lag[subject] < -1.0 else []
    assert wrong == []
