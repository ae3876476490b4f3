# SPDX-License-Identifier: Apache-2.0
"""The only worker is killed: until another answers."""
import time

from harness import paths, procs

from . import measure, subjects

NAME = "kills"
ABOUT = "SIGKILL of the only worker to the next answer"


def ours():
    return subjects.OurOwn(1, {"command": [str(paths.DEMO)]})


KINDS = {"clusterd, C worker": ours,
         "clusterd, Node app": lambda: subjects.OurOwn(1),
         "nginx": lambda: subjects.Nginx(1),
         "gunicorn": lambda: subjects.Gunicorn(1),
         "pm2": lambda: subjects.Pm2(1)}


def worker(subject):
    """Its only worker's pid, once there is one that has settled."""
    def only():
        rest = set(subject.everyone()) - set(subject.manager())
        return rest if len(rest) == 1 else None
    return procs.wait_for(only, "one worker", 30).pop()


def once(subject):
    # older than any "it failed to start" rule of the subject
    time.sleep(2.5)
    return measure.probe("kill", f"http://127.0.0.1:{subject.port}/",
                         worker(subject))


def run(quick):
    rounds = 3 if quick else 10
    started = {name: kind() for name, kind in KINDS.items()}
    found = {name: [] for name in KINDS}
    try:
        for subject in started.values():
            subject.start()
        for _ in range(rounds):
            for name, subject in started.items():
                found[name].append(once(subject))
    finally:
        for subject in started.values():
            subject.stop()
    data, rows = {}, []
    for name, results in found.items():
        took = measure.summary([r["ms"] for r in results])
        worst = {key: max(r[key] for r in results)
                 for key in ("refused", "lost", "hung")}
        data[name] = {"ms": took, **worst}
        rows.append([name, measure.cell(took), *worst.values()])
    mine = data["clusterd, C worker"]
    return {"data": data,
            "text": measure.table(["subject", "ms", "refused", "lost",
                                   "hung"], rows),
            "goals": [
                {"goal": "C worker: at most 3 ms", "value": mine["ms"]["median"],
                 "met": mine["ms"]["median"] <= 3},
                {"goal": "no connection refused, lost or hung",
                 "value": mine["refused"] + mine["lost"] + mine["hung"],
                 "met": mine["refused"] + mine["lost"] + mine["hung"] == 0}]}
