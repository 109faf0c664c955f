"""Shares of traffic: every key falls into one of 10,000 slots, and challengers hold some of them.

What nobody holds is the champion's. Slots stay with their holder while his share grows, and nobody
else's move: a change of shares moves the keys that it must, and no others.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import pairwise

SLOTS = 10_000  # a hundredth of a percent each

Span = tuple[int, int]  # the first slot, and the one after the last


def slot_of(blueprint: str, key: str) -> int:
    """The slot of a key: the same in every process and on every machine, 0 to SLOTS - 1.

    >>> slot_of("player_props", "2544") == slot_of("player_props", "2544")
    True
    """
    text = f"{blueprint}\n{key}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest()) % SLOTS


def allot(name: str, count: int, own: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """The spans of a holder who shall have `count` slots, and has `own`; others have `taken`.

    Where the search for free slots begins depends on the name, so that not the same keys meet every
    new challenger. ValueError where too few are free.

    >>> allot("a", 3, [(5, 10)], [(0, 5)])
    ((5, 8),)
    """
    begin = slot_of(name, "")
    order = [*range(begin, SLOTS), *range(begin)]
    mine, theirs = set(_slots(own)), set(_slots(taken))
    kept = [slot for slot in order if slot in mine][:count]
    free = [slot for slot in order if slot not in mine and slot not in theirs]
    chosen = sorted([*kept, *free[: count - len(kept)]])
    if len(chosen) < count:
        raise ValueError(f"{count} slots are wanted, and {len(mine) + len(free)} can be had")
    return _spans(chosen)


def size(spans: Iterable[Span]) -> int:
    """How many slots some spans have.

    >>> size([(0, 10), (20, 25)])
    15
    """
    return sum(stop - start for start, stop in spans)


def holders(held: Sequence[Iterable[Span]]) -> bytes:
    """Per slot the number of its holder from 1 on, in their order; 0 where nobody holds it."""
    table = bytearray(SLOTS)
    for number, spans in enumerate(held, 1):
        for start, stop in spans:
            table[start:stop] = bytes([number]) * (stop - start)
    return bytes(table)


def _slots(spans: Iterable[Span]) -> list[int]:
    return [slot for start, stop in spans for slot in range(start, stop)]


def _spans(slots: Sequence[int]) -> tuple[Span, ...]:
    """Sorted slots as spans."""
    if not slots:
        return ()
    cuts = [after for before, after in pairwise(slots) if after > before + 1]
    ends = [before + 1 for before, after in pairwise(slots) if after > before + 1]
    return tuple(zip([slots[0], *cuts], [*ends, slots[-1] + 1], strict=True))
