"""Headers as people write them, in several languages, with invented values and what they are for.

Each was written down with its blueprint before it was tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

ROWS = 480
Draw = Callable[[np.random.Generator], object]


@dataclass(frozen=True)
class Header:
    """A data set: the blueprints that would be right first ("" for none), and its columns.

    `sure` are columns that must be found; `wrong` are (column, raw name) that must not be used.
    """

    right: tuple[str, ...]
    columns: dict[str, Draw]
    sure: tuple[tuple[str, str], ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()


def _each_day(series: int, first: str = "2022-03-01", step: int = 1) -> Draw:
    """The days of so many series, one after another."""
    start, days = np.datetime64(first), ROWS // series
    return lambda _: [str(start + np.timedelta64(step * (row % days), "D")) for row in range(ROWS)]


def _which(*names: object, of: int = 0) -> Draw:
    """Names that change with the series, `of` series in all."""
    series = of or len(names)
    return lambda _: [names[row * series // ROWS % len(names)] for row in range(ROWS)]


def _outer(*names: object, inner: int) -> Draw:
    """Names that change after so many series each."""
    series = len(names) * inner
    return lambda _: [names[row * series // ROWS // inner] for row in range(ROWS)]


def _whole(low: int, high: int) -> Draw:
    return lambda draws: draws.integers(low, high, ROWS).tolist()


def _money(low: float, high: float) -> Draw:
    return lambda draws: np.round(draws.uniform(low, high, ROWS), 2).tolist()


def _of(*values: object) -> Draw:
    return lambda draws: [values[at] for at in draws.integers(0, len(values), ROWS)]


def _flag(share: float = 0.3) -> Draw:
    return lambda draws: (draws.random(ROWS) < share).astype(int).tolist()


def _ids(prefix: str = "") -> Draw:
    return lambda draws: [f"{prefix}{40_000 + each}" for each in draws.permutation(ROWS)]


PRICES = ("price_elasticity", "price_optimization")
HEADERS: dict[str, Header] = {
    "units of items per store": Header(
        ("product_demand",),
        {
            "date": _each_day(6),
            "store": _outer(1, 2, inner=3),
            "item": _which(11, 12, 13, of=6),
            "sales": _whole(0, 60),
        },
        (("product", "item"), ("date", "date")),
        (("revenue", "sales"),),
    ),
    "takings of branches": Header(
        ("revenue_forecast",),
        {
            "Business Day": _each_day(3),
            "Branch": _which("North", "South", "Harbour"),
            "Takings": _money(800, 9000),
            "Sales": _money(900, 9900),
        },
        (("entity", "Branch"), ("revenue", "Sales")),
    ),
    "money of departments per store": Header(
        ("revenue_forecast",),
        {
            "Store": _outer("S1", "S2", inner=3),
            "Dept": _which("toys", "food", "garden", of=6),
            "Date": _each_day(6, step=7),
            "Sales": _money(2_000, 60_000),
        },
        (("revenue", "Sales"),),
        (("units", "Sales"),),
    ),
    "portions of a canteen": Header(
        ("product_demand",),
        {
            "day": _each_day(4),
            "menu item": _which("soup", "pasta", "salad", "fish"),
            "Qty": _whole(3, 90),
        },
        (("units", "Qty"),),
    ),
    "order lines": Header(
        ("product_demand", *PRICES),
        {
            "Order No": _ids("A"),
            "OrderDate": _each_day(1, step=1),
            "ProductID": _of("p1", "p2", "p3", "p4"),
            "Quantity": _whole(1, 9),
            "UnitPrice": _money(3, 40),
        },
    ),
    "invoices of a region": Header(
        ("revenue_forecast",),
        {
            "invoice_nr": _ids(),
            "order date": _each_day(12),
            "region": _of("EMEA", "APAC", "US"),
            "revenue": _money(20, 900),
        },
        (("entity", "region"), ("revenue", "revenue")),
    ),
    "days of one coin": Header(
        ("price_movement",),
        {
            "Date": _each_day(1),
            "Open": _money(90, 110),
            "Close": _money(90, 110),
            "Volume": _whole(1000, 90_000),
        },
        (("date", "Date"), ("price", "Close"), ("volume", "Volume")),
    ),
    "temperatures": Header(("",), {"date": _each_day(1), "value": _money(-4, 30)}),
    "house prices": Header(
        ("",), {"date": _each_day(1), "price": _money(90_000, 400_000), "sqft": _whole(40, 300)}
    ),
    "Ventas en euros": Header(
        ("revenue_forecast",),
        {
            "Tienda": _which("T-1", "T-2", "T-3"),
            "Fecha": _each_day(3),
            "Ventas (EUR)": _whole(900, 26_000),
            "Promoción": _of("Sí", "No"),
        },
        (("entity", "Tienda"), ("revenue", "Ventas (EUR)"), ("promotion", "Promoción")),
        (("units", "Ventas (EUR)"),),
    ),
    "Kunden mit Vertrag": Header(
        ("customer_churn",),
        {
            "Kundennr.": _ids("K"),
            "Anrede": _of("Frau", "Herr"),
            "Vertragsart": _of("monatlich", "ein Jahr"),
            "Monatliche Kosten": _money(18, 119),
            "Gekündigt": _of("Ja", "Nein", "Nein"),
        },
        (("customer_id", "Kundennr."), ("churned", "Gekündigt")),
    ),
    "Umsatz je Filiale": Header(
        ("revenue_forecast",),
        {
            "Datum": _each_day(4),
            "Filiale": _which("Nord", "West", "Ost", "Mitte"),
            "Umsatz": _money(500, 7000),
            "Kunden": _whole(20, 400),
        },
        (("date", "Datum"), ("revenue", "Umsatz"), ("entity", "Filiale")),
    ),
    "Absatz je Artikel": Header(
        ("product_demand",),
        {
            "Datum": _each_day(5),
            "Artikelnummer": _which(4711, 4712, 4713, 4714, 4715),
            "Menge": _whole(0, 80),
        },
        (("date", "Datum"), ("units", "Menge"), ("product", "Artikelnummer")),
    ),
    "ventes par produit": Header(
        ("product_demand",),
        {
            "Date": _each_day(3),
            "Produit": _which("pain", "lait", "beurre"),
            "Quantité": _whole(5, 70),
        },
        (("units", "Quantité"), ("product", "Produit")),
    ),
    "chiffre des magasins": Header(
        ("revenue_forecast",),
        {
            "jour": _each_day(3),
            "magasin": _which("Lille", "Lyon", "Nice"),
            "chiffre d'affaires": _money(500, 4000),
        },
        (("revenue", "chiffre d'affaires"), ("entity", "magasin")),
    ),
    "unidades por tienda": Header(
        ("product_demand",),
        {
            "fecha": _each_day(6),
            "tienda": _outer("Centro", "Norte", inner=3),
            "producto": _which("leche", "pan", "arroz", of=6),
            "unidades": _whole(0, 50),
        },
        (("date", "fecha"), ("units", "unidades"), ("product", "producto")),
    ),
    "vendas da loja": Header(
        ("revenue_forecast",),
        {
            "data": _each_day(2),
            "loja": _which("Centro", "Praia"),
            "vendas": _money(100, 5000),
        },
        (("date", "data"), ("revenue", "vendas"), ("entity", "loja")),
    ),
    "quantità e prezzo": Header(
        ("product_demand", *PRICES),
        {
            "data": _each_day(4, step=7),
            "articolo": _which("A", "B", "C", "D"),
            "quantità": _whole(1, 200),
            "prezzo": _money(2, 9),
        },
    ),
    "omzet per winkel": Header(
        ("revenue_forecast",),
        {
            "datum": _each_day(2),
            "winkel": _which("Utrecht", "Delft"),
            "omzet": _money(300, 6000),
        },
        (("revenue", "omzet"),),
    ),
    "clientes que se van": Header(
        ("customer_churn",),
        {
            "id_cliente": _ids("C"),
            "antigüedad": _whole(0, 70),
            "cuota mensual": _money(10, 90),
            "contrato": _of("mes", "año"),
            "abandono": _flag(),
        },
        (("churned", "abandono"), ("customer_id", "id_cliente")),
    ),
    "gekündigte Verträge": Header(
        ("customer_churn",),
        {
            "Kundennummer": _ids(),
            "Vertrag": _of("monatlich", "jährlich"),
            "Monatsbeitrag": _money(9, 80),
            "gekündigt": _flag(),
        },
        (("churned", "gekündigt"), ("customer_id", "Kundennummer")),
    ),
    "départs de salariés": Header(
        ("employee_retention",),
        {
            "matricule": _ids("E"),
            "département": _of("ventes", "informatique", "RH"),
            "salaire": _money(1800, 6000),
            "ancienneté": _whole(0, 30),
            "démission": _flag(0.2),
        },
    ),
    "préstamos impagados": Header(
        ("payment_default",),
        {
            "id_prestamo": _ids(),
            "importe": _money(500, 30_000),
            "ingresos": _money(900, 5000),
            "edad": _whole(18, 80),
            "impago": _flag(0.1),
        },
    ),
    "transações": Header(
        ("fraud_detection",),
        {
            "id_transacao": _ids("T"),
            "valor": _money(1, 5000),
            "cidade": _of("Recife", "Natal", "Manaus"),
            "fraude": _flag(0.1),
        },
    ),
    "verspätete Lieferungen": Header(
        ("delivery_delay",),
        {
            "Bestellnummer": _ids("B"),
            "Versanddatum": _each_day(1),
            "Versandart": _of("Express", "Standard"),
            "verspätet": _flag(0.25),
        },
    ),
    "contatti convertiti": Header(
        ("lead_scoring",),
        {
            "id_lead": _ids("L"),
            "fonte": _of("web", "fiera", "telefono"),
            "visite": _whole(0, 20),
            "convertito": _flag(0.15),
        },
    ),
    "temperatures of a sensor": Header(
        ("",),
        {
            "timestamp": _each_day(2),
            "sensor": _which("a", "b"),
            "temperature": _money(-5, 35),
        },
    ),
    "students and their marks": Header(
        ("",),
        {
            "student": _ids("S"),
            "school": _of("A", "B"),
            "hours": _whole(0, 40),
            "mark": _whole(1, 7),
        },
    ),
}


def table_of(name: str) -> pa.Table:
    """The table of a header, with the same values every time."""
    draws = np.random.default_rng(7)
    columns: dict[str, Any] = {raw: draw(draws) for raw, draw in HEADERS[name].columns.items()}
    return pa.table(columns)
