# SPDX-License-Identifier: Apache-2.0
"""The status command as a whole process, against /bin/true and pm2 jlist."""
import json
import os
import subprocess

from harness import paths

from . import measure, subjects

NAME = "commands"
ABOUT = "clusterctl status as a whole process, 2 and 100 workers"


def sleepers(count):
    return subjects.OurOwn(count, {"command": [str(measure.SLEEPER)],
                                   "listen": None, "wait_ready": True})


def timed(rounds, commands, env):
    """{name: [ms]}, alternating."""
    argv = [str(measure.TIMECMD), str(rounds)]
    for number, command in enumerate(commands.values()):
        argv += ["--"] * bool(number) + [str(word) for word in command]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, **env}, timeout=300)
    return {name: [us / 1000 for us in times] for name, times
            in zip(commands, json.loads(done.stdout))}


def status_of(subject):
    return [paths.CLUSTERCTL, "--socket", subject.one.socket, "status"]


def run(quick):
    rounds = 10 if quick else 50
    with sleepers(2) as few, sleepers(100) as many, subjects.Pm2(2) as pm2:
        found = timed(rounds, {
            "/bin/true": ["/bin/true"],
            "clusterctl status, 2 workers": status_of(few),
            "clusterctl status, 100 workers": status_of(many)}, {})
        found.update(timed(3 if quick else 10, {
            "pm2 jlist, 2 workers": ["node", pm2.program, "jlist"]}, pm2.env))
    data = {name: measure.summary(times) for name, times in found.items()}
    hundred = data["clusterctl status, 100 workers"]["median"]
    return {"data": data,
            "text": measure.table(["command", "ms"], [
                [name, measure.cell(times)] for name, times in data.items()]),
            "goals": [{"goal": "status of 100 workers: at most 5 ms",
                       "value": hundred, "met": hundred <= 5}]}
