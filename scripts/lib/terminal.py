#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws the text of a terminal as SVG: reads it from stdin, with colours as escape sequences.

All characters have the same width, whatever font the reader has.
"""
import re
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 7.8, 18, 14
# Select Graphic Rendition, ECMA-48 8.3.117
CLASSES = {"1": "strong", "31": "bad"}


def spans(line):
    """Splits a line into pairs of a class and a text."""
    kind = ""
    for part in re.split(r"(\033\[\d*m)", line):
        code = re.fullmatch(r"\033\[(\d*)m", part)
        if code:
            kind = CLASSES.get(code[1], "")
        elif part:
            yield kind, part


def draw(lines):
    plain = [re.sub(r"\033\[\d*m", "", line) for line in lines]
    width = 2 * MARGIN + WIDTH * max(map(len, plain))
    height = 2 * MARGIN + HEIGHT * len(lines)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
           f'viewBox="0 0 {width:.0f} {height}">')
    yield ("<style>text { font: 13px monospace; fill: #d1d7e0; white-space: pre; }\n"
           ".strong { font-weight: bold; fill: #ffffff; }\n"
           ".bad { fill: #ff7b72; }\n"
           ".prompt { fill: #7ee787; }</style>")
    yield f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#151b23"/>'
    for number, line in enumerate(lines):
        x, y = MARGIN, MARGIN + HEIGHT * number + 13
        for kind, text in spans(line):
            kind = "prompt" if line.startswith("# ") else kind
            length = WIDTH * len(text)
            if text.strip():
                yield (f'<text x="{x:.1f}" y="{y}" textLength="{length:.1f}"'
                       + (f' class="{kind}"' if kind else "")
                       + f' xml:space="preserve">{escape(text)}</text>')
            x += length
    yield "</svg>"


def main():
    lines = sys.stdin.read().splitlines()
    if not lines:
        sys.exit("terminal.py: there is no text on stdin")
    print("\n".join(draw(lines)))


if __name__ == "__main__":
    main()
