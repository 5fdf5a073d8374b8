#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draws the rows of "bench/fio/run cache --json FILE" as an SVG: figure.py FILE >PICTURE.

A panel for each workload: a bar for each contender, as high as it is fast, with the number above it.
"""
import json
import sys

PANELS = [
    ("zipf", "zipf 1.1", "reads a second"),
    ("steady", "zipf 1.1, longer", "reads a second"),
    ("sequential", "read once, straight on", "MiB a second"),
    ("all-miss", "nothing cached", "reads a second"),
    ("all-hit-random", "all cached, random", "reads a second"),
    ("all-hit-sequential", "all cached, straight on", "MiB a second"),
]
ORDER = ["disk", "dm-cache-smq", "bcache-wa", "bcache-wt", "tmem_ssd", "tmem_ssd-plain", "tmem_ssd+pmem",
         "tmem_ssd+pmem-plain", "ssd-crypt", "ssd"]
COLOURS = {"tmem_ssd": "#1f6feb", "tmem_ssd-plain": "#1f6feb", "disk": "#8c959f", "ssd-crypt": "#8c959f",
           "ssd": "#8c959f"}
WIDTH, HEIGHT, BAR, TOP, BOTTOM = 432, 250, 34, 62, 70


def value(row):
    if row["workload"].endswith("sequential"):
        return row["mib_per_s"]
    return row["iops"]


def label(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def panel(x, y, rows, title, unit):
    rows = sorted(rows, key=lambda row: ORDER.index(row["contender"]))
    highest = max(value(row) for row in rows)
    room = HEIGHT - TOP - BOTTOM
    lines = [
        f'<text x="{x + 12}" y="{y + 24}" class="title">{title}</text>',
        f'<text x="{x + 12}" y="{y + 42}" class="unit">{unit}</text>',
    ]
    for i, row in enumerate(rows):
        height = max(value(row) / highest * room, 1)
        left, bottom = x + 14 + i * (BAR + 12), y + TOP + room
        middle = left + BAR / 2
        colour = COLOURS.get(row["contender"], "#bf8700")
        lines += [
            f'<rect x="{left}" y="{bottom - height:.1f}" width="{BAR}" height="{height:.1f}" '
            f'fill="{colour}"/>',
            f'<text x="{middle}" y="{bottom - height - 5:.1f}" class="number">'
            f"{label(value(row))}</text>",
            f'<text x="{middle + 4}" y="{bottom + 14}" class="name" '
            f'transform="rotate(-35 {middle + 4} {bottom + 14})">{row["contender"]}</text>',
        ]
    return lines


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        rows = json.load(file)
    shown = [(rows_of, title, unit) for workload, title, unit in PANELS
             if (rows_of := [row for row in rows if row["workload"] == workload])]
    columns = 3
    width, height = columns * WIDTH, (len(shown) + columns - 1) // columns * HEIGHT
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
          f'viewBox="0 0 {width} {height}" font-family="sans-serif">')
    print("<style>.title{font-size:15px;font-weight:bold}.unit{font-size:11px;fill:#57606a}"
          ".number{font-size:10px;text-anchor:middle}.name{font-size:11px;text-anchor:end}</style>")
    print(f'<rect width="{width}" height="{height}" fill="white"/>')
    for i, (rows_of, title, unit) in enumerate(shown):
        print("\n".join(panel(i % columns * WIDTH, i // columns * HEIGHT, rows_of, title, unit)))
    print("</svg>")


main()
