"""The loss over the steps, drawn. Loading this module takes a third of a second: do it in a thread."""

from __future__ import annotations

from textual.color import Color
from textual_plotext import PlotextPlot

from drt_tui.training.watched import Curve

_TICKS = 4


class LossPlot(PlotextPlot):
    """Draws the loss as a line and the held-out loss as crosses, so that they differ without colour."""

    def on_mount(self) -> None:
        """Draw on the ground that the style sheet gives, in the text's colour."""
        self.theme = "clear"

    def show(self, losses: Curve, held_out: Curve) -> None:
        """Draw these curves."""
        plot = self.plt
        plot.clear_data()
        plot.yfrequency(_TICKS)
        for curve, marker, colour, name in (
            (losses, "braille", "primary", "loss"), (held_out, "x", "warning", "held out"),
        ):  # fmt: skip
            if points := curve.points:
                steps, values = zip(*points, strict=True)
                draw = plot.plot if marker == "braille" else plot.scatter
                draw(list(steps), list(values), marker=marker, color=self._colour(colour), label=name)
        self.display = bool(losses.points or held_out.points)
        seen = [step for curve in (losses, held_out) for step, _ in curve.points]
        if seen:
            plot.xticks(_whole_steps(min(seen), max(seen)))
        self.refresh()

    def _colour(self, name: str) -> tuple[int, int, int]:
        return Color.parse(self.app.theme_variables[name]).rgb


def _whole_steps(first: float, last: float) -> list[float]:
    """Return up to five steps to be named under the plot, evenly apart."""
    apart = max(1, -(-int(last - first) // _TICKS))
    return [float(step) for step in range(int(first), int(last) + 1, apart)]
