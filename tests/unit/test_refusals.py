"""What HAProxy refused is counted once, whatever becomes of HAProxy."""

from tests.ledger import Ledger
from tracer_ray.engine.refusals import Refusals
from tracer_ray.serving.meter import SHED


def test_each_refusal_is_counted_once_also_when_haproxy_is_new() -> None:
    ledger = Ledger()
    refusals = Refusals(ledger)
    for churn in (3, 3, 5, 2):  # the last is what a new HAProxy refused since it began
        refusals.count({"churn": churn, "front": 1})
    assert ledger.total(SHED, "churn") == 3 + 2 + 2
    assert ledger.total(SHED, "front") == 1
    refusals.count({})  # no page could be read
    refusals.count({"churn": 2})
    assert ledger.total(SHED) == 7 + 1
