# SPDX-License-Identifier: Apache-2.0
"""Real servers, unmodified: they start, and lose no request to a reload or a
change of scale; a killed worker takes only its own requests along."""
import dataclasses
import signal
import typing

import pytest

from harness import apps, paths, procs
from harness.client import BothLoads, Load, answers_from, free_port

BOTH = ("close", "keep")
# These close keep-alive connections when told to stop: the loss is theirs.
CLOSE_ONLY = ("close",)


@dataclasses.dataclass
class Server:
    name: str
    app: typing.Callable  # of a port: the app's configuration
    modes: tuple = BOTH
    fixture: str = ""  # what must be built or fetched first
    child_answers: bool = False  # the pid in an answer is a child's


def framework(script):
    return lambda port, modules: apps.node(
        script, port, env={"NODE_PATH": str(modules)})


def gunicorn(port, _):
    return {"name": "app", "command": ["gunicorn", "-w", "1", "--chdir",
                                       str(paths.APPS), "wsgi:app"],
            "instances": 2, "wait_ready": True,
            "listen": f"tcp://127.0.0.1:{port}"}


def go(port, program):
    return {"name": "app", "command": [str(program)], "instances": 2,
            "wait_ready": True, "listen": f"tcp://127.0.0.1:{port}"}


def listenfds(port, _):
    return apps.python("listenfds.py", instances=2, wait_ready=True,
                       listen={"web": f"tcp://127.0.0.1:{port}"})


SERVERS = [
    Server("node_commonjs", lambda port, _: apps.node("plain.cjs", port)),
    Server("node_esm", lambda port, _: apps.node("plain.mjs", port)),
    Server("node_wait_ready", lambda port, _: apps.node(
        "ready.cjs", port, wait_ready=True)),
    Server("express", framework("express.cjs"), fixture="node_modules"),
    Server("fastify", framework("fastify.cjs"), fixture="node_modules"),
    Server("gunicorn", gunicorn, CLOSE_ONLY, child_answers=True),
    Server("go", go, CLOSE_ONLY, fixture="go_app"),
    Server("python_listen_fds", listenfds),
    Server("c_demo", lambda port, _: apps.demo(port, name="app")),
]


@pytest.fixture(params=SERVERS, ids=lambda server: server.name)
def served(request, cluster):
    """A running cluster of one of the servers."""
    server = request.param
    extra = (request.getfixturevalue(server.fixture) if server.fixture
             else None)
    one = cluster(start=False)
    one.server = server
    one.port = free_port()
    one.write_config(apps.one(server.app(one.port, extra)))
    return one.start()


def answering(one, pids):
    """The pids that answer for these workers."""
    if not one.server.child_answers:
        return pids
    def children():
        found = [entry.pid for pid in pids for entry in procs.descendants(pid)]
        return len(found) >= len(pids) and found
    return procs.wait_for(children, "every worker has a child")


def test_every_worker_answers(served):
    pids = served.pids()
    assert len(pids) == 2
    answers_from(served.port, answering(served, pids))
    for row in served.workers():
        assert row["listen"] == [f"tcp://127.0.0.1:{served.port}"]


def test_reloads_lose_nothing(served):
    before = served.fd_counts()
    first = served.pids()
    with BothLoads(served.port, served.server.modes) as load:
        served.proc.send_signal(signal.SIGHUP)
        served.wait_replaced(first, 2)
        second = served.pids()
        done = served.ctl("reload", "app").expect(0)
        assert done.err == "" or "reload" in done.err.lower() or done.out
        third = served.pids()
    assert not set(first) & set(second)
    assert not set(second) & set(third), "reload said done before it was"
    load.expect_no_failure()
    if not served.server.child_answers:
        assert load.pids() <= {*first, *second, *third}
        assert load.pids() & set(third)
    # An app that was reloaded alone has a text of its own kept for it, until
    # the whole file is read again.
    served.ctl("reload").expect(0)
    served.expect_fd_counts(before)


def test_scaling_loses_nothing(served):
    before = served.fd_counts()
    first = served.pids()
    with BothLoads(served.port, served.server.modes) as load:
        served.ctl("scale", "4").expect(0)
        assert len(served.wait_workers(4, timeout_s=1)) == 4
        grown = served.pids()
        answers_from(served.port, answering(served, grown))
        served.ctl("scale", "app", "2").expect(0)
        served.wait_replaced(grown[2:], 2)
    assert grown[:2] == first == served.pids(), "a worker was replaced"
    load.expect_no_failure()
    served.expect_fd_counts(before)


def test_a_killed_worker_takes_only_its_own_requests(served):
    victim, other = served.pids()
    loads = [Load(served.port, mode) for mode in served.server.modes]
    for load in loads:
        load.__enter__()
    try:
        procs.kill(victim)
        served.wait(lambda: victim not in served.pids() and
                    len(served.pids()) == 2 and
                    all(row["status"] == "ready" for row in served.workers()),
                    "the worker is back")
    finally:
        for load in loads:
            load.finish()
    for load in loads:
        in_flight = {"reset", "eof_before_response", "eof_in_response",
                     "stale"}
        assert set(load.failures) <= in_flight, load.result
        assert load.result["failed"] <= 16, load.result
        assert load.result["ok"] > 0
    assert other in served.pids()
    assert served.workers()[0]["restarts"] + \
        served.workers()[1]["restarts"] == 1


def test_stop_leaves_nothing(served):
    everyone = procs.descendants(served.proc.pid)
    assert len(everyone) >= 4
    assert served.stop() == 0
    assert not [entry for entry in everyone if procs.alive(entry.pid)]
