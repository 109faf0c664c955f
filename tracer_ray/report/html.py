"""HTML that is escaped unless it was made here."""

from collections.abc import Iterable
from html import escape
from math import isfinite


class Html(str):
    """Text that is markup already; everything else is escaped by `element`."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Html:
    """An element; children that are not Html are escaped, and so are attributes.

    >>> element("p", "a < b ", element("b", "c"), class_="note")
    '<p class="note">a &lt; b <b>c</b></p>'
    """
    names = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
    )
    return Html(f"<{tag}{names}>{join(children)}</{tag}>")


def join(children: Iterable[str]) -> Html:
    """Several children one after another, escaped where they are not Html."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def table(head: Iterable[str], rows: Iterable[Iterable[str]], text_columns: int = 1) -> Html:
    """A table whose first columns are text and whose others are numbers."""
    return element(
        "table",
        element("thead", _row("th", head, text_columns)),
        element("tbody", *(_row("td", row, text_columns) for row in rows)),
    )


def number(value: float, digits: int = 3) -> str:
    """A number with that many decimals, with thousands separated; a dash where it is unknown.

    >>> number(1234.5, 1), number(float("nan")), number(-0.00001)
    ('1,234.5', '-', '0.000')
    """
    if not isfinite(value):
        return "-"
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage with its sign where it is negative.

    The space between is one where lines don't break.

    >>> percent(0.0412), percent(-0.2, 0)
    ('4.1\\xa0%', '-20\\xa0%')
    """
    return number(100 * value, digits) + ("\u00a0%" if isfinite(value) else "")


def _row(tag: str, cells: Iterable[str], text_columns: int) -> Html:
    return element(
        "tr",
        *(
            element(tag, cell, class_="text" if position < text_columns else "number")
            for position, cell in enumerate(cells)
        ),
    )
