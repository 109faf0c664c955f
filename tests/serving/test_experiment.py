"""The whole way of a test: asked, answered by two, predicted unseen, settled, and reported."""

import asyncio
import json

import numpy as np
import pytest
from sklearn.metrics import log_loss

from tests.ledger import Ledger
from tests.served import Served, client_of
from tests.twin_releases import twin
from tracer_ray.cli import main
from tracer_ray.registry.challengers import start_shadow, start_test
from tracer_ray.registry.registry import Registry
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.prediction_log import PredictionLog
from tracer_ray.serving.recorder import Recorder
from tracer_ray.serving.shadow import Shadows

ID = "customer_churn"
ROWS = 200


def test_what_was_asked_is_settled_and_reported(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        Registry(home).register(twin(home, ID, number))
    start_shadow(home, ID, "twin-01")
    start_test(home, ID, "twin-02", 50)
    champions = Champions(home, (ID,))
    champions.load()
    log = PredictionLog(home, Ledger())
    recorder = Recorder(log, Shadows(log, Ledger()))
    rows = [{"customer_id": f"c{each}", "tenure_months": each % 60} for each in range(ROWS)]
    left = (np.random.default_rng(1).random(ROWS) < 0.3).tolist()
    outcomes = [
        {"customer_id": row["customer_id"], "churned": each}
        for row, each in zip(rows, left, strict=True)
    ]

    async def ask() -> list[dict[str, object]]:
        async with client_of(Served(champions, recorder=recorder)) as client:
            reply = await client.post(f"/predict/{ID}/batch", json={"rows": rows})
            recorder.shadows.work()
            log.flush()
            taken = await client.post(f"/outcomes/{ID}", json={"rows": outcomes})
            assert taken.json()["failed"] == 0
            late = await client.post(f"/predict/{ID}/batch", json={"rows": rows})
            assert late.status_code == 200
            log.flush()
            said: list[dict[str, object]] = reply.json()["rows"]
            return said

    said = asyncio.run(ask())
    assert main(["ab", "report", ID, "--home", home, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    champion, shadow, challenger = report["figures"]
    assert [champion["variant"], shadow["variant"], challenger["variant"]] == [
        "champion",
        "shadow",
        "challenger",
    ]
    assert champion["predictions"] == 2 * champion["settled"]  # those after the outcome don't count
    assert champion["settled"] + challenger["settled"] == ROWS
    for figures in (champion, challenger):
        mine = [place for place, each in enumerate(said) if each["release"] == figures["release"]]
        chances = [said[place]["churn_probability"] for place in mine]
        expected = log_loss([left[place] for place in mine], chances)
        assert figures["loss"] == pytest.approx(expected)
    unseen, split = report["comparisons"]
    assert (unseen["is_paired"], unseen["rows"]) == (True, champion["settled"])
    assert unseen["difference"] == 0.0  # a twin says the same
    assert unseen["verdict"] == "none yet"
    assert "none in sight" in unseen["text"]
    assert (split["rows"], split["unit"]) == (ROWS, "entity")
    assert split["difference"] == pytest.approx(challenger["loss"] - champion["loss"])
    assert split["low"] < 0.0 < split["high"]
    assert main(["ab", "report", ID, "--home", home]) == 0
    assert "no verdict yet" in capsys.readouterr().out
