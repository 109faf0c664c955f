"""Slots of traffic: shares are exact, and a change moves no key that it need not."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer_ray.experiments.slots import SLOTS, Span, allot, holders, size, slot_of

NAMES = st.sampled_from(("a", "b", "c"))
COUNTS = st.integers(0, SLOTS // 3)


def _table(held: dict[str, tuple[Span, ...]]) -> list[str]:
    names = ["", *held]
    return [names[number] for number in holders(list(held.values()))]


@given(st.lists(st.tuples(NAMES, COUNTS), max_size=8))
def test_a_change_of_shares_moves_only_the_slots_that_it_must(
    changes: list[tuple[str, int]],
) -> None:
    held: dict[str, tuple[Span, ...]] = {}
    for name, count in changes:
        before = _table(held)
        others = [span for each, spans in held.items() if each != name for span in spans]
        own = held.get(name, ())
        held = {**held, name: allot(name, count, own, others)}
        assert size(held[name]) == count
        after = _table(held)
        moved = [(was, now) for was, now in zip(before, after, strict=True) if was != now]
        assert len(moved) == abs(count - size(own))
        assert set(moved) <= {("", name) if count > size(own) else (name, "")}


def test_more_slots_than_are_free_are_refused() -> None:
    assert size(allot("b", 10, [], [(0, SLOTS - 10)])) == 10
    with pytest.raises(ValueError, match="11 slots are wanted, and 10 can be had"):
        allot("b", 11, [], [(0, SLOTS - 10)])


def test_keys_spread_evenly_over_the_slots() -> None:
    keys = 20_000
    tenths = Counter(slot_of("goals", f"key {key}") * 10 // SLOTS for key in range(keys))
    # chi-square with 9 degrees of freedom: above 27.9 once in a thousand
    expected = keys / 10
    assert sum((tenths[each] - expected) ** 2 / expected for each in range(10)) < 27.9


def test_the_slot_of_a_key_is_the_same_everywhere() -> None:
    assert slot_of("goals", "\ud800") == slot_of("goals", "\ud800")  # no Unicode, and a key still
    ours = {slot_of("goals", str(key)) == slot_of("shots", str(key)) for key in range(20)}
    assert False in ours  # the same entities do not meet the challengers of every blueprint
