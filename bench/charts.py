"""How do the figures look? Two small charts as SVG: lines over two logarithmic scales, and bars.

Written by hand and not by a plotting library: a chart is forty elements, the same on every machine, and brings its own
colours for light and for dark pages. Words are in English with the Chinese beside them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 60, 186, 66, 62
NAMES = 180
"""Where the bars begin, right of their names."""
LABEL_GAP = 17
"""Labels at the ends of lines keep at least so far apart."""
FONT = "system-ui,-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
STYLE = f"""
svg {{ font: 13px {FONT}; }}
.card {{ fill: #ffffff; stroke: #d8dee4; }}
.ink {{ fill: #1f2328; }} .soft {{ fill: #59636e; }} .grid {{ stroke: #d8dee4; }}
.title {{ font-size: 16px; font-weight: 600; }} .ours {{ font-weight: 700; }}
.fill0 {{ fill: #c2410c; }} .fill1 {{ fill: #57606a; }} .fill2 {{ fill: #0969da; }} .fill3 {{ fill: #1a7f37; }}
.fill4 {{ fill: #8250df; }} .fill5 {{ fill: #9a6700; }} .fill6 {{ fill: #bf3989; }}
.line0 {{ stroke: #c2410c; }} .line1 {{ stroke: #57606a; }} .line2 {{ stroke: #0969da; }} .line3 {{ stroke: #1a7f37; }}
.line4 {{ stroke: #8250df; }} .line5 {{ stroke: #9a6700; }} .line6 {{ stroke: #bf3989; }}
@media (prefers-color-scheme: dark) {{
.card {{ fill: #0d1117; stroke: #3d444d; }}
.ink {{ fill: #f0f6fc; }} .soft {{ fill: #9198a1; }} .grid {{ stroke: #2f353d; }}
.fill0 {{ fill: #ff8a4c; }} .fill1 {{ fill: #9198a1; }} .fill2 {{ fill: #4493f8; }} .fill3 {{ fill: #3fb950; }}
.fill4 {{ fill: #ab7df8; }} .fill5 {{ fill: #d29922; }} .fill6 {{ fill: #db61a2; }}
.line0 {{ stroke: #ff8a4c; }} .line1 {{ stroke: #9198a1; }} .line2 {{ stroke: #4493f8; }} .line3 {{ stroke: #3fb950; }}
.line4 {{ stroke: #ab7df8; }} .line5 {{ stroke: #d29922; }} .line6 {{ stroke: #db61a2; }}
}}
"""
COLOURS = 7


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale from values to a place on the page."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value is; values outside are at the edge."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)


def lines_chart(title: str, x_label: str, y_label: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Lines over two logarithmic scales; the first of them is the one that matters.

    Args:
        title: above the chart.
        x_label: below the lines.
        y_label: below the title.
        series: name → points, x growing; names stand at the ends of their lines.
    """
    shown = {name: points for name, points in series.items() if points}
    xs = [x for points in shown.values() for x, _y in points]
    ys = [y for points in shown.values() for _x, y in points]
    x_scale = Scale(min(xs), max(max(xs), min(xs) * 2), LEFT, WIDTH - RIGHT)
    y_scale = Scale(decade_below(min(ys)), decade_above(max(ys)), HEIGHT - BOTTOM, TOP)
    parts = [*frame(title, y_label), axis_label(x_label)]
    for value in decades(y_scale.low, y_scale.high):
        parts += [
            rule(LEFT, WIDTH - RIGHT, y_scale.at(value)),
            text(LEFT - 8, y_scale.at(value) + 4, spoken(value), "soft", "end"),
        ]
    for value in sorted(set(xs)):
        parts.append(text(x_scale.at(value), HEIGHT - BOTTOM + 20, spoken(value), "soft", "middle"))
    ends = []
    for colour, (name, points) in enumerate(shown.items()):
        places = [(x_scale.at(x), y_scale.at(y)) for x, y in points]
        parts += line(places, colour % COLOURS)
        ends.append((places[-1][1], name, colour % COLOURS, places[-1][0]))
    for (wanted, name, colour, x), y in zip(sorted(ends), spread([end[0] for end in sorted(ends)]), strict=True):
        label_x = WIDTH - RIGHT + 14
        if abs(wanted - y) > 3 or x < WIDTH - RIGHT - 3:
            parts.append(
                f'<path d="M{x + 6:.1f} {wanted:.1f}L{label_x - 4:.1f} {y:.1f}" class="line{colour}" '
                f'stroke-dasharray="2 3" fill="none"/>'
            )
        parts.append(text(label_x, y + 4, name, f"fill{colour}{' ours' if colour == 0 else ''}"))
    return document(parts, HEIGHT)


def bars_chart(title: str, label: str, values: Mapping[str, float], digits: int = 2) -> str:
    """Bars from the left, one a name, in the order given; the first is the one that matters."""
    row, top = 30, TOP + 4
    height = top + row * len(values) + 34
    width = WIDTH - NAMES - 90
    most = max(values.values(), default=1.0)
    parts = frame(title, label, height)
    for number, (name, value) in enumerate(values.items()):
        y, long = top + row * number, max(2.0, width * value / most)
        strong = " ours" if number == 0 else ""
        parts += [
            text(NAMES - 8, y + 16, name, f"ink{strong}", "end"),
            f'<rect x="{NAMES}" y="{y + 2}" width="{long:.1f}" height="{row - 10}" rx="3" '
            f'class="fill{0 if number == 0 else 1}"/>',
            text(NAMES + 8 + long, y + 16, f"{value:.{digits}f} s", f"ink{strong}"),
        ]
    return document(parts, height)


# -- parts -----------------------------------------------------------------------------------------------------------


def document(parts: Sequence[str], height: float) -> str:
    """The whole file."""
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


def frame(title: str, label: str, height: float = HEIGHT) -> list[str]:
    """The card, its title, and what is measured."""
    return [
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="8" class="card"/>',
        text(20, 28, title, "ink title"),
        text(20, 49, label, "soft"),
    ]


def axis_label(label: str) -> str:
    return text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, label, "soft", "middle")


def rule(left: float, right: float, y: float) -> str:
    return f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(places: Sequence[tuple[float, float]], colour: int) -> list[str]:
    """A line and a dot at each of its points."""
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    width = 3.5 if colour == 0 else 2
    drawn = [f'<path d="{path}" class="line{colour}" fill="none" stroke-width="{width}" stroke-linejoin="round"/>']
    return drawn + [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 0.5}" class="fill{colour}"/>' for x, y in places]


def spread(wanted: Sequence[float]) -> list[float]:
    """Places no nearer to each other than `LABEL_GAP`, as near to the wanted ones (which ascend) as a push allows."""
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, placed[-1] + LABEL_GAP) if placed else place)
    over = max(0.0, placed[-1] - (HEIGHT - BOTTOM)) if placed else 0.0
    for number in reversed(range(len(placed))):
        limit = HEIGHT - BOTTOM if number == len(placed) - 1 else placed[number + 1] - LABEL_GAP
        placed[number] = min(placed[number], limit) if over else placed[number]
    return placed


def decade_below(value: float) -> float:
    return float(10.0 ** math.floor(math.log10(value)))


def decade_above(value: float) -> float:
    return float(10.0 ** math.ceil(math.log10(value) + 1e-9))


def decades(low: float, high: float) -> list[float]:
    """1, 10, 100 … from low to high."""
    return [10.0**power for power in range(round(math.log10(low)), round(math.log10(high)) + 1)]


def spoken(value: float) -> str:
    """A number as people write it: 0.1, 20, 400."""
    return f"{value:g}"
