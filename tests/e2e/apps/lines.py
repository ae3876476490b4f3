# SPDX-License-Identifier: Apache-2.0
"""Writes numbered lines to stdout and stderr until it is told to end."""
import os
import signal
import sys
import time

PAUSE_S = float(os.environ.get("PAUSE_MS", "5")) / 1000
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
os.write(int(os.environ["CLUSTERD_CHANNEL_FD"]), b"clusterd/1 ready\n")
number = 0
while True:
    fd = 2 if number % 4 == 3 else 1
    os.write(fd, b"line %d of %s\n" % (
        number, os.environ["NODE_APP_INSTANCE"].encode()))
    number += 1
    time.sleep(PAUSE_S)
