"""Champions in memory: swapped whole, and never for a release that fails its check."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from tests.twin_releases import as_of, damage, pointer_to, twin
from tracer_ray.errors import RegistryError, ReleaseError, RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.examples import example_request
from tracer_ray.registry.pointers import read_pointer, write_pointer
from tracer_ray.serving.champions import Champions

ID = "customer_churn"


@pytest.fixture
def champions(home: str) -> Champions:
    """The champion of one blueprint, in a home that the test may change."""
    champions = Champions(home, (ID,))
    champions.load()
    return champions


def test_a_promoted_release_takes_over_at_the_next_look(home: str, champions: Champions) -> None:
    before = champions.held
    write_pointer(home, pointer_to(twin(home, ID, 1), version=7))
    assert champions.held is before
    champions.look()
    state = champions.held[ID].to_json()
    assert (state["release"], state["version"], state["refused"]) == ("twin-01", 7, None)
    assert str(state["since"]) > before[ID].since
    looked = champions.held
    champions.look()
    assert champions.held is looked


def test_a_damaged_release_is_refused_with_the_reason_and_the_old_one_goes_on(
    home: str, champions: Champions
) -> None:
    before = champions.predictor(ID)
    bad, good = twin(home, ID, 1), twin(home, ID, 2)
    damage(bad)
    write_pointer(home, pointer_to(bad))
    champions.look()
    assert champions.predictor(ID) is before
    refused = champions.held[ID].refused
    assert refused is not None
    assert refused.release == "twin-01"
    assert "ReleaseError: models.parquet was altered" in refused.reason
    assert home not in refused.reason
    write_pointer(home, pointer_to(good))
    champions.look()
    assert champions.held[ID].to_json()["release"] == "twin-02"
    assert champions.held[ID].refused is None


def test_going_back_from_a_refused_release_loads_nothing_anew(
    home: str, champions: Champions
) -> None:
    before, old = champions.predictor(ID), read_pointer(home, ID)
    bad = twin(home, ID, 1)
    damage(bad)
    write_pointer(home, pointer_to(bad))
    champions.look()
    assert old is not None
    write_pointer(home, old)
    champions.look()
    assert champions.predictor(ID) is before
    assert champions.held[ID].refused is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"features": ["another"]}, "altered"),
        ({"blueprint": "goals"}, "expected twin-01 of customer_churn"),
        ({"files": {}}, "altered"),
    ],
)
def test_a_release_that_is_not_what_it_says_is_refused(
    home: str, champions: Champions, change: dict[str, object], expected: str
) -> None:
    place = Path(twin(home, ID, 1).uri, "manifest.json")
    pointer = pointer_to(twin(home, ID, 2))
    manifest = json.loads(place.read_text()) | change
    place.write_text(json.dumps(manifest))
    write_pointer(home, pointer)
    champions.look()
    before = champions.predictor(ID)
    write_pointer(home, type(pointer)(ID, "twin-01", str(place.parent), 3))
    champions.look()
    assert champions.predictor(ID) is before
    refused = champions.held[ID].refused
    assert refused is not None
    assert expected in refused.reason


def test_a_pointer_that_cannot_be_read_changes_nothing(home: str, champions: Champions) -> None:
    before = champions.held
    Path(home, "champions", f"{ID}.json").write_text("{")
    champions.look()
    assert champions.held is before


def test_a_release_that_is_missing_for_a_while_is_taken_once_it_is_there(
    home: str, champions: Champions
) -> None:
    release = twin(home, ID, 1)
    hidden = Path(home, "hidden")
    models = Path(release.uri, "models.parquet")
    models.rename(hidden)
    models.mkdir()  # the storage fails, and not because nothing is there
    write_pointer(home, pointer_to(release))
    champions.look()
    assert champions.held[ID].refused is not None
    models.rmdir()
    hidden.rename(models)
    champions.look()
    assert champions.held[ID].to_json()["release"] == "twin-01"


def test_a_champion_that_loads_answers_though_another_does_not(home: str) -> None:
    pointer = read_pointer(home, ID)
    assert pointer is not None
    shutil.rmtree(pointer.uri)
    champions = Champions(home)
    champions.load()
    assert champions.predictor(ID) is None
    assert champions.predictor("player_props") is not None
    with pytest.raises(ReleaseError, match=f"no champion could be loaded: {ID}: ReleaseError"):
        Champions(home, (ID,)).load()


def test_a_home_without_champions_is_said(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no release is promoted yet"):
        Champions(str(tmp_path)).load()


def test_every_answer_is_wholly_one_release_while_releases_change(
    home: str, champions: Champions
) -> None:
    twins = [twin(home, ID, number) for number in (1, 2, 3)]
    write_pointer(home, pointer_to(twins[0]))
    champions.look()
    before = champions.predictor(ID)
    assert before is not None
    request = example_request(before)
    answers: list[Answered | RequestError] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            predictor = champions.predictor(ID)
            assert predictor is not None
            answers.extend(predictor.answer([request] * 5))

    thread = threading.Thread(target=ask)
    thread.start()
    for number in (1, 2, 0, 2):
        write_pointer(home, pointer_to(twins[number]))
        champions.look()
    is_over.set()
    thread.join()
    told = [each for each in answers if isinstance(each, dict)]
    assert len(told) == len(answers) > 0
    assert all(each["as_of"] == as_of(str(each["release"])) for each in told)
