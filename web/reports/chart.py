"""The chart of a report: SVG made on the server, shown as an image, with the colours that outcomes have everywhere."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import pygal
from pygal.style import Style

from broadcast.reports.words import COUNTS
from web.reports.spans import Bar
from web.shell.formats import vn_number

# pygal leaves an import hook of the old kind behind, for map plug-ins that we have none of; whoever asks all hooks in
# the way of today stumbles over it.
sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]

# From the ground up: what sounded, then what did not. The same as in app.css.
COLOURS = {
    "complete": "#1b6b3a",
    "late": "#6b3fa0",
    "partial": "#8a5300",
    "unknown": "#5d6670",
    "missed": "#b3261e",
}
_FONT = '"Segoe UI", "Noto Sans", Roboto, "Helvetica Neue", Arial, sans-serif'
WIDE, NARROW = (960, 320), (420, 340)
"""Pixels across and down; the narrow one is for a phone, where the wide one's words would be too small to read."""
_LABEL_PX = 56
# What pygal writes for a script that is not there, and when it drew: the same figures are the same bytes.
_NEEDLESS = re.compile(r"<script\b.*?</script>|<!--.*?-->", re.DOTALL)


def chart(bars: Sequence[Bar], size: tuple[int, int] = WIDE) -> bytes:
    """An SVG document: one column a bar, planned airings stacked by outcome."""
    width, height = size
    drawn = pygal.StackedBar(
        width=width,
        height=height,
        js=(),
        style=_style(),
        legend_at_bottom=True,
        legend_at_bottom_columns=len(COLOURS) if size == WIDE else 3,
        legend_box_size=14,
        show_minor_x_labels=False,
        show_y_guides=True,
        truncate_legend=-1,
        truncate_label=-1,
        margin=12,
        margin_bottom=12 if size == WIDE else 36,  # pygal leaves room for one row of the legend
        spacing=14 if size == WIDE else 6,
        print_values=False,
        no_data_text="Chưa có lượt phát nào đến giờ",
        disable_xml_declaration=True,
        pretty_print=False,
    )
    highest = max((bar.counts.planned for bar in bars), default=0)
    drawn.y_labels = [{"value": value, "label": vn_number(value)} for value in _steps(highest)]
    drawn.x_labels = [bar.label for bar in bars]
    drawn.x_labels_major = [bar.label for bar in bars[:: -(-len(bars) * _LABEL_PX // width)]]
    for kind in COLOURS:
        drawn.add(COUNTS[kind], [bar.counts.of(kind) for bar in bars])
    drawn.uuid = "report"
    drawing: str = drawn.render()
    return _NEEDLESS.sub("", drawing).encode()


def _style() -> Style:
    return Style(
        background="#ffffff",
        plot_background="#ffffff",
        foreground="#1d2733",
        foreground_strong="#1d2733",
        foreground_subtle="#55616e",
        guide_stroke_color="#d9ddd8",
        major_guide_stroke_color="#d9ddd8",
        colors=tuple(COLOURS.values()),
        opacity="1",
        opacity_hover="1",
        transition="0",
        font_family=_FONT,
        label_font_size=15,
        major_label_font_size=15,
        legend_font_size=15,
        no_data_font_size=20,
    )


def _steps(highest: int) -> list[int]:
    """Whole numbers for the axis, at most seven of them, the last at or above `highest`."""
    size = next(
        size for power in range(10) for size in (10**power, 2 * 10**power, 5 * 10**power) if size * 6 >= highest
    )
    return [number * size for number in range(-(-max(highest, 1) // size) + 1)]
