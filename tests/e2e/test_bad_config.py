# SPDX-License-Identifier: Apache-2.0
"""Bad configurations: one clear message, a status that says it, nothing done."""
import os

import pytest

from harness import apps, badconfigs, paths, procs
from harness.client import free_port

OK = (paths.APPS / "shell.sh").read_text()


def files(one):
    """The files that the bad configurations speak of."""
    one.app_file("ok.sh", OK)
    one.app_file("other.sh", OK)
    one.app_file("plain.txt", "not a program\n", 0o644)


def refused(one, words, rc=4):
    """Neither -t nor a start takes it; both say why."""
    checked = one.run_once("-t").expect(rc)
    started = one.run_once().expect(rc)
    for ran in (checked, started):
        assert not badconfigs.says(ran.err, words), ran.err
        lines = [line for line in ran.err.splitlines() if line.strip()]
        assert 1 <= len(lines) <= 4, f"not one clear message: {ran.err[:2000]}"
        assert len(ran.err) < 4000
        assert "assert" not in ran.err.lower()
    assert not one.socket.exists()
    assert not list(one.logs.iterdir()), "a log file was made"


@pytest.mark.parametrize("name", badconfigs.YAML)
def test_yaml(cluster, name):
    text, words = badconfigs.YAML[name]
    one = cluster(badconfigs.text_of(text), start=False, name="bad.yaml")
    files(one)
    refused(one, ["bad.yaml", *words])


@pytest.mark.parametrize("name", badconfigs.JSON)
def test_json(cluster, name):
    text, words = badconfigs.JSON[name]
    one = cluster(badconfigs.text_of(text), start=False, name="bad.json")
    files(one)
    refused(one, ["bad.json", *words])


def test_no_file(cluster):
    one = cluster(None, start=False, name="missing.yaml")
    refused(one, ["missing.yaml", "no such file"])


def test_a_directory(cluster):
    one = cluster(None, start=False, name="folder.yaml")
    one.config.mkdir()
    refused(one, ["folder.yaml", "director"])


def test_an_unknown_kind_of_file(cluster):
    one = cluster("apps = 1\n", start=False, name="ecosystem.toml")
    refused(one, ["ecosystem.toml"])


def test_a_fifo_does_not_hang(cluster):
    one = cluster(None, start=False, name="fifo.yaml")
    os.mkfifo(one.config)
    refused(one, ["fifo.yaml"])


def test_a_file_others_may_write_is_refused_for_root(cluster, root):
    one = cluster("apps:" + badconfigs.GOOD_APP, start=False, name="w.yaml")
    files(one)
    one.config.chmod(0o666)
    refused(one, ["w.yaml", "writ"])


def test_no_configuration_named(cluster):
    one = cluster(None, start=False)
    ran = one.command([paths.CLUSTERD], timeout_s=10)
    assert ran.rc == 2, ran
    assert "-c" in ran.err


@pytest.mark.parametrize("argv", [
    ["--no-such-option"], ["-c"], ["surplus"]])
def test_wrong_usage(cluster, argv):
    one = cluster(apps.one(apps.shell()), start=False)
    ran = one.command([paths.CLUSTERD, "-c", one.config, *argv], timeout_s=10)
    assert ran.rc == 2, ran
    assert ran.err


def test_env_that_no_app_has(cluster):
    one = cluster(apps.one(apps.shell(env_production={"A": "1"})),
                  start=False)
    ran = one.run_once("-t", "--env", "producton")
    assert ran.rc in (2, 4), ran
    assert "producton" in ran.err


def test_checking_says_what_would_run(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port, name="shop")),
                  start=False)
    ran = one.run_once("-t").expect(0)
    for word in ("shop", "2", "plain.cjs", f"127.0.0.1:{port}"):
        assert word in ran.out + ran.err
    assert not one.socket.exists()


def failed_start(one, words):
    """Nothing came up: clusterd ends with status 1 and says why."""
    ran = one.run_once().expect(1)
    assert not badconfigs.says(ran.err, words), ran.err
    assert not one.socket.exists()


def test_a_socket_path_that_is_too_long(cluster):
    one = cluster(apps.one(apps.shell()), start=False)
    ran = one.command([paths.CLUSTERD, "-c", one.config, "--socket",
                       "/tmp/" + "x" * 120], timeout_s=10)
    assert ran.rc in (1, 2), ran
    assert "--socket" in ran.err


def test_an_app_that_exits_at_once_is_a_failed_start(cluster):
    failed_start(cluster(apps.one(apps.misbehave("exits_at_once")),
                         start=False), ["bad[0]", "status 7"])


def test_an_app_that_never_gets_ready_is_a_failed_start(cluster):
    failed_start(cluster(apps.one(apps.misbehave(
        "never_ready", listen_timeout=500)), start=False),
        ["bad[0]", "ready", "500 ms"])


def test_daemonize_tells_of_a_failed_start(cluster):
    one = cluster(apps.one(apps.misbehave("exits_at_once")), start=False)
    ran = one.run_once("--daemonize").expect(1)
    assert not badconfigs.says(ran.err, ["bad[0]", "status 7"])
    procs.wait_for(lambda: not one.socket.exists(), "clusterd has gone")


def test_daemonize_tells_when_one_of_two_has_failed(cluster):
    one = cluster({"apps": [apps.shell("good"),
                            apps.misbehave("exits_at_once")]}, start=False)
    ran = one.run_once("--daemonize").expect(1)
    assert not badconfigs.says(ran.err, ["bad[0]", "status 7"])
    assert one.pids("good"), "the good one goes on"
    one.ctl("kill").expect(0)
    procs.wait_for(lambda: not one.socket.exists(), "clusterd has gone")


def test_a_program_that_cannot_be_executed_says_why(cluster):
    """Executable by its mode, but its interpreter is not there: the errno of
    the exec comes back from the far side of the fork."""
    one = cluster(None, start=False)
    script = one.app_file("srv", "#!/nowhere/interpreter\n")
    one.write_config(apps.one({"name": "api", "script": str(script),
                               "interpreter": "none", "wait_ready": True}))
    failed_start(one, ["api[0]", "execute", "No such file"])


def test_several_mistakes_are_all_told(cluster):
    one = cluster("apps:\n  - name: a\n    script: ./ok.sh\n    foo: 1\n"
                  "    instances: none\n    exec_mode: x\n", start=False,
                  name="three.yaml")
    files(one)
    ran = one.run_once("-t").expect(4)
    assert not badconfigs.says(ran.err, ["foo", "instances", "exec_mode",
                                         "4:", "5:", "6:"])


def test_the_schema_is_one(cluster):
    one = cluster(None, start=False)
    ran = one.command([paths.CLUSTERCTL, "schema"]).expect(0)
    schema = ran.json()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "kill_timeout" in ran.out
