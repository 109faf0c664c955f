"""What crosses owners: gathered from all buckets, and known strictly before each instant.

Every bucket gives a small summary; one process puts them together; the result is looked up by
name and instant. Nothing depends on how many buckets there are, or on their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer_ray.feature_program.kernels import Scan
from tracer_ray.feature_program.ledger import Entries, Ledger, Values
from tracer_ray.feature_program.ratings import Meetings
from tracer_ray.feature_program.series import History
from tracer_ray.feature_program.state import FeatureState, States
from tracer_ray.rows import Rows, Texts


@dataclass(frozen=True)
class Summary:
    """The little that other owners' features need of one bucket's rows.

    `entries` by the label of what they are of: the columns that a `by` key sums, or the owners' own
    features that their opponents compare themselves with.
    """

    entries: Mapping[str, Entries]
    meetings: Meetings | None


@dataclass(frozen=True)
class Cross:
    """All that crosses owners, by label, and the state after the last instant.

    `state` belongs into `FeatureState.merge` beside the states of the owners.
    """

    ledgers: Mapping[str, Ledger]
    state: FeatureState

    def at(self, label: str, names: Texts, rows: Rows) -> Values:
        """What was known of each name when each row is seen, [rows, columns]; NaN if nothing."""
        return self.ledgers[label].at(names, rows.as_of)


def cross_history(
    history: History, entries: Entries, state: FeatureState, scan: Scan
) -> tuple[Ledger, States]:
    """The features of each key before each instant at which it has rows, and its end state."""
    sums = entries.summed([each.per_row for each in history.reads[1:]])
    names = sums.names.names
    states = state.take(history.label, names, history.width)
    values = np.column_stack([sums.times, sums.values]).astype(np.float64)
    out = history.scan(scan, history.series(sums.offsets, values), names, states)
    return Ledger(Entries(sums.names, sums.times, out)), States(names, states)
