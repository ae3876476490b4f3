# SPDX-License-Identifier: Apache-2.0
"""Several things at once, and masters and loggers that die in the middle."""
import os
import signal
import threading

import pytest

from harness import apps, procs
from harness.client import BothLoads, Load, answers_from, free_port
from harness.clusterd import RpcError
from test_master_crash import kill_master


def versions(one, name):
    """The V= of each worker of an app, as it was started with."""
    return {procs.environ(pid).get("V") for pid in one.pids(name)}


def demo_of(version, listen, name="demo", **keys):
    return apps.demo(listen, name=name, env={"V": version}, **keys)


def change_renamed(port, _):
    return [apps.demo(port, name="new")]


def change_key_renamed(port, _):
    return [apps.demo({"web": f"tcp://127.0.0.1:{port}"})]


def change_option(port, _):
    return [apps.demo(f"tcp://127.0.0.1:{port}?backlog=77")]


def change_swapped(port, other):
    return [apps.demo(other), apps.demo(port, name="other")]


@pytest.mark.parametrize("change", [
    change_renamed, change_key_renamed, change_option, change_swapped])
def test_a_bound_address_goes_to_another_listener(cluster, change):
    """No new socket: nobody who waits in its queue is lost."""
    port, other = free_port(), free_port()
    one = cluster({"apps": [apps.demo(port),
                            apps.demo(other, name="other")]})
    before = one.fd_counts()
    with BothLoads(port) as load:
        one.write_config({"apps": change(port, other)})
        one.ctl("reload").expect(0)
        kill_master(one)
        one.ctl("reload").expect(0)
    load.expect_no_failure()
    one.write_config({"apps": [apps.demo(port),
                               apps.demo(other, name="other")]})
    one.ctl("reload").expect(0)
    one.expect_fd_counts(before)
    answers_from(port, one.pids("demo"))
    answers_from(other, one.pids("other"))


def test_a_unix_socket_stays_when_its_app_is_renamed(cluster):
    one = cluster(start=False)
    path = one.run / "app.sock"
    one.write_config(apps.one(apps.demo(f"unix:{path}")))
    one.start()
    inode = path.stat().st_ino
    one.write_config(apps.one(apps.demo(f"unix:{path}?mode=0600", "new")))
    one.ctl("reload").expect(0)
    assert path.stat().st_ino == inode
    assert path.stat().st_mode & 0o777 == 0o600
    answers_from(f"unix:{path}", one.pids())
    assert one.stop() == 0
    assert not path.exists()


def test_an_app_keeps_its_port_when_one_is_reloaded(cluster):
    """Reloading one app alone must not take a port away from another."""
    port, other = free_port(), free_port()
    one = cluster({"apps": [apps.demo(port), apps.demo(other, name="b")]})
    one.write_config({"apps": [apps.demo(other), apps.demo(port, name="b")]})
    result = one.ctl("reload", "demo")
    assert result.rc == 1
    assert "in use" in result.err
    answers_from(port, one.pids("demo"))
    answers_from(other, one.pids("b"))


def test_an_app_reloaded_alone_stays_so(cluster):
    """A worker that a later master starts is of the newer configuration."""
    port, moved, other = free_port(), free_port(), free_port()
    one = cluster({"apps": [demo_of("1", port),
                            demo_of("1", other, name="b")]})
    one.write_config({"apps": [demo_of("2", moved),
                               demo_of("2", other, name="b")]})
    one.ctl("reload", "demo").expect(0)
    for _ in range(2):
        kill_master(one)
        victim = one.pids("demo")[0]
        procs.kill(victim)
        one.wait(lambda v=victim: v not in one.pids("demo"), "a successor")
        one.wait_workers(2, "demo")
        assert versions(one, "demo") == {"2"}
        assert versions(one, "b") == {"1"}
        answers_from(moved, one.pids("demo"))
    one.ctl("reload").expect(0)
    kill_master(one)
    assert versions(one, "b") == {"2"}


def test_deleted_while_the_master_dies(cluster):
    """What was being removed goes on, and can come back."""
    one = cluster(apps.one({
        "name": "sh", "wait_ready": True, "kill_timeout": "2s",
        "command": ["/bin/bash", "-c", "trap : TERM; "
                    'echo "clusterd/1 ready" >&$CLUSTERD_CHANNEL_FD; '
                    "while :; do sleep 0.1; done"]}))
    pid = one.pids()[0]
    deleting = threading.Thread(
        target=lambda: one.ctl("delete", "sh"), daemon=True)
    deleting.start()
    one.wait(lambda: "deleted by request" in one.messages(), "stopping")
    assert procs.alive(pid)
    kill_master(one)
    deleting.join(20)
    one.wait(lambda: not procs.alive(pid), "the worker is gone")
    one.ctl("reload").expect(0)
    one.wait_workers(1, "sh")


def test_nothing_is_held_for_workers_gone_with_their_logger(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    before = one.fd_counts()
    for _ in range(4):
        logger = one.parts()["logger"]
        os.kill(logger, signal.SIGSTOP)
        old = one.pids()
        one.ctl("restart", "demo").expect(0)
        one.wait(lambda o=old: not any(procs.alive(p) for p in o), "gone")
        procs.kill(logger)
        one.wait(lambda g=logger: one.parts()["logger"] not in (0, g),
                 "another logger")
        one.wait_settled()
    one.expect_fd_counts(before)


def test_last_lines_survive_the_logger(cluster):
    """A worker goes, then the logger: the next one knows whose lines."""
    one = cluster(apps.one({
        "name": "talk", "wait_ready": True, "kill_timeout": "5s",
        "command": ["/bin/bash", "-c",
                    "trap 'seq 1 2000; exit 0' TERM; "
                    'echo "clusterd/1 ready" >&$CLUSTERD_CHANNEL_FD; '
                    "while :; do sleep 0.05; done"]}))
    logger = one.parts()["logger"]
    os.kill(logger, signal.SIGSTOP)
    one.ctl("restart", "talk").expect(0)
    procs.kill(logger)
    one.wait_record(lambda r: r.get("message") == "2000", "the last line")
    seen = [r["message"] for r in one.records() if r["message"].isdigit()]
    assert seen == [str(n) for n in range(1, 2001)]


def test_a_costly_selector_is_refused(cluster):
    """It would hold up the master for hours."""
    one = cluster(apps.one(apps.shell()))
    for regex in ("(" * 24 + "a" + "+)" * 24, "((a{1,255}){1,255}){1,255}",
                  r"(.*)(.*)\1\2"):
        with pytest.raises(RpcError) as refused:
            one.rpc("status", selector=f"/{regex}/")
        assert "too costly" in refused.value.message
    assert one.rpc("status", selector="/^s[a-z]+$/")["workers"]


def test_too_few_descriptors_are_said_and_survived(cluster):
    """Starts that fail leave their entry to the next, and nothing hangs."""
    port = free_port()
    one = cluster(apps.one(apps.demo(port)),
                  prefix=("prlimit", "--nofile=64:64"))
    before = one.fd_counts()
    grown = one.ctl("scale", "demo", "60")
    assert grown.rc == 1
    assert "Too many open files" in grown.err
    one.ctl("scale", "demo", "2").expect(0)
    one.wait_workers(2, "demo")
    one.expect_fd_counts(before)
    one.ctl("reload").expect(0)
    answers_from(port, one.pids())


def test_nothing_survives_the_keeper(cluster):
    """Not even what has left its worker's session."""
    one = cluster(apps.one({
        "name": "sh", "ready": "started", "min_uptime": "50ms",
        "command": ["/bin/sh", "-c", "setsid sleep 1000 & exec sleep 1000"]}))
    mine = [entry.pid for entry in procs.descendants(one.proc.pid)]
    one.proc.kill()
    one.proc.wait()
    assert len(mine) >= 4
    procs.reap_adopted()
    procs.wait_for(lambda: not any(procs.alive(p) for p in mine), "all gone")
    for path in one.run.iterdir():
        path.unlink()


LEAVES = """
const cluster = require('cluster');
require('http').createServer((request, response) => {
  response.end("pid " + process.pid);
}).listen(%d, () => setTimeout(() => cluster.worker.disconnect(), 400));
"""


def test_a_port_on_demand_outlives_apps_that_leave(cluster):
    """All workers disconnect at about the same time, over and over."""
    port = free_port()
    one = cluster(start=False)
    script = one.app_file("leaves.cjs", LEAVES % port)
    one.write_config(apps.one({"name": "app", "script": str(script),
                               "instances": 2, "min_uptime": "100ms"}))
    one.start()
    with Load(port, "close") as load:
        for _ in range(3):
            old = one.pids()
            one.wait(lambda o=old: not set(one.pids()) & set(o), "others")
    load.expect_no_failure()


CLOSES = """
const server = require('http').createServer((request, response) => {
  response.end("pid " + process.pid);
});
server.listen(%d);
let rounds = 0;
const timer = setInterval(() => {
  if (++rounds > 20) {
    console.log('settled');
    return clearInterval(timer);
  }
  server.close();
  server.closeAllConnections();
  server.listen(%d);
}, 20);
"""


def settled(one, count):
    one.wait(lambda: sum(record["message"] == "settled"
                         for record in one.records()) == count, "settled")


def test_a_port_on_demand_closed_and_asked_for_again(cluster):
    port = free_port()
    one = cluster(start=False)
    script = one.app_file("closes.cjs", CLOSES % (port, port))
    one.write_config(apps.one({"name": "app", "script": str(script),
                               "instances": 2}))
    one.start()
    settled(one, 2)
    answers_from(port, one.pids())
    kill_master(one)
    one.ctl("reload").expect(0)
    settled(one, 4)
    answers_from(port, one.pids())
    assert all(row["restarts"] <= 1 for row in one.workers())
