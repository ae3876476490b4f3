# SPDX-License-Identifier: Apache-2.0
"""Workers that do everything wrong, beside one that serves: it goes on, what
is ours stays small, and nothing of the bad one survives a stop."""
import os
import signal
import time

from harness import apps, procs
from harness.client import Load, free_port


def beside_a_good_one(cluster, what, **keys):
    port = free_port()
    one = cluster({"apps": [apps.demo(port, name="good"),
                            apps.misbehave(what, **keys)]}, start=False)
    one.port = port
    one.spawn()
    one.wait_workers(2, "good")
    return one


def goes_on(one, seconds=1.0):
    """The good app serves under load, the control socket answers."""
    with Load(one.port, "keep", connections=4) as load:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert one.rpc("ping")["pong"]
            time.sleep(0.05)
        one.ctl("reload", "good").expect(0)
    load.expect_no_failure()
    for part, pid in one.parts().items():
        assert procs.rss_kb(pid) < procs.rss_max_kb(), f"{part} has grown"


def test_floods_stdout(cluster):
    one = beside_a_good_one(cluster, "flood_stdout")
    goes_on(one)
    out = one.logs / "bad-out.log"
    one.wait(lambda: out.exists() and out.stat().st_size > 1 << 20,
             "its lines are in the log")
    assert one.ctl("stop", "bad").rc == 0


def test_floods_its_channel_with_messages(cluster):
    one = beside_a_good_one(cluster, "flood_channel")
    goes_on(one)


def test_floods_its_channel_without_an_end(cluster):
    one = beside_a_good_one(cluster, "flood_channel_unended")
    goes_on(one)
    assert "bad[0]" in one.messages(), "a frame too long is told once"
    assert one.messages().count("bad[0]") < 50


def test_sends_garbage(cluster):
    one = beside_a_good_one(cluster, "garbage")
    goes_on(one)
    assert one.messages().count("\n") < 100


def test_sends_half_a_frame(cluster):
    one = beside_a_good_one(cluster, "half_a_frame")
    one.wait_workers(1, "bad")
    goes_on(one)
    assert one.ctl("restart", "bad").rc == 0


def test_closes_its_channel(cluster):
    one = beside_a_good_one(cluster, "closes_channel")
    goes_on(one)
    assert one.ctl("stop", "bad").rc == 0


def test_forks_children_and_dies(cluster):
    """What a dead worker leaves behind ends before its successor starts over
    and over: no child piles up."""
    one = beside_a_good_one(cluster, "child_lives_on")
    one.wait(lambda: any(row["restarts"] >= 2 for row in one.workers("bad")),
             "it has died twice")
    goes_on(one, 0.2)

    def children():
        return [entry for entry in procs.descendants(one.proc.pid)
                if "child_lives_on" in procs.cmdline(entry.pid)]
    one.wait(lambda: len(children()) <= 2, "only the present one's are left")
    assert one.ctl("stop", "bad").rc == 0
    one.wait(lambda: not children(), "none is left")


def test_ignores_sigterm(cluster):
    one = beside_a_good_one(cluster, "ignores_sigterm", kill_timeout=400)
    pid = one.wait_workers(1, "bad")[0]["pid"]
    goes_on(one, 0.2)
    ran = one.ctl("stop", "bad")
    assert ran.rc == 0, ran
    assert not procs.alive(pid)
    assert "SIGKILL" in one.messages() or "killed" in one.messages()


def test_ignores_sigterm_at_the_end_of_clusterd(cluster):
    one = beside_a_good_one(cluster, "ignores_sigterm", kill_timeout=400)
    pid = one.wait_workers(1, "bad")[0]["pid"]
    assert one.stop() == 0
    assert not procs.alive(pid)


def test_is_stopped(cluster):
    """SIGSTOP: it cannot answer, and ends all the same."""
    one = beside_a_good_one(cluster, "quiet", kill_timeout=400)
    pid = one.wait_workers(1, "bad")[0]["pid"]
    os.kill(pid, signal.SIGSTOP)
    goes_on(one, 0.2)
    ran = one.ctl("restart", "bad")
    assert ran.rc == 0, ran
    assert not procs.alive(pid)
    os.kill(one.pids("bad")[0], signal.SIGSTOP)
    assert one.stop() == 0


def test_exits_at_once_again_and_again(cluster):
    """Restarts are bounded by a delay; the good app does not notice."""
    one = beside_a_good_one(cluster, "exits_at_once")
    goes_on(one, 1.5)
    row = one.workers("bad")[0]
    assert row["restarts"] <= 20, "restarted without a pause"
    assert row["status"] in ("waiting", "starting", "failed")
    assert one.ctl("stop", "bad").rc == 0
    assert one.workers("bad")[0]["status"] == "stopped"


def test_crashes_after_a_good_time_are_restarted_at_once(cluster):
    one = beside_a_good_one(cluster, "quiet", min_uptime=100)
    pid = one.wait_workers(1, "bad")[0]["pid"]
    time.sleep(0.15)  # longer than min_uptime: that is the case here
    procs.kill(pid)
    row = one.wait(lambda: [r for r in one.workers("bad") if r["pid"]
                            and r["pid"] != pid and r["status"] == "ready"],
                   "it is back", timeout_s=5)[0]
    assert row["restarts"] == 1
    last = one.describe_worker("bad")["last_exit"]
    assert last == {"signal": "SIGKILL"}


def test_never_ready(cluster):
    one = beside_a_good_one(cluster, "never_ready", listen_timeout=400)
    one.wait(lambda: "400 ms" in one.messages(), "its failure is told")
    goes_on(one, 0.2)


def test_a_frozen_worker_is_replaced_by_hand(cluster):
    """One of two workers hangs: requests go on, restart replaces it."""
    port = free_port()
    one = cluster(apps.one(apps.demo(port, kill_timeout=500)))
    pid = one.pids()[0]
    os.kill(pid, signal.SIGSTOP)
    one.ctl("restart", "0").expect(0)
    assert not procs.alive(pid)
    assert len(one.pids()) == 2


def test_a_worker_that_only_speaks_is_stopped_by_its_signal(cluster):
    """A shell script says that it is ready and never reads its channel: the
    signal must not wait for an answer to a message."""
    one = cluster(apps.one(apps.shell(kill_timeout=30000)))
    begin = time.monotonic()
    one.ctl("stop", "sh").expect(0)
    assert time.monotonic() - begin < 10
