#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run a command in a terminal that is stopped by Control-S; does it end within ten seconds of a SIGTERM?"""
import os
import pty
import select
import signal
import sys
import time

child, terminal = pty.fork()
if not child:
    os.execv(sys.argv[1], sys.argv[1:])
select.select([terminal], [], [], 20)
os.read(terminal, 4096)
os.write(terminal, b'\x13')
time.sleep(1)
os.kill(child, signal.SIGTERM)
for _ in range(100):
    if os.waitpid(child, os.WNOHANG)[0]:
        sys.exit(0)
    time.sleep(0.1)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
sys.exit('it did not end')
