#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Gives names to the instructions counted in a window: symbols.py SYSTEM_MAP WINDOW <module symbols.

Standard input holds lines of /proc/kallsyms for the modules. Prints JSON: "symbols" maps a name,
with its module behind a space, to [instructions, calls]; "calls" maps a watched function to
[calls, instructions]; "user" counts the instructions outside the kernel.
"""
import bisect
import json
import sys


def read_symbols(lines):
    symbols = []
    for line in lines:
        fields = line.split()
        if len(fields) < 3 or fields[1] not in "tTwW":
            continue
        name = fields[2] + (" " + fields[3] if len(fields) > 3 else "")
        symbols.append((int(fields[0], 16), name))
    return symbols


def main():
    with open(sys.argv[1], encoding="ascii") as system_map:
        symbols = read_symbols(system_map)
    symbols = sorted(symbols + read_symbols(sys.stdin))
    starts = [address for address, _ in symbols]
    by_name, calls, user = {}, {}, 0
    with open(sys.argv[2], encoding="ascii") as window:
        for line in window:
            fields = line.split()
            if fields[0] == "call":
                calls[fields[1]] = [int(fields[2]), int(fields[3])]
                continue
            address, instructions, executions = int(fields[0], 16), int(fields[1]), int(fields[2])
            if address < 1 << 63:
                user += instructions
                continue
            at = bisect.bisect_right(starts, address) - 1
            entry = by_name.setdefault(symbols[at][1], [0, 0])
            entry[0] += instructions
            if address == starts[at]:
                entry[1] += executions
    json.dump({"symbols": by_name, "calls": calls, "user": user}, sys.stdout)


main()
