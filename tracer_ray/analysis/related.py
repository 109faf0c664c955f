"""Data sets as ingest reads them: with dates of several columns, and what is counted or said."""

from collections.abc import Mapping, Sequence

from tracer_ray.analysis.calendars import with_calendars
from tracer_ray.analysis.date_columns import with_date_column
from tracer_ray.analysis.presence import with_told_presence
from tracer_ray.analysis.row_counts import with_told_rows
from tracer_ray.analysis.samples import Sample
from tracer_ray.data.row_counts import asks_for_rows, refuse_several


def as_related(samples: Sequence[Sample], told: Mapping[str, str]) -> tuple[Sample, ...]:
    """The samples with the columns that are made of others, and those of their files.

    Raises SchemaError where the user has `told` of a data set that is not there, or not clear.
    """
    raw = told.values()
    refuse_several([x.name for x in samples if asks_for_rows(raw, x.table.column_names)])
    made = [with_told_rows(with_date_column(each, told), told) for each in samples]
    return with_calendars(with_told_presence(made, told))
