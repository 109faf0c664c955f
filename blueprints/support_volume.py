"""How many calls or tickets will come in on each of the coming days."""

from tracer_ray.blueprint import Answer, Blueprint, Column, Kind, Role, Target, names
from tracer_ray.features import code
from tracer_ray.series_forecast import (
    SERIES_SPLIT,
    forecast_output,
    open_periods,
    portfolio_of,
    series_baselines,
    series_features,
)
from tracer_ray.series_horizon import Horizon, horizon_variants

_COLUMNS = (
    Column(
        "queue",
        Kind.CATEGORY,
        Role.ENTITY,
        "queue, channel or team; absent for one series",
        aliases=(
            "channel",
            "team",
            "skill",
            "department",
            "assignment_group",
            "support_group",
        ),
    ),
    Column(
        "time",
        Kind.TIME,
        Role.TIME,
        "the day, or a time within it",
        aliases=names(
            "date datetime date_time timestamp hour_start ds created_at opened_at "
            "received_at submitted_at created opened created_date submitted_date "
            "request_date date_submitted open_date date_created call_time "
            "call_timestamp call_date call_datetime call_start call_start_time "
            "ticket_created_at ticket_created ticket_date created_on created_time "
            "created_datetime creation_date creation_time date_received reported_at "
            "reported_date logged_at incident_date interaction_date requested_at "
            "contact_date interval_start"
        ),
        required=True,
    ),
    Column(
        "contacts",
        Kind.NUMBER,
        Role.OUTCOME,
        "calls or tickets that came in",
        "count",
        names(
            "calls tickets ticket_volume call_volume ticket_count call_count "
            "incidents cases incoming_calls inbound_calls offered_calls calls_offered "
            "received_calls calls_received total_calls number_of_calls num_calls "
            "nb_calls contact_volume total_contacts case_volume case_count new_cases "
            "tickets_created tickets_opened new_tickets created_tickets "
            "number_of_tickets num_tickets total_tickets nb_tickets incident_count "
            "new_incidents conversations new_conversations chats emails requests "
            "inquiries interactions"
        ),
        required=True,
        counted_by=names(  # the last by their times, where they have no id
            "ticket_id ticket call_id case_id incident_id conversation_id request_id "
            "service_request_id complaint_id ticket_number case_number "
            "incident_number interaction_id chat_id enquiry_id issue_id issue_key "
            "unique_key ticket_no case_no incident_no sr_number "
            "service_request_number complaint_no call_timestamp call_datetime "
            "call_start call_start_time ticket_created_at ticket_created"
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
)


def _forecast(ahead: Horizon) -> Blueprint:
    period = ahead.period
    return Blueprint(
        id="support_volume",
        name="Support volume",
        category="business",
        use_case="Staff a call centre or a help desk for the contacts that will come in.",
        who="one queue, or the whole of support",
        when=f"at the end of a {period}, knowing all {period}s before the forecast",
        what=f"contacts of each of the coming {period}s, and over many together",
        horizon=str(ahead),
        adds_up=True,
        horizon_steps=ahead.steps,
        period=period,
        columns=_COLUMNS,
        targets=(
            Target("contacts", ("contacts",), Answer.AMOUNT, f"contacts of one {period}", "count"),
        ),
        features=(*series_features(period=period), code("holiday"), code("event")),
        baselines=series_baselines(period=period),
        metric="rmsle",
        portfolio=portfolio_of(period),
        split=SERIES_SPLIT,
        output=forecast_output("contacts", "count", *ahead.sums(7), period=period),
        open_days=open_periods(period),
        minimum_history=ahead.enough(120),
        below_minimum="the pooled model answers",
        limits=(
            f"Rows within a {period} are added up; how they spread within it is not forecast.",
            "In a log with a row per ticket a row counts one; a ticket that stands in two files "
            "with the same queue and time counts once, and so do two that differ in their ids "
            "alone.",
        ),
    )


SUPPORT_VOLUME_VARIANTS = horizon_variants(_forecast, (28, 14, 56))
SUPPORT_VOLUME = SUPPORT_VOLUME_VARIANTS.default
