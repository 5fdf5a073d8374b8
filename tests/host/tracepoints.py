#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compares what documents say of tracepoints with the header that has them: tracepoints.py trace.h DOCUMENT...

Prints a line for each tracepoint or field that is used there by bpftrace or a trigger, and is none. Last line:
how many of both were looked at."""
import re
import sys


def events_of(header):
    """The fields of each event, by its name."""
    classes, events = {}, {}
    for kind, arguments in re.findall(
            r"^(DECLARE_EVENT_CLASS|TRACE_EVENT|DEFINE_EVENT)\((.*?)\);$", header, re.M | re.S):
        names = [word.strip() for word in arguments.split(",", 2)[:2]]
        fields = set(re.findall(r"__field\([^,]+,\s*(\w+)\)", arguments))
        if kind == "DECLARE_EVENT_CLASS":
            classes[names[0]] = fields
        elif kind == "TRACE_EVENT":
            events[names[0]] = fields
        else:
            events[names[1]] = classes[names[0]]
    return events


def uses_in(text):
    """(event, field) as they are used, field None for the event itself."""
    for script in re.findall(r"bpftrace -e '(.*?)'", text, re.S):
        for probe in re.split(r"\btracepoint:tmem:", script)[1:]:
            event = re.match(r"\w*", probe)[0]
            yield event, None
            for field in re.findall(r"\bargs(?:->|\.)(\w+)", probe):
                yield event, field
    for line in text.splitlines():
        for event in re.findall(r"\bevents/tmem/(\w+)/", line):
            yield event, None
            for keys in re.findall(r"\bhist:keys=([\w,]+)", line):
                for field in keys.split(","):
                    yield event, field


def main():
    uses = 0
    with open(sys.argv[1], encoding="utf-8") as file:
        events = events_of(file.read())
    for document in sys.argv[2:]:
        with open(document, encoding="utf-8") as file:
            for event, field in uses_in(file.read()):
                uses += 1
                if event not in events:
                    print(f"{document}: no tracepoint {event}")
                elif field and field not in events[event]:
                    print(f"{document}: no field {field} in {event}")
    print(uses)


main()
