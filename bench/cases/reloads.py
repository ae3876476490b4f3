# SPDX-License-Identifier: Apache-2.0
"""Failures over 20 reloads under load, of an app that handles no signal."""
import time

from harness.client import Load

from . import measure, subjects

NAME = "reloads"
ABOUT = "failed requests over 20 reloads, 16 connections, 8 ms think time"
KINDS = (subjects.OurOwn, subjects.Pm2, subjects.Nginx, subjects.Gunicorn)


def one(kind, mode, reloads):
    with kind() as subject:
        took = []
        with Load(subject.port, mode, timeout_ms=5000) as load:
            for _ in range(reloads):
                begin = time.monotonic()
                subject.reload()
                took.append((time.monotonic() - begin) * 1000)
    return {"mode": mode, "subject": subject.name, "reloads": reloads,
            "failed": load.result["failed"], "kinds": load.failures,
            "requests": load.result["requests"],
            "latency_ms": load.result["latency_ms"],
            "reload_ms": measure.summary(took)}


def run(quick):
    reloads = 5 if quick else 20
    data = [one(kind, mode, reloads) for mode in ("close", "keep")
            for kind in KINDS if mode in kind.modes]
    rows = [[item["mode"], item["subject"],
             f"{item['failed']} / {item['requests']}",
             " ".join(f"{k}={n}" for k, n in item["kinds"].items()) or "none",
             measure.cell(item["reload_ms"]), item["latency_ms"]["max"]]
            for item in data]
    text = measure.table(["mode", "subject", "failed / requests", "kinds",
                          "reload ms", "max ms"], rows)
    goals = [{"goal": f"{item['mode']}: no request fails",
              "value": item["failed"], "met": item["failed"] == 0}
             for item in data if item["subject"] == "clusterd"]
    return {"data": data, "text": text, "goals": goals}
