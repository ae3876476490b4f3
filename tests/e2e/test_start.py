# SPDX-License-Identifier: Apache-2.0
"""Starting: foreground, daemon, pid file, one clusterd a socket."""
import json
import os
import signal
import socket
import stat

from harness import apps, paths, procs
from harness.client import free_port, get, pid_of, refuses


def test_foreground_and_its_parts(cluster):
    one = cluster(apps.one(apps.shell(instances=2)))
    about = one.status()["clusterd"]
    assert about["pid"] == one.proc.pid
    assert about["config"] == str(one.config)
    assert about["generation"] == 1
    mode = one.socket.stat()
    assert stat.S_ISSOCK(mode.st_mode)
    assert stat.S_IMODE(mode.st_mode) == 0o600
    for part, pid in one.parts().items():
        assert procs.alive(pid), part
    for part in ("master", "logger"):
        assert procs.stat(one.parts()[part]).ppid == one.proc.pid
    for row in one.workers():
        found = procs.stat(row["pid"])
        assert found.ppid == one.proc.pid, "the keeper forks workers"
        assert found.session == row["pid"], "a session of its own"
    assert one.rpc("ping") == {"pong": True, "pid": one.proc.pid}
    assert one.ctl("ping").expect(0)
    assert one.stop() == 0
    assert not one.socket.exists()


def test_workers_inherit_nothing_of_ours(cluster):
    """Descriptors 0, 1, 2, the channel and the sockets: no more."""
    port = free_port()
    one = cluster(apps.one(apps.shell(listen=f"tcp://127.0.0.1:{port}")))
    held = procs.fds(one.pids()[0])
    held = {number: target for number, target in held.items()
            if not target.endswith("shell.sh")}
    sockets = [t for t in held.values() if t.startswith("socket:")]
    assert len(sockets) == 2, held
    assert len(held) == 5, held


def test_no_part_stays_in_a_release_folder(cluster):
    one = cluster(apps.one(apps.shell()))
    for part, pid in one.parts().items():
        assert os.readlink(f"/proc/{pid}/cwd") == "/", part


def test_daemonize_returns_when_all_is_up(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("ready.cjs", port, wait_ready=True,
                                     env={"READY_AFTER_MS": 300})),
                  start=False)
    pidfile = one.folder / "clusterd.pid"
    one.run_once("--daemonize", "--pidfile", str(pidfile)).expect(0)
    assert {row["status"] for row in one.workers()} == {"ready"}
    pid = int(pidfile.read_text())
    assert pid == one.status()["clusterd"]["pid"]
    daemon = procs.stat(pid)
    assert daemon.session != procs.stat(os.getpid()).session
    assert pid_of(port) in one.pids()
    os.kill(pid, signal.SIGTERM)
    procs.wait_for(lambda: not procs.alive(pid), "the daemon has ended")
    assert not pidfile.exists()
    assert not one.socket.exists()
    assert refuses(port)


def test_a_pid_file_that_cannot_be_written(cluster):
    one = cluster(apps.one(apps.shell()), start=False)
    ran = one.run_once("--pidfile", str(one.folder / "no/such/folder.pid"))
    assert ran.rc != 0
    assert "no/such/folder.pid" in ran.err


def test_pidfile_in_the_foreground(cluster):
    one = cluster(apps.one(apps.shell()), start=False)
    pidfile = one.folder / "clusterd.pid"
    one.args = ["--pidfile", str(pidfile)]
    one.start()
    assert int(pidfile.read_text()) == one.proc.pid
    assert one.stop() == 0
    assert not pidfile.exists()


def test_a_second_start_is_refused(cluster):
    one = cluster(apps.one(apps.shell()))
    pids = one.pids()
    second = one.run_once()
    assert second.rc == 1
    assert str(one.proc.pid) in second.err
    assert str(one.socket) in second.err
    assert one.pids() == pids
    assert one.ctl("ping").rc == 0


def test_a_stale_socket_is_recovered(cluster):
    one = cluster(apps.one(apps.shell()), start=False)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(one.socket))
    one.start()
    assert one.ctl("ping").rc == 0


def test_a_clusterd_that_was_killed_leaves_no_obstacle(cluster):
    one = cluster(apps.one(apps.shell()))
    old = [entry.pid for entry in procs.descendants(one.proc.pid)]
    one.proc.kill()
    one.proc.wait()
    for pid in old:
        procs.kill(pid)
    procs.wait_for(lambda: not any(procs.alive(pid) for pid in old),
                   "the rest is gone")
    assert one.socket.exists()
    one.start()
    assert one.ctl("ping").rc == 0


def test_a_file_in_the_place_of_the_socket_is_not_removed(cluster):
    one = cluster(apps.one(apps.shell()), start=False)
    one.socket.write_text("precious\n")
    ran = one.run_once()
    assert ran.rc != 0
    assert str(one.socket) in ran.err
    assert one.socket.read_text() == "precious\n"
    one.socket.unlink()


def test_the_socket_is_found_by_the_environment(cluster):
    one = cluster(apps.one(apps.shell()))
    ran = one.command([paths.CLUSTERCTL, "ping"],
                      env={"CLUSTERD_SOCKET": str(one.socket)})
    assert ran.rc == 0, ran


def test_no_clusterd_there(cluster):
    one = cluster(apps.one(apps.shell()), start=False)
    ran = one.ctl("status")
    assert ran.rc == 3, ran
    assert str(one.socket) in ran.err


def test_apps_start_in_parallel(cluster):
    """Three workers of 600 ms each are not 1.8 s."""
    one = cluster(start=False)
    script = one.app_file("slow.sh", "#!/bin/sh\ntrap 'exit 0' TERM\n"
                          "sleep 0.6\n"
                          "echo 'clusterd/1 ready' >&$CLUSTERD_CHANNEL_FD\n"
                          "while :; do sleep 100 & wait $!; done\n")
    slow = {"script": str(script), "wait_ready": True}
    one.write_config({"apps": [{"name": f"s{i}", "instances": 2, **slow}
                               for i in range(3)]})
    one.start()
    boots = [one.describe_worker(str(row["id"]))["boot_ms"]
             for row in one.workers()]
    assert len(boots) == 6
    started = [one.describe_worker(str(row["id"]))["started_wall_ms"]
               for row in one.workers()]
    assert max(started) - min(started) < min(boots), "one after the other"


def test_an_app_that_fails_does_not_keep_another_from_serving(cluster):
    port = free_port()
    one = cluster({"apps": [apps.demo(port),
                            apps.misbehave("exits_at_once")]}, start=False)
    one.spawn()
    one.wait_workers(2, "demo")
    assert pid_of(port) in one.pids("demo")


def test_environment_is_that_of_clusterd_and_the_file(cluster):
    port = free_port()
    app = apps.node("plain.cjs", port, instances=1, env={
        "FROM_FILE": "file", "BOTH": "file", "NUMBER": 7,
        "INTERPOLATED": "${OUTSIDE}-${UNSET:-default}"},
        env_production={"BOTH": "production"})
    one = cluster(apps.one(app), env={"OUTSIDE": "outside", "BOTH": "shell"},
                  args=["--env", "production"])
    env = json.loads(get(port, "/env")[2])
    assert env["OUTSIDE"] == "outside"
    assert env["FROM_FILE"] == "file"
    assert env["BOTH"] == "production"
    assert env["NUMBER"] == "7"
    assert env["INTERPOLATED"] == "outside-default"
    shown = one.rpc("env", selector="app")["env"]
    assert shown["BOTH"] == "production"


def test_clear_env_drops_what_clusterd_was_started_with(cluster):
    port = free_port()
    app = apps.node("plain.cjs", port, instances=1, clear_env=True,
                    env={"PATH": "/usr/bin:/bin"})
    cluster(apps.one(app), env={"OUTSIDE": "outside"})
    env = json.loads(get(port, "/env")[2])
    assert "OUTSIDE" not in env
    assert "CLUSTERD_TEST" not in env
    assert env["PORT"] == str(port)


def test_a_moved_symlink_is_followed_by_a_reload(cluster):
    one = cluster(start=False)
    for version in ("1", "2"):
        one.app_file(f"releases/{version}/app.sh",
                     (paths.APPS / "shell.sh").read_text())
    current = one.folder / "current"
    current.symlink_to("releases/1")
    one.write_config(apps.one({"name": "sh", "script": "./app.sh",
                               "cwd": "./current", "wait_ready": True}))
    one.start()
    cwd = os.readlink(f"/proc/{one.pids()[0]}/cwd")
    assert cwd.endswith("releases/1")
    new = one.folder / "current.new"
    new.symlink_to("releases/2")
    new.rename(current)
    one.ctl("reload").expect(0)
    assert os.readlink(f"/proc/{one.pids()[0]}/cwd").endswith("releases/2")
