# SPDX-License-Identifier: Apache-2.0
"""From the command to workers that serve: eight of them, and a thousand."""
import os
import signal
import time

from harness import procs

from . import measure, subjects

NAME = "startup"
ABOUT = "command to 8 trivial workers serving; 1,000 started and ready"


def ours():
    return subjects.OurOwn(8, {"command": [str(measure.SERVER)],
                               "wait_ready": True})


def eight_ours():
    subject = ours()
    try:
        result = measure.probe(
            "serving", f"http://127.0.0.1:{subject.port}/", 8,
            *subject.one.argv(), env=subject.one.env)
        os.kill(result["pid"], signal.SIGTERM)
        gone(result["pid"])
        return result
    finally:
        subject.stop()


def eight(kind):
    subject = kind(8)
    try:
        if hasattr(subject, "configure"):
            subject.configure()
        result = measure.probe(
            "serving", f"http://127.0.0.1:{subject.port}/", 8,
            *subject.argv())
        os.kill(result["pid"], signal.SIGTERM)
        gone(result["pid"])
        return result
    finally:
        subject.stop()


def eight_pm2():
    subject = subjects.Pm2(8)
    try:
        result = measure.probe(
            "serving", f"http://127.0.0.1:{subject.port}/", 8, "node",
            subject.program, "start", subjects.APP, "-i", "8", env=subject.env)
        gone(result["pid"])
        return result
    finally:
        subject.stop()


def gone(pid):
    def ended():
        procs.reap_adopted()
        return not procs.alive(pid)
    procs.wait_for(ended, f"process {pid} has ended", 60)


EIGHT = {"clusterd": eight_ours, "nginx": lambda: eight(subjects.Nginx),
         "gunicorn": lambda: eight(subjects.Gunicorn), "pm2": eight_pm2}


def thousand():
    """Milliseconds until all are ready, manager's PSS then, in kB."""
    subject = subjects.OurOwn(1000, {"command": [str(measure.SLEEPER)],
                                     "listen": None, "wait_ready": True})
    begin = time.monotonic()
    with subject:
        return ((time.monotonic() - begin) * 1000,
                measure.pss_kb(subject.manager()))


def run(quick):
    rounds = 3 if quick else 11
    found = {}
    for number in range(rounds):
        for name, start in EIGHT.items():
            if name == "pm2" and number >= 3:
                continue
            found.setdefault(name, []).append(start()["ms"])
    many = [thousand() for _ in range(1 if quick else 3)]
    eights = {name: measure.summary(times) for name, times in found.items()}
    ready = measure.summary([item[0] for item in many])
    pss = measure.summary([item[1] for item in many])
    rows = [["8 workers serving", name, measure.cell(times)]
            for name, times in eights.items()]
    rows.append(["1,000 workers ready", "clusterd", measure.cell(ready)])
    rows.append(["1,000 workers, PSS kB", "clusterd", measure.cell(pss)])
    return {"data": {"eight_ms": eights, "thousand_ms": ready,
                     "thousand_pss_kb": pss},
            "text": measure.table(["what", "subject", "ms"], rows),
            "goals": [
                {"goal": "8 workers: at most 25 ms",
                 "value": eights["clusterd"]["median"],
                 "met": eights["clusterd"]["median"] <= 25},
                {"goal": "1,000 workers: at most 3 s",
                 "value": ready["median"], "met": ready["median"] <= 3000}]}
