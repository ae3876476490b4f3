# SPDX-License-Identifier: Apache-2.0
"""CPU time per request of the same Node app, two workers, all counted."""
from . import measure, subjects

NAME = "cpu"
ABOUT = "CPU time per request: manager and workers together"
KINDS = (subjects.BareNode, subjects.OurOwn, subjects.NodeCluster,
         subjects.NodeClusterShared, subjects.Pm2, subjects.Nginx,
         subjects.Gunicorn)
BUDGET = 1.05


def once(subject, mode, duration_ms):
    """(us per request of the manager, of all)."""
    manager = set(subject.manager())
    before = measure.cpu_ns(subject.everyone())
    result = measure.load(subject.port, mode, duration_ms)
    after = measure.cpu_ns(subject.everyone())
    assert result["failed"] == 0, f"{subject.name}: {result['failures']}"
    spent = {pid: ns - before.get(pid, 0) for pid, ns in after.items()}
    of_manager = sum(ns for pid, ns in spent.items() if pid in manager)
    return (of_manager / 1000 / result["ok"],
            sum(spent.values()) / 1000 / result["ok"])


def run(quick):
    rounds, duration_ms = (3, 1000) if quick else (7, 3000)
    found = {}
    started = [kind() for kind in KINDS]
    try:
        for subject in started:
            subject.start()
            for mode in subject.modes:  # warm up: the JIT counts too
                measure.load(subject.port, mode, 1000)
        for _ in range(rounds):
            for mode in ("close", "keep"):
                for subject in started:
                    if mode in subject.modes:
                        found.setdefault((mode, subject.name), []).append(
                            once(subject, mode, duration_ms))
    finally:
        for subject in started:
            subject.stop()
    return tabulate(found)


def tabulate(found):
    rows, data = [], []
    for (mode, name), pairs in found.items():
        bare = found[mode, subjects.BareNode.name]
        ratio = measure.summary([mine[1] / base[1] for mine, base
                                 in zip(pairs, bare)])
        manager = measure.summary([pair[0] for pair in pairs])
        total = measure.summary([pair[1] for pair in pairs])
        data.append({"mode": mode, "subject": name, "manager_us": manager,
                     "total_us": total, "ratio_to_bare": ratio})
        rows.append([mode, name, measure.cell(manager), measure.cell(total),
                     f"{ratio['median']:.3f}"])
    text = measure.table(["mode", "subject", "manager us", "together us",
                          "x bare node"], rows)
    goals = [{"goal": f"{mode}: at most {BUDGET} x a bare node",
              "value": item["ratio_to_bare"]["median"],
              "met": item["ratio_to_bare"]["median"] <= BUDGET}
             for item in data for mode in ("close", "keep")
             if item["subject"] == "clusterd" and item["mode"] == mode]
    return {"data": data, "text": text, "goals": goals}
