"""Which deliveries, or flights, will be late."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Kind,
    Leak,
    Overrun,
    Statuses,
    Target,
    Wording,
    names,
)
from tracer_ray.decision import Decision, Stake
from tracer_ray.features import Op, calendar, history
from tracer_ray.tabular import (
    TABULAR,
    as_they_are,
    category,
    moment,
    number,
    outcome,
    probability_fields,
    row_id,
)

_KEYS = ("carrier", "origin", "destination")

_COLUMNS = (
    row_id("shipment_id", "identifies the delivery", "tracking_number", "delivery_id"),
    moment(
        "date",
        "day of the departure",
        *names(
            "ship_date shipping_date flight_date dispatch_date dispatched_at "
            "shipped_at order_date ordered_at order_purchase_timestamp "
            "trip_start_date"
        ),
    ),
    outcome(
        "late",
        "whether it arrived late",
        *names(
            "is_late delayed is_delayed late_delivery_risk late_delivery delay "
            "delay_risk delivery_status arr_del15 dep_del15 late_flag delay_flag "
            "delayed_flag is_delay was_late delivered_late arrived_late late_shipment "
            "is_late_delivery sla_breach sla_breached breached_sla lateness "
            "punctuality"
        ),
        statuses=Statuses(
            yes=(
                "late very_late slightly_late delayed delay late_delivery overdue missed "
                "arrived_late verspätet en_retard retrasado in_ritardo"
            ),
            no=(
                "on_time in_time early advance_shipping shipping_on_time punctual "
                "no_delay not_late arrived_on_time pünktlich à_l_heure a_tiempo in_orario"
            ),
            open=(
                "in_transit pending cancelled canceled shipping_canceled shipped scheduled diverted"
            ),
        ),
        wordings=(
            Wording(
                names(
                    "on_time delivered_on_time reached_on_time on_time_delivery is_on_time "
                    "on_time_flag otif arrived_on_time delivered_in_time delivered_within_sla "
                    "within_sla sla_met"
                )
            ),
            Wording(
                names(
                    "arr_delay arrival_delay delay_minutes dep_delay departure_delay "
                    "delay_in_min delay_min delay_mins delay_in_minutes arr_delay_minutes "
                    "arrival_delay_minutes dep_delay_minutes minutes_late late_minutes "
                    "min_delay verspaetung_min retard_minutes"
                ),
                above=15.0,
            ),
            Wording(
                (
                    "days_late",
                    "delay_days",
                    "delay_in_days",
                    "days_delayed",
                    "delivery_delay_days",
                    "days_overdue",
                ),
                above=0.0,
            ),
        ),
        overruns=(
            Overrun(
                names(
                    "actual_arrival actual_arrival_time actual_eta actual_delivery_date "
                    "actual_delivery_time actual_delivery delivered_date delivered_at "
                    "delivered_to_client_date delivery_date order_delivered_customer_date "
                    "arrival_date shipped_date delivered_on delivered_datetime "
                    "delivered_timestamp actual_delivery_at actual_delivery_datetime "
                    "actual_arrival_datetime actual_arrival_at arrival_actual delivery_actual "
                    "actual_date ata pod_date received_date goods_receipt_date wadat_ist "
                    "arrival_change_time actual_dropoff_time actual_gi_date liefertermin_ist "
                    "ist_lieferdatum date_livraison_reelle fecha_entrega_real "
                    "data_consegna_effettiva"
                ),
                names(
                    "promised_date promised_delivery_date planned_arrival planned_eta "
                    "planned_delivery_date expected_arrival expected_delivery_date "
                    "expected_delivery estimated_arrival estimated_delivery_date "
                    "order_estimated_delivery_date scheduled_arrival scheduled_delivery_date "
                    "required_date eta promised_at promised_by promise_date promised_delivery "
                    "deadline committed_date commit_date planned_date planned_delivery "
                    "planned_arrival_time planned_arrival_at planned_arrival_datetime "
                    "scheduled_arrival_time scheduled_arrival_at scheduled_arrival_datetime "
                    "scheduled_delivery scheduled_date sta requested_delivery_date "
                    "expected_date expected_delivery_at estimated_delivery "
                    "estimated_delivery_at edd arrival_planned delivery_planned "
                    "arrival_planned_time planned_dropoff_time delivery_window_end wadat "
                    "planned_gi_date liefertermin liefertermin_soll soll_lieferdatum "
                    "wunschliefertermin date_livraison_prevue fecha_entrega_prevista "
                    "data_consegna_prevista original_eta"
                ),
            ),
            Overrun(
                names(
                    "days_for_shipping_real actual_days actual_delivery_days "
                    "actual_shipping_days actual_lead_time delivery_days actual_minutes "
                    "actual_delivery_minutes delivery_minutes actual_duration actual_time "
                    "actual_hours actual_transit_days actual_transit_time transit_days_actual "
                    "real_days"
                ),
                names(
                    "days_for_shipment_scheduled scheduled_days scheduled_shipping_days "
                    "expected_days expected_delivery_days estimated_delivery_days "
                    "planned_lead_time promised_days promised_minutes promised_eta_minutes "
                    "eta_minutes estimated_minutes expected_minutes planned_minutes "
                    "planned_duration estimated_duration osrm_time expected_hours sla_hours "
                    "expected_transit_days planned_transit_days planned_transit_time "
                    "scheduled_transit_days transit_days_planned sla_days planned_days"
                ),
                Kind.NUMBER,
            ),
        ),
    ),
    category("carrier", "who carries it", "airline", "courier", "shipping_company"),
    category("origin", "where it starts", "warehouse", "ship_from", "origin_city"),
    category("destination", "where it goes", "dest", "ship_to", "destination_city"),
    category("shipping_mode", "kind of shipping", "ship_mode", "mode_of_shipment", "service"),
    number("sched_dep_time", "scheduled departure, hhmm", "", "scheduled_departure"),
    number("sched_arr_time", "scheduled arrival, hhmm", "", "scheduled_arrival"),
    number("distance", "distance", "distance", "distance_km", "miles", minimum=0.0),
    number("weight", "weight", "kg", "weight_kg", "weight_in_gms", minimum=0.0),
    number("scheduled_days", "days it should take", "days", "days_for_shipment_scheduled"),
)

DELIVERY_DELAY = Blueprint(
    id="delivery_delay",
    name="Delivery delay",
    category="supply chain",
    use_case="Warn the customer, or choose another carrier, a day before it is late.",
    who="one delivery or flight",
    when="the evening before the departure, knowing how all earlier days went",
    what="whether it arrives late: more than 15 minutes where data has minutes, at all where days",
    horizon="the arrival",
    columns=_COLUMNS,
    extra_columns_known=True,
    row_order_is_time=True,
    leaks=(
        Leak(
            ("dep_time", "dep_delay", "arr_time", "air_time", "actual_departure", "taxi_out"),
            "it is known only once the journey has begun",
        ),
        Leak(
            ("delivery_status", "trip_end_date", "order_status", "delivery_time"),
            "it is known only on arrival",
        ),
    ),
    targets=(
        Target(
            "late",
            ("late",),
            Answer.PROBABILITY,
            "it arrives late",
            decision=Decision(
                "late", "on time", miss_cost=3.0, false_alarm_cost=1.0, stake=Stake.COSTS
            ),
        ),
    ),
    features=(
        *as_they_are(_COLUMNS, amounts=("weight",)),
        calendar("day_of_week"),
        *(
            each
            for key in _KEYS
            for each in history(Op.EWM, "late", 2, 7, 30, by=key, per_row=True)
        ),
        *(each for key in _KEYS for each in history(Op.MEAN, "late", 1, by=key, per_row=True)),
    ),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("delay", "it arrives late"),
    limits=(
        "The weather of the day is not in such data, and explains most bad days.",
        "What departs on one day does not see the others of that day.",
        "Journeys that never arrived have no outcome: they are history, and nothing is trained on "
        "them.",
    ),
)
