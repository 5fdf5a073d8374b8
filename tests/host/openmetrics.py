#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reads OpenMetrics text with the reference parser, prints its samples one a line."""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def main():
    for family in text_string_to_metric_families(sys.stdin.read()):
        for sample in family.samples:
            labels = ",".join(f'{name}="{sample.labels[name]}"' for name in sorted(sample.labels))
            value = int(sample.value) if sample.value == int(sample.value) else sample.value
            print(sample.name + (f"{{{labels}}}" if labels else ""), value)


main()
