"""Challengers: releases that answer a share of the traffic beside the champion, or in its shadow.

They stand in the champion's pointer, so that replicas take them up, and let them go, as they take
up a promotion. A promotion or a rollback ends the tests against the champion before.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tracer_ray.errors import RegistryError
from tracer_ray.experiments.slots import SLOTS, Span, allot, size
from tracer_ray.registry.client import changing, find_place
from tracer_ray.registry.finding import find_release
from tracer_ray.registry.pointers import Challenger, Pointer, read_pointer, write_pointer
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release

SMALLEST_SHARE, LARGEST_SHARE = 0.01, 99.0  # percent; more than that is a promotion
_Place = Callable[[str, Pointer], tuple[Span, ...]]


def start_test(home: str, blueprint: str, release: str, share: float) -> Challenger:
    """Let a release answer `share` percent of a blueprint's traffic, or another share than before.

    Raises RegistryError for a share that is none, or that others leave no room for, for the
    champion itself, and for a release that is unknown or lacks a target of the champion;
    ReleaseError where a file of it is absent or altered.
    """
    if not SMALLEST_SHARE <= share <= LARGEST_SHARE:
        raise RegistryError(
            f"share {share:g}: expected a percentage from {SMALLEST_SHARE:g} to "
            f"{LARGEST_SHARE:g}; to let a release answer everything, promote it"
        )
    return _put(home, blueprint, release, lambda name, pointer: _room(name, pointer, share))


def start_shadow(home: str, blueprint: str, release: str) -> Challenger:
    """Let a release predict whatever the champion answers, without telling anybody.

    Raises as `start_test` does.
    """
    return _put(home, blueprint, release, lambda name, pointer: ())


def stop_tests(home: str, blueprint: str, release: str = "") -> tuple[Challenger, ...]:
    """Let a challenger go, or all; those that went. RegistryError where there is none."""
    with changing(find_place(home)):
        pointer = champion_pointer(home, blueprint)
        gone = tuple(each for each in pointer.challengers if release in ("", each.release))
        if not gone:
            known = ", ".join(each.release for each in pointer.challengers) or "none"
            said = f"no challenger {release!r}" if release else "no challenger to stop"
            raise RegistryError(f"{blueprint}: {said}; there is {known}")
        kept = tuple(each for each in pointer.challengers if each not in gone)
        write_pointer(home, replace(pointer, challengers=kept))
    return gone


def champion_pointer(home: str, blueprint: str) -> Pointer:
    """The pointer of a blueprint; RegistryError where nothing of it is promoted."""
    pointer = read_pointer(home, blueprint)
    if pointer is None:
        raise RegistryError(
            f"{blueprint}: no release is promoted; run `tracer promote {blueprint}`"
        )
    return pointer


def _put(home: str, blueprint: str, release: str, place: _Place) -> Challenger:
    """Write a challenger with its spans into the pointer; a changed one begins anew."""
    registry = Registry(home)
    champion_pointer(home, blueprint)
    entry = find_release(registry, blueprint, release)
    with changing(find_place(home)):
        pointer = champion_pointer(home, blueprint)
        _refuse_unfit(registry, pointer, entry.release, tuple(entry.figures))
        Release.open(entry.uri).verify()
        spans = place(entry.release, pointer)
        before = next((c for c in pointer.challengers if c.release == entry.release), None)
        if before and before.spans == spans:
            return before
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        state = before.state if before else ""
        made = Challenger(entry.release, entry.uri, entry.version, now, spans, state)
        others = tuple(each for each in pointer.challengers if each is not before)
        write_pointer(home, replace(pointer, challengers=(*others, made)))
    return made


def _refuse_unfit(
    registry: Registry, pointer: Pointer, release: str, targets: tuple[str, ...]
) -> None:
    if release == pointer.release:
        raise RegistryError(
            f"{pointer.blueprint}: {release} is the champion; expected another release to test"
        )
    champion = find_release(registry, pointer.blueprint, pointer.release)
    lacking = sorted(set(champion.figures) - set(targets))
    if lacking:
        raise RegistryError(
            f"{pointer.blueprint}: {release} does not answer {', '.join(lacking)}, which the "
            f"champion {pointer.release} does"
        )


def _room(name: str, pointer: Pointer, share: float) -> tuple[Span, ...]:
    """The slots of a share; the champion keeps at least one percent."""
    others = [each for each in pointer.challengers if each.release != name]
    taken = [span for each in others for span in each.spans]
    own = [span for each in pointer.challengers if each.release == name for span in each.spans]
    count, room = round(share * SLOTS / 100), round(LARGEST_SHARE * SLOTS / 100) - size(taken)
    if count > room:
        held = ", ".join(f"{each.release} {each.share:g} %" for each in others if each.spans)
        raise RegistryError(
            f"{pointer.blueprint}: share {share:g}: expected at most {100 * room / SLOTS:g}, "
            f"because others have theirs: {held}"
        )
    return allot(name, count, own, taken)
