"""What is evaluated: a blueprint, its data below ../shared/data, and what others published."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One blueprint on one data set, or without a folder on rows that are made.

    `prepare` names a function of preparation.py that makes its table of raw tables, or of nothing;
    without it rows are made from the declaration. `chosen` is a parameter=value; `reference` is a
    published or measured figure, with its own conditions.
    """

    blueprint: str
    folder: str = ""
    reference: str = ""
    prepare: str = ""
    note: str = ""
    chosen: str = ""

    @property
    def name(self) -> str:
        """A name of its own, for folders and results."""
        return "-".join(filter(None, (self.blueprint, self.data, self.prepare)))

    @property
    def data(self) -> str:
        """The folder, or what stands for it."""
        return self.folder or ("" if self.prepare else "declared")

    @property
    def made(self) -> str:
        """What its rows are made by, where they are made."""
        how = f"by `synthetic.{self.prepare}`" if self.prepare else "from its declaration"
        return f"rows made {how}"


CASES = (
    Case("customer_churn", "telco_churn", "AUC 0.845, logistic regression, random folds"),
    Case(
        "customer_churn",
        "online_retail",
        prepare="invoices",
        chosen="churn_definition=no_activity_30_days",
        note="one year of invoices; judged on later snapshots of the same customers",
    ),
    Case(
        "customer_churn",
        "cdnow_transactions",
        chosen="churn_definition=no_activity_30_days",
        note="18 months of customers who all came in the first three, fewer of them every month",
    ),
    Case(
        "lead_scoring",
        "bank_marketing_leads",
        "AUC 0.79 to 0.80 on random folds, 0.634 on the last fifth in order of time "
        "(gradient boosting, without duration)",
        note="judged forward in time, where the base rate rises from 5 to 13 %; the peers are "
        "fitted to newer rows, of the calibration part, too",
    ),
    Case(
        "lead_scoring",
        "bank_marketing_leads",
        "AUC 0.79 to 0.80 on random folds (gradient boosting, without duration)",
        prepare="shuffled",
        note="the same rows in a random order, as the references have them, which tells of later "
        "months what no lead list can; but this copy is the first 32,950 of their 41,188 contacts, "
        "so they are no bound for it: the peers are",
    ),
    Case(
        "employee_retention",
        "hr_attrition_synthetic",
        "AUC 0.832, logistic regression, random folds",
        note="IBM's data are generated, not of real people",
    ),
    Case("cart_abandonment", "online_shoppers_intention", "AUC 0.933, boosting, random folds"),
    Case(
        "cart_abandonment",
        "online_shoppers_intention",
        "AUC 0.780, boosting, random folds",
        prepare="without_page_values",
        note="without page_values, which has seen the outcome of finished visits",
    ),
    Case("payment_default", "credit_card_default", "AUC 0.782, boosting, random folds"),
    Case(
        "fraud_detection",
        "vehicle_claim_fraud",
        "AUC 0.838, boosting, random folds",
        note="judged forward in time",
    ),
    Case("upsell_likelihood", "insurance_caravan", "AUC 0.738, boosting, random folds"),
    Case(
        "player_churn",
        "cookie_cats_retention",
        note="only the variant and day 1 are known before day 7; the count of rounds is a leak",
    ),
    Case("delivery_delay", "flight_delays_nyc2013", note="judged forward in time"),
    Case("content_engagement", "movielens_small", note="judged forward in time"),
    Case(
        "customer_lifetime_value",
        "cdnow_transactions",
        prepare="cdnow_snapshot",
        note="spending of nine months after 1997-09-30, from the purchases before; two customers "
        "of the test rows make most of the squared error",
    ),
    Case(
        "revenue_forecast",
        "rossmann_store_sales",
        "RMSPE 0.145, median by store, weekday and promotion over the next six weeks",
        note="1 to 90 days ahead, each row from one origin; "
        "docs/benchmarks.md has six weeks ahead beside other forecasts",
    ),
    Case("product_demand", "bike_sharing_hourly", note="one series, hours added up to days"),
    Case("support_volume", "support_tickets", note="one series of 164 weekdays"),
    Case("gas_price_forecast", "ethereum_gas_daily", note="one series"),
    Case(
        "price_elasticity",
        "dominicks_oj",
        "log-log slopes per brand -3.38 (Dominick's), -3.32 (Minute Maid) and -2.71 (Tropicana), "
        "without the promotion; a textbook regression (Taddy, Business Data Science) -3.1 overall",
        note="this copy has no weeks and no stores, so rows are taken for independent; ours hold "
        "the promotion fixed, which takes part of the effect of a price cut",
    ),
    Case(
        "price_optimization",
        "dominicks_beer",
        "median of naive log-log slopes per product -3.3, 10th to 90th percentile -5.1 to -1.7",
        note="weeks of 287 beers in 68 stores",
    ),
    Case(
        "price_movement",
        "equities_sp500_5yr",
        "nothing that holds on later data is known; next-day close up on 52.2 % of days",
        note="five trading days ahead; members of the index at its end, which flatters all returns",
    ),
    Case(
        "price_movement",
        "crypto_ohlcv",
        prepare="coins_that_move",
        note="five days ahead; coins that were large at the end",
    ),
    Case(
        "portfolio_risk",
        "equities_sp500_5yr",
        note="one day ahead, every share taken for a portfolio; the baseline is historical "
        "simulation, whose width never changes; RiskMetrics and filtered simulation are those of "
        "`evaluation/risk_peers.py`",
    ),
    Case(
        "portfolio_risk", "crypto_ohlcv", prepare="coins_that_move", note="one day ahead, per coin"
    ),
    Case("yield_optimization", prepare="pool_yields", note="no public data; 60 invented pools"),
    Case("insurance_claims"),
    Case("return_likelihood"),
    Case("monetization_likelihood"),
    Case("viral_potential"),
    Case("liquidation_risk"),
    Case("whale_behavior"),
)
