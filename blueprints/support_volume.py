"""How many calls or tickets will come in on each of the coming days."""

from tracer_ray.blueprint import Answer, Blueprint, Column, Kind, OutputField, Role, Target
from tracer_ray.daily_series import (
    OPEN_WEEKDAYS,
    SERIES_SPLIT,
    forecast_output,
    horizon_variants,
    series_baselines,
    series_features,
    series_portfolio,
)
from tracer_ray.features import code


def _output(days: int) -> tuple[OutputField, ...]:
    return forecast_output("contacts", "count", *sorted({7, days}))


_BASE = Blueprint(
    id="support_volume",
    name="Support volume",
    category="business",
    use_case="Staff a call centre or a help desk for the contacts that will come in.",
    who="one queue, or the whole of support",
    when="at the end of a day, knowing all days before the forecast",
    what="contacts of each of the coming days, and over many together",
    horizon="1 to 28 days ahead",
    sums_days=True,
    horizon_days=28,
    columns=(
        Column(
            "queue",
            Kind.CATEGORY,
            Role.ENTITY,
            "queue, channel or team; absent for one series",
            aliases=("channel", "team", "skill", "department", "assignment_group", "support_group"),
        ),
        Column(
            "time",
            Kind.TIME,
            Role.TIME,
            "the day, or a time within it",
            aliases=(
                "date",
                "datetime",
                "date_time",
                "timestamp",
                "hour_start",
                "ds",
                "created_at",
                "opened_at",
                "received_at",
                "submitted_at",
                "created",
                "opened",
                "created_date",
                "submitted_date",
                "request_date",
                "date_submitted",
                "open_date",
                "date_created",
                "call_time",
            ),
            required=True,
        ),
        Column(
            "contacts",
            Kind.NUMBER,
            Role.OUTCOME,
            "calls or tickets that came in",
            "count",
            (
                "calls",
                "tickets",
                "ticket_volume",
                "call_volume",
                "ticket_count",
                "call_count",
                "incidents",
                "cases",
            ),
            required=True,
            counted_by=(
                "ticket_id",
                "ticket",
                "call_id",
                "case_id",
                "incident_id",
                "conversation_id",
                "request_id",
                "service_request_id",
                "complaint_id",
                "ticket_number",
                "case_number",
                "incident_number",
            ),
        ),
        Column(
            "holiday",
            Kind.CATEGORY,
            Role.KNOWN,
            "which public holiday the day is",
            aliases=("public_holiday", "is_holiday"),
        ),
        Column(
            "event",
            Kind.CATEGORY,
            Role.KNOWN,
            "a planned event: a launch, a mailing, an invoice run",
            aliases=("campaign", "release_event"),
        ),
    ),
    targets=(Target("contacts", ("contacts",), Answer.AMOUNT, "contacts of one day", "count"),),
    features=(*series_features(), code("holiday"), code("event")),
    baselines=series_baselines(),
    metric="rmsle",
    portfolio=series_portfolio(),
    split=SERIES_SPLIT,
    output=_output(28),
    open_days=OPEN_WEEKDAYS,
    minimum_history=120,
    below_minimum="the pooled model answers",
    limits=(
        "Rows within a day are added up; how they spread over its hours is not forecast.",
        "In a log with a row per ticket a row counts one; a ticket that stands in two files with "
        "the same queue and time counts once, and so do two that differ in their ids alone.",
    ),
)

SUPPORT_VOLUME_VARIANTS = horizon_variants(_BASE, (28, 14, 56), _output)
SUPPORT_VOLUME = SUPPORT_VOLUME_VARIANTS.default
