# SPDX-License-Identifier: Apache-2.0
"""PSS of the managers, and of each further worker."""
import time

from . import measure, subjects

NAME = "memory"
ABOUT = "memory (PSS) of all that is not a worker, 4 and 64 workers"
COUNTS = (4, 64)


def ours(workers):
    return subjects.OurOwn(workers, {
        "command": [str(measure.SLEEPER)], "listen": None,
        "wait_ready": True})


KINDS = {"clusterd": ours, "pm2": subjects.Pm2, "nginx": subjects.Nginx,
         "gunicorn": subjects.Gunicorn}


def once(kind, workers):
    with kind(workers) as subject:
        time.sleep(1)  # what a start leaves behind is given back
        return measure.pss_kb(subject.manager())


def run(quick):
    rounds = 1 if quick else 3
    found = {}
    for _ in range(rounds):
        for name, kind in KINDS.items():
            for workers in COUNTS:
                if name == "pm2" and workers > 4 and quick:
                    continue
                found.setdefault((name, workers), []).append(
                    once(kind, workers))
    data, rows = [], []
    for name in KINDS:
        few = measure.summary(found[name, COUNTS[0]])
        item = {"subject": name, "pss_kb_4": few}
        row = [name, measure.cell(few)]
        if (name, COUNTS[1]) in found:
            many = measure.summary(found[name, COUNTS[1]])
            each = (many["median"] - few["median"]) / (COUNTS[1] - COUNTS[0])
            item.update(pss_kb_64=many, kb_per_worker=round(each, 2))
            row += [measure.cell(many), f"{each:.1f}"]
        else:
            row += ["-", "-"]
        data.append(item)
        rows.append(row)
    mine = data[0]
    return {"data": data,
            "text": measure.table(["subject", "4 workers kB", "64 workers kB",
                                   "per worker kB"], rows),
            "goals": [
                {"goal": "4 workers: at most 3 MB",
                 "value": mine["pss_kb_4"]["median"],
                 "met": mine["pss_kb_4"]["median"] <= 3 * 1024},
                {"goal": "each further worker: at most 12 kB",
                 "value": mine["kb_per_worker"],
                 "met": mine["kb_per_worker"] <= 12}]}
