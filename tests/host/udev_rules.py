#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a file of udev rules runs for one event: udev_rules.py RULES KEY=VALUE...

Keys are as in rules: ACTION, SUBSYSTEM, KERNEL, ENV{NAME}, ATTR{FILE}; DB{NAME} is what the database has of the
device, TEST{FILE} a file that exists. Prints what is run, and what the database has afterwards of IMPORT{db}.
"""
import fnmatch
import re
import sys

TOKEN = re.compile(r'([A-Z]+(?:\{[^}]*\})?)\s*(==|!=|\+=|=)\s*"([^"]*)"')


def matches(value, pattern):
    return any(fnmatch.fnmatchcase(value, part) for part in pattern.split('|'))


def holds(facts, key, operator, value):
    if key == 'TEST':
        found = f'TEST{{{value}}}' in facts or f'ATTR{{{value}}}' in facts
    elif key.startswith('ATTR') and key not in facts:
        return False
    else:
        found = matches(facts.get(key, ''), value)
    return found == (operator == '==')


def run(rules, facts):
    kept, label, commands = [], None, []
    for line in rules:
        tokens = TOKEN.findall(line)
        if TOKEN.sub('', line).strip(' ,'):
            sys.exit(f'not understood: {line}')
        if label and ('LABEL', '=', label) not in tokens:
            continue
        label = None
        if not all(holds(facts, *token) for token in tokens if token[1] in ('==', '!=')):
            continue
        for key, operator, value in tokens:
            if key == 'IMPORT{db}':
                kept.append(value)
                facts[f'ENV{{{value}}}'] = facts.get(f'DB{{{value}}}', '')
            elif key == 'GOTO':
                label = value
            elif key == 'RUN':
                commands.append(value)
            elif key.startswith('ENV') and operator == '=':
                facts[key] = value
    if label:
        sys.exit(f'there is no label {label}')
    return commands + [f'{name}={facts[f"ENV{{{name}}}"]}' for name in kept]


def main():
    with open(sys.argv[1], encoding='ascii') as file:
        text = file.read().replace('\\\n', ' ')
    rules = [line for line in text.split('\n') if line and not line.startswith('#')]
    facts = dict(re.fullmatch(r'([^=]*)=(.*)', fact).groups() for fact in sys.argv[2:])
    print(*run(rules, facts), sep='\n')


main()
