"""Data sets whose numbered columns another one has the dates of."""

from collections.abc import Sequence
from dataclasses import replace

from tracer_ray.analysis.looked_up import table_of
from tracer_ray.analysis.samples import Sample
from tracer_ray.data.calendars import dates_of, find_calendar


def with_calendars(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """The samples, of which those with numbered columns know their dates and where these stand."""
    return tuple(
        _dated(each, [other for other in samples if other is not each]) for each in samples
    )


def _dated(sample: Sample, others: Sequence[Sample]) -> Sample:
    found = find_calendar(sample.table.column_names, [table_of(each) for each in others])
    if found is None:
        return sample
    place, columns = found
    dates = dates_of(others[place].table, columns)
    return replace(sample, calendar=dates, beside=sample.sources_beside(others[place]))
