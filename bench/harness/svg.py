"""A small writer of line plots as SVG."""

import math
from dataclasses import dataclass
from html import escape
from pathlib import Path

COLOURS = {"berth": "#0b6efd", "distribution": "#d9480f", "zot": "#2b8a3e",
           "zot-durable": "#862e9c", "nginx": "#495057"}
WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 80, 150, 40, 60


@dataclass
class Axis:
    label: str
    low: float
    high: float
    logarithmic: bool = True

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        if self.logarithmic:
            low, high = math.log10(self.low), math.log10(self.high)
            return (math.log10(max(value, self.low)) - low) / max(high - low, 1e-9)
        return (value - self.low) / max(self.high - self.low, 1e-9)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            return [10.0 ** power for power in range(first, last + 1)]
        return [self.low + (self.high - self.low) * part / 5 for part in range(6)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _text(x, y, text, anchor="middle", size=12, extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" {extra}>'
            f"{escape(text)}</text>")


def lines(path: Path, title: str, x: Axis, y: Axis,
          series: dict[str, list[tuple[float, float]]], dots: bool = False) -> None:
    """Writes one plot; `series` maps a system's name to its points."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(point):
        return LEFT + x.place(point[0]) * wide, TOP + (1 - y.place(point[1])) * high
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" fill="#212529">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             _text(LEFT + wide / 2, 22, title, size=14)]
    for tick in x.ticks():
        across, _ = at((tick, y.low))
        parts += [f'<path d="M{across:.1f} {TOP}V{TOP + high}" stroke="#dee2e6"/>',
                  _text(across, TOP + high + 18, _number(tick))]
    for tick in y.ticks():
        _, down = at((x.low, tick))
        parts += [f'<path d="M{LEFT} {down:.1f}H{LEFT + wide}" stroke="#dee2e6"/>',
                  _text(LEFT - 8, down + 4, _number(tick), "end")]
    middle = TOP + high / 2
    parts += [_text(LEFT + wide / 2, HEIGHT - 16, x.label),
              _text(20, middle, y.label, extra=f'transform="rotate(-90 20 {middle})"')]
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS.get(name, "#000")
        places = [at(point) for point in points]
        trace = "L".join(f"{a:.1f} {b:.1f}" for a, b in places)
        parts.append(f'<path d="M{trace}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if dots:
            parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>'
                      for a, b in places]
        line = TOP + 16 + 20 * number
        parts += [f'<path d="M{WIDTH - RIGHT + 14} {line - 4}h22" stroke="{colour}" '
                  'stroke-width="3"/>', _text(WIDTH - RIGHT + 42, line, name, "start")]
    path.write_text("\n".join([*parts, "</svg>", ""]))


def bounds(values: list[float]) -> tuple[float, float]:
    """Whole powers of ten around the values, for a logarithmic axis."""
    positive = [value for value in values if value > 0] or [1.0]
    low = 10.0 ** math.floor(math.log10(min(positive)))
    high = 10.0 ** math.ceil(math.log10(max(positive)))
    return low, high if high > low else low * 10
