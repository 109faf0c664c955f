"""The report's charts as Plotly figures: plain data and layout, drawn by the embedded library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

from tracer_ray.report.html import Html, element
from tracer_ray.report.summaries import Bins
from tracer_ray.rows import FloatArray

OURS, BEFORE, LOSS, INK, GRID = "#1f4e79", "#b0792b", "#a23b3b", "#333333", "#e3e3df"
SHOWN_FEATURES = 20
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"

Json = Mapping[str, object]


@dataclass(frozen=True)
class Chart:
    """A Plotly figure: traces, layout, and the height in pixels."""

    title: str
    note: str
    traces: tuple[Json, ...]
    layout: Json
    height: int = 330


def render_chart(chart: Chart, name: str) -> Html:
    """The chart as a captioned place and the script that draws it there; `name` is unique."""
    layout = {**_base_layout(), **chart.layout, "height": chart.height}
    arguments = ",".join(_script_json(each) for each in (name, list(chart.traces), layout))
    draw = f"Plotly.newPlot({arguments},{{displayModeBar:false,responsive:true}})"
    script = f'addEventListener("DOMContentLoaded",()=>{draw});'  # widths are known then
    return element(
        "figure",
        element("figcaption", element("b", chart.title), " ", element("span", chart.note)),
        element("div", "", id=name, style=f"height:{chart.height}px"),
        element("script", Html(script)),
    )


def skill_chart(skills: FloatArray) -> Chart:
    """How many entities have which skill; values beyond the axis are counted at its ends."""
    limit = max(0.05, float(np.ceil(np.quantile(np.abs(skills), 0.98) * 20) / 20))
    edges = np.linspace(-limit, limit, 41)
    counts, _ = np.histogram(np.clip(skills, -limit, limit), edges)
    middles = (edges[:-1] + edges[1:]) / 2
    colours = [OURS if middle > 0 else LOSS for middle in middles]
    trace = {
        "type": "bar",
        "x": _list(middles),
        "y": _list(counts),
        "marker": {"color": colours},
        "hovertemplate": "skill %{x:.1%}: %{y}<extra></extra>",
    }
    median = float(np.median(skills))
    layout = {
        "xaxis": _axis("skill over the baseline", tickformat=".0%"),
        "yaxis": _axis("entities"),
        "bargap": 0.06,
        "shapes": [_vertical(0.0, INK, "solid"), _vertical(median, BEFORE, "dash")],
    }
    note = f"Dashed: the median, {100 * median:.1f} %. Left of zero the baseline was better."
    return Chart("Skill by entity", note, (trace,), layout)


def reliability_chart(title: str, note: str, curves: Mapping[str, Bins]) -> Chart:
    """Observed frequency against predicted probability, one curve with bars per entry."""
    colours = (OURS, BEFORE) if len(curves) > 1 else (OURS,)
    traces = [_diagonal(0.0, 1.0)]
    for (name, bins), colour in zip(curves.items(), colours, strict=False):
        traces.append(_reliability_curve(name, bins, colour))
    layout = {
        "xaxis": _axis("predicted probability", range=[0, 1], tickformat=".0%"),
        "yaxis": _axis("observed frequency", range=[0, 1], tickformat=".0%"),
        "legend": _legend(),
        "showlegend": len(curves) > 1,
    }
    return Chart(title, note, tuple(traces), layout)


def pit_chart(pit: FloatArray) -> Chart:
    """Where outcomes fell in their predictive distributions; flat is what it should be."""
    counts, edges = np.histogram(pit, 20, (0.0, 1.0))
    trace = {
        "type": "bar",
        "x": _list((edges[:-1] + edges[1:]) / 2),
        "y": _list(counts / max(len(pit), 1) * 20),
        "marker": {"color": OURS},
        "hovertemplate": "%{x:.3f}: %{y:.2f}<extra></extra>",
    }
    level = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1}
    layout = {
        "xaxis": _axis("quantile of the predictive distribution", range=[0, 1]),
        "yaxis": _axis("density", rangemode="tozero"),
        "bargap": 0.06,
        "shapes": [{**level, "line": {"color": INK, "width": 1.2, "dash": "dot"}}],
    }
    note = "Flat at 1 is right; a hump means too wide, a bowl too narrow, a slope a bias."
    return Chart("Where outcomes fell (PIT)", note, (trace,), layout)


def spread_chart(bins: Bins, unit: str) -> Chart:
    """Mean outcome and the span of 80 % of the outcomes against the forecast."""
    top = float(max(bins.high.max(), bins.forecast.max()))
    bottom = float(min(bins.low.min(), bins.forecast.min()))
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": _list(np.concatenate([bins.forecast, bins.forecast[::-1]])),
        "y": _list(np.concatenate([bins.high, bins.low[::-1]])),
        "fill": "toself",
        "fillcolor": "rgba(31,78,121,0.13)",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "name": "80 % of outcomes",
    }
    mean = {**_points(bins.forecast, bins.outcome, OURS), "name": "mean outcome"}
    suffix = f" ({escape(unit)})" if unit else ""
    layout = {
        "xaxis": _axis(f"predicted{suffix}"),
        "yaxis": _axis(f"actual{suffix}"),
        "legend": _legend(),
    }
    note = "Test rows in 20 groups of equal size; on the dotted line the mean is right."
    traces = (band, _diagonal(max(bottom, float(bins.forecast.min())), top), mean)
    layout["xaxis"] = _axis(f"predicted{suffix}", range=_padded(bins.forecast))
    return Chart("Predicted against actual", note, traces, layout)


def outcome_chart(predicted: FloatArray, actual: FloatArray) -> Chart:
    """The predicted probabilities of rows where it happened and of rows where it did not."""
    traces = tuple(
        _density(predicted[actual == value], name, colour)
        for value, name, colour in ((1.0, "it happened", OURS), (0.0, "it did not", BEFORE))
    )
    layout = {
        "xaxis": _axis("predicted probability", range=[0, 1], tickformat=".0%"),
        "yaxis": _axis("share of rows", tickformat=".0%", rangemode="tozero"),
        "legend": _legend(),
    }
    note = "The further apart the two, the better the model tells them from each other."
    return Chart("Predicted against actual", note, traces, layout)


def importance_chart(importance: Mapping[str, float]) -> Chart:
    """The most important features, the first on top."""
    ordered = sorted(importance.items(), key=lambda item: -item[1])[:SHOWN_FEATURES][::-1]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [share for _, share in ordered],
        "y": [escape(_shortened(name)) for name, _ in ordered],
        "marker": {"color": OURS},
        "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
    }
    layout = {
        "xaxis": _axis("share of the total importance", tickformat=".0%"),
        "yaxis": {"automargin": True, "ticks": "", "type": "category"},
        "bargap": 0.25,
    }
    note = f"The pooled model's {len(ordered)} most important of {len(importance)} features."
    return Chart("Feature importance", note, (trace,), layout, 90 + 19 * len(ordered))


def _reliability_curve(name: str, bins: Bins, colour: str) -> Json:
    error = {
        "type": "data",
        "symmetric": False,
        "array": _list(bins.high - bins.outcome),
        "arrayminus": _list(bins.outcome - bins.low),
        "thickness": 1,
        "width": 0,
        "color": colour,
    }
    rows = [f"{count:,.0f} rows" for count in bins.rows]
    points = _points(bins.forecast, bins.outcome, colour)
    return {**points, "name": escape(name), "error_y": error, "text": rows}


def _points(x: FloatArray, y: FloatArray, colour: str) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": _list(x),
        "y": _list(y),
        "line": {"color": colour, "width": 1.6},
        "marker": {"color": colour, "size": 6},
    }


def _density(values: FloatArray, name: str, colour: str) -> Json:
    counts, edges = np.histogram(values, 40, (0.0, 1.0))
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": colour, "width": 1.6, "shape": "hvh"},
        "fill": "tozeroy",
        "x": _list((edges[:-1] + edges[1:]) / 2),
        "y": _list(counts / max(len(values), 1)),
        "name": f"{name} ({len(values):,})",
    }


def _diagonal(low: float, high: float) -> Json:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [low, high],
        "y": [low, high],
        "line": {"color": INK, "width": 1.2, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _vertical(x: float, colour: str, dash: str) -> Json:
    line = {"color": colour, "width": 1.2, "dash": dash}
    return {"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


def _padded(values: FloatArray) -> list[float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or 0.5
    return [low - margin, high + margin]


def _axis(title: str, **more: object) -> Json:
    return {
        "title": {"text": title, "font": {"size": 12}},
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": "#999999",
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "#999999",
        "automargin": True,
        **more,
    }


def _legend() -> Json:
    return {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 11}}


def _base_layout() -> dict[str, object]:
    return {
        "font": {"family": _FONT, "size": 12, "color": INK},
        "margin": {"l": 52, "r": 24, "t": 26, "b": 44},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }


def _shortened(name: str, longest: int = 34) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _list(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> list[float]:
    return [round(float(value), 6) for value in values]


def _script_json(value: object) -> str:
    """JSON that can't end the script element it stands in."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
