#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Prints what docs/abi.md says can be read below /sys/kernel/mm, a file a line: its path, a tab, the first word
in backquotes of what is said about it."""
import os
import re
import sys


def attributes(text):
    directory = None
    for line in text.splitlines():
        if line.startswith("## "):
            section = re.fullmatch(r"## /sys/kernel/mm/(\S+)/", line)
            directory = section and section[1]
            continue
        row = re.fullmatch(r"\| (`.+?`) \| (\w*) \| (.+) \|", line)
        if not directory or not row or "r" not in row[2]:
            continue
        word = re.search(r"`(\w+)`", row[3])
        parent = ""
        for name in re.findall(r"`([^`]+)`", row[1]):
            parent = os.path.dirname(name) or parent
            yield os.path.join(directory, parent, os.path.basename(name)), word[1] if word else ""


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        for path, word in attributes(file.read()):
            print(path, word, sep="\t")


main()
