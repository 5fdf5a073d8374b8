#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Names what headers declare without a kernel-doc comment: undocumented.py HEADER... Last line: how much they declare."""
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.S)
# What begins a line: a function or its type, a macro with arguments, what a name is given to.
FUNCTION = re.compile(r"^(?:__\w+\([^()]*\) )?[a-z](?:\w|[ *])*?\(?\*?(\w+)\)?\(", re.A)
MACRO = re.compile(r"^#define (\w+)\(")
TYPE = re.compile(r"^(?:struct|union|enum) (\w+) \{$")


def declared(line):
    for pattern in (FUNCTION, MACRO, TYPE):
        found = pattern.match(line)
        if found:
            return found[1]
    return None


def look(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    # The line behind a comment, by its number; comments themselves are no lines.
    documented = {text.count("\n", 0, found.end()) + 1
                  for found in COMMENT.finditer(text) if found[0].startswith("/**")}
    text = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    count = 0
    for number, line in enumerate(text.split("\n")):
        name = declared(line)
        if name:
            count += 1
            if number not in documented:
                print(f"{path}:{number + 1}: {name} has no kernel-doc comment")
    return count


print(sum(look(path) for path in sys.argv[1:]))
