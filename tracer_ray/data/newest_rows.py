"""The newest row of everything that has an id, for requests that name it and say no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint, Role
from tracer_ray.data.dataset import Dataset, table_from_rows
from tracer_ray.data.values import BoolArray


@dataclass(frozen=True)
class NewestRows:
    """One row per id: `key`, `time`, and the columns that are known beforehand."""

    table: pa.Table

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each id's row is."""
        return {key: place for place, key in enumerate(self.table["key"].to_pylist())}

    @property
    def latest(self) -> str:
        """The id of the newest row, the first of several."""
        place = int(np.argmax(self.table["time"].cast(pa.int64()).to_numpy()))
        return str(self.table["key"][place].as_py())

    def fill(self, asked: pa.Table, row: str) -> pa.Table:
        """A table of requests with what they leave out, where their id in column `row` is known.

        >>> rows = NewestRows(pa.table({"key": ["a"], "plan": ["gold"], "age": [40.0]}))
        >>> asked = pa.table({"id": ["a", "b"], "plan": ["free", None], "age": [None, 30.0]})
        >>> rows.fill(asked, "id").to_pylist()
        [{'id': 'a', 'plan': 'free', 'age': 40.0}, {'id': 'b', 'plan': None, 'age': 30.0}]
        """
        found = [self.places.get(key) for key in asked[row].to_pylist()]
        newest = self.table.take(pa.array(found, pa.int64()))
        for place, name in enumerate(asked.column_names):
            if name in self._known:
                filled = pc.coalesce(asked[name], newest[name].cast(asked[name].type))
                asked = asked.set_column(place, name, filled)
        return asked

    def says_nothing(self, asked: pa.Table) -> BoolArray:
        """Which rows of a filled table have no column at all that is known beforehand."""
        masks = [np.asarray(asked[name].is_null()) for name in self._known]
        nothing: BoolArray = np.all(masks, axis=0) if masks else np.zeros(len(asked), np.bool_)
        return nothing

    def after(self, newer: "NewestRows") -> "NewestRows":
        """The newest row of each id of both; of one instant it is that of `newer`.

        >>> old = NewestRows(pa.table({"key": ["a", "b"], "time": [1, 1], "age": [40.0, 30.0]}))
        >>> new = NewestRows(pa.table({"key": ["b", "c"], "time": [2, 2], "age": [31.0, 20.0]}))
        >>> old.after(new).table.to_pylist()[1:]
        [{'key': 'b', 'time': 2, 'age': 31.0}, {'key': 'c', 'time': 2, 'age': 20.0}]
        """
        both = pa.concat_tables([self.table, newer.table], promote_options="default")
        return NewestRows(_last_of_each(both.select(self.table.column_names)))

    @property
    def _known(self) -> list[str]:
        return [name for name in self.table.column_names if name not in ("key", "time")]


def newest_rows(dataset: Dataset) -> NewestRows:
    """The newest row of each row id of a dataset, bucket by bucket."""
    blueprint = dataset.blueprint
    pieces = [
        _newest(table_from_rows(dataset.read_bucket(number), blueprint), blueprint)
        for number in range(dataset.buckets)
    ]
    return NewestRows(_newest(pa.concat_tables(pieces), blueprint))


def _newest(table: pa.Table, blueprint: Blueprint) -> pa.Table:
    """The newest row of each key, in order of the keys."""
    return _last_of_each(table.select(["key", "time", *_columns(blueprint, table.column_names)]))


def _last_of_each(rows: pa.Table) -> pa.Table:
    rows = rows.sort_by([("key", "ascending"), ("time", "ascending")])
    keys = rows["key"].to_numpy(zero_copy_only=False)
    is_last = np.append(keys[1:] != keys[:-1], True)[: len(keys)]
    return rows.filter(pa.array(is_last))


def _columns(blueprint: Blueprint, present: Iterable[str]) -> list[str]:
    known = {each.name for each in blueprint.columns if each.role in (Role.KNOWN, Role.SEGMENT)}
    return [name for name in present if name in known]
