# SPDX-License-Identifier: Apache-2.0
"""A worker that does one thing wrong: misbehave.py WHAT. It is ready first,
except where never being ready is the fault."""
import os
import signal
import sys
import time

CHANNEL = int(os.environ.get("CLUSTERD_CHANNEL_FD", "-1"))


def ready():
    os.write(CHANNEL, b"clusterd/1 ready\n")


def for_ever():
    while True:
        signal.pause()


def write_all(fd, data):
    """Until the other end goes away."""
    try:
        while True:
            os.write(fd, data)
    except OSError:
        pass
    for_ever()


def flood_stdout():
    ready()
    write_all(1, b"x" * 99 + b"\n")


def flood_channel():
    ready()
    write_all(CHANNEL, b"clusterd/1 status still here\n" * 100)


def flood_channel_unended():
    ready()
    write_all(CHANNEL, b"y" * 65536)


def garbage():
    ready()
    os.write(CHANNEL, bytes(range(1, 256)) + b"\n{\"cmd\":\"NODE_CLUSTER\"," +
             b"\"act\":7}\nclusterd/1 nonsense\n[[[[[[\n\x00\x00\n")
    for_ever()


def half_a_frame():
    ready()
    os.write(CHANNEL, b"clusterd/1 sta")
    for_ever()


def closes_channel():
    ready()
    time.sleep(0.3)
    os.close(CHANNEL)
    for_ever()


def child_lives_on():
    """Leaves a child behind that ignores everything but SIGKILL."""
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for_ever()
    ready()
    time.sleep(0.5)
    os._exit(3)


def ignores_sigterm():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready()
    for_ever()


def exits_at_once():
    print("cannot find my database", file=sys.stderr)
    sys.exit(7)


def never_ready():
    for_ever()


def last_words():
    """Ready, then dies of SIGKILL right after a line without a newline."""
    ready()
    time.sleep(0.3)
    os.write(1, b"one whole line\nmy last words")
    os.kill(os.getpid(), signal.SIGKILL)


def quiet():
    """Nothing wrong with this one."""
    ready()
    for_ever()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
globals()[sys.argv[1]]()
