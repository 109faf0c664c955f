"""What was promoted and rolled back when, by whom and why: records that are added, never changed.

Each movement is a tag of its own on the blueprint's registered model, named `history.<time>`, so
two processes that add one at once lose none.
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

LONGEST_TEXT = 2000
_PREFIX = "history."


@dataclass(frozen=True)
class Move:
    """One movement of the champion: `action` is promote or rollback, `when` an ISO time in UTC.

    `compared_figures` are the numbers that were compared, in words; `is_forced` says that they
    were overruled.
    """

    when: str
    who: str
    action: str
    from_release: str
    to_release: str
    reason: str
    compared_figures: str = ""
    is_forced: bool = False

    def compared(self, figures: str, *, is_forced: bool) -> "Move":
        """The same movement with the numbers it was decided on."""
        return replace(self, compared_figures=figures[:LONGEST_TEXT], is_forced=is_forced)

    def to_json(self) -> dict[str, object]:
        """The movement as plain values for machines."""
        values = asdict(self)
        names = {"from_release": "from", "to_release": "to"}
        return {names.get(name, name): value for name, value in values.items()}


def history_tag(move: Move) -> tuple[str, str]:
    """The name and value of the tag that records a movement."""
    name = f"{_PREFIX}{time.time_ns():020d}.{uuid.uuid4().hex[:8]}"
    return name, json.dumps(asdict(replace(move, reason=move.reason[:LONGEST_TEXT])))


def moves(tags: Mapping[str, str]) -> list[Move]:
    """The movements among a registered model's tags, oldest first."""
    names = sorted(name for name in tags if name.startswith(_PREFIX))
    return [Move(**json.loads(tags[name])) for name in names]


def previous_champion(history: Sequence[Move], champion: str) -> str:
    """The release that answered before the champion did, "" where none did.

    Rolling back twice goes back two champions, not to and fro.

    >>> def move(action, to): return Move("", "", action, "", to, "")
    >>> history = [move("promote", "a"), move("promote", "b"), move("promote", "c")]
    >>> previous_champion(history, "c")
    'b'
    >>> previous_champion([*history, move("rollback", "b")], "b")
    'a'
    """
    champions: list[str] = []
    for move in history:
        if move.action == "rollback":
            while champions and champions[-1] != move.to_release:
                champions.pop()
        else:
            champions.append(move.to_release)
    while champion in champions and champions.pop() != champion:
        pass
    return champions[-1] if champions else ""
