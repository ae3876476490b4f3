# SPDX-License-Identifier: Apache-2.0
"""What noise does not touch: CPU time by the kernel's count, memory by PSS."""
import json
import os
import statistics
import subprocess

from harness import paths, procs

PROBE = paths.BUILD / "bench/probe"
TIMECMD = paths.BUILD / "bench/timecmd"
SLEEPER = paths.BUILD / "bench/sleeper"
SERVER = paths.BUILD / "bench/server"
HELPERS = (PROBE, TIMECMD, SLEEPER, SERVER)


def tree(pid):
    """A process and everything below it."""
    return [pid] + [entry.pid for entry in procs.descendants(pid)]


def cpu_ns(pids):
    """Time on a CPU of all threads of these processes, {pid: ns}."""
    out = {}
    for pid in pids:
        total = 0
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat",
                          encoding="ascii") as file:
                    total += int(file.read().split()[0])
        except FileNotFoundError:
            continue  # a thread or process that has just ended
        out[pid] = total
    return out


def pss_kb(pids):
    """Proportional set size of these processes together."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total


def load(port, mode, duration_ms, connections=16, think_ms=0):
    """The load client's result."""
    done = subprocess.run(
        [paths.LOAD, "--url", f"http://127.0.0.1:{port}/", "--mode", mode,
         "--connections", str(connections), "--think-ms", str(think_ms),
         "--duration-ms", str(duration_ms)], check=True,
        stdout=subprocess.PIPE, text=True, timeout=120)
    return json.loads(done.stdout)


def probe(*argv, env=None):
    done = subprocess.run([PROBE, *map(str, argv)], check=True, env=env,
                          stdout=subprocess.PIPE, text=True, timeout=120)
    return json.loads(done.stdout)


def summary(values):
    """Median, least and most."""
    return {"median": round(statistics.median(values), 3),
            "min": round(min(values), 3), "max": round(max(values), 3),
            "n": len(values)}


def cell(found, unit=""):
    """A summary as people read it."""
    return (f"{found['median']:,.4g}{unit} "
            f"({found['min']:,.4g}-{found['max']:,.4g})")


def table(head, rows):
    """Lines of an aligned table."""
    rows = [head, *([str(item) for item in row] for row in rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(item.ljust(width) for item, width
                               in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths)
                 + "|")
    return "\n".join(lines)
