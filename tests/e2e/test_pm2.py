# SPDX-License-Identifier: Apache-2.0
"""What scripts and apps written for PM2 rely on."""
import json
import re

from harness import apps
from harness.client import free_port, get

# name -> type, as PM2's users read them
PM2_ENV = {
    "status": str, "pm_uptime": int, "created_at": int, "restart_time": int,
    "unstable_restarts": int, "pm_id": int, "name": str, "namespace": str,
    "instances": int, "pm_exec_path": str, "pm_cwd": str, "args": list,
    "node_args": list, "exec_interpreter": str, "exec_mode": str,
    "pm_out_log_path": str, "pm_err_log_path": str, "env": dict,
}


def test_jlist(cluster):
    port = free_port()
    one = cluster({"apps": [
        apps.node("plain.cjs", port, name="api", args=["--x"]),
        apps.shell("tool")]})
    listed = one.ctl("jlist").expect(0).json()
    assert [entry["name"] for entry in listed] == ["api", "api", "tool"]
    rows = {row["id"]: row for row in one.workers()}
    for entry in listed:
        row = rows[entry["pm_id"]]
        assert entry["pid"] == row["pid"]
        assert entry["name"] == row["name"]
        assert isinstance(entry["monit"]["memory"], int)
        assert isinstance(entry["monit"]["cpu"], (int, float))
        env = entry["pm2_env"]
        for key, kind in PM2_ENV.items():
            assert isinstance(env[key], kind), f"{key}: {env.get(key)!r}"
        assert env["status"] == "online"
        assert env["pm_id"] == entry["pm_id"]
        assert env["pm_uptime"] > 1600000000000
    assert listed[0]["pm2_env"]["exec_mode"] == "cluster_mode"
    assert listed[2]["pm2_env"]["exec_mode"] == "fork_mode"
    assert listed[0]["pm2_env"]["args"] == ["--x"]
    assert listed[0]["pm2_env"]["pm_exec_path"].endswith("plain.cjs")
    assert listed[1]["pm2_env"]["NODE_APP_INSTANCE"] == 1
    one.ctl("stop", "tool").expect(0)
    stopped = one.ctl("jlist").expect(0).json()[2]
    assert stopped["pid"] == 0
    assert stopped["pm2_env"]["status"] == "stopped"
    assert stopped["monit"] == {"memory": 0, "cpu": 0}


def envs(one, port):
    """The environment of each worker, by instance."""
    seen = {}

    def all_seen():
        env = json.loads(get(port, "/env")[2])
        seen[env["pm_id"]] = env
        return len(seen) == 2
    one.wait(all_seen, "both workers have answered")
    return seen


def test_variables_of_pm2(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port, name="api")))
    seen = envs(one, port)
    assert set(seen) == {str(row["id"]) for row in one.workers()}
    assert {env["NODE_APP_INSTANCE"] for env in seen.values()} == {"0", "1"}
    assert {env["name"] for env in seen.values()} == {"api"}


def test_instance_var_and_increment_var(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node(
        "plain.cjs", port, instance_var="INSTANCE_ID",
        increment_var="METRICS_PORT", env={"METRICS_PORT": 9000})))
    seen = {env["INSTANCE_ID"]: env for env in envs(one, port).values()}
    assert set(seen) == {"0", "1"}
    assert seen["0"]["METRICS_PORT"] == "9000"
    assert seen["1"]["METRICS_PORT"] == "9001"
    assert "NODE_APP_INSTANCE" not in seen["0"]
    one.ctl("reload").expect(0)
    seen = {env["INSTANCE_ID"]: env for env in envs(one, port).values()}
    assert seen["1"]["METRICS_PORT"] == "9001"


def test_camel_case_and_other_names(cluster):
    port = free_port()
    one = cluster(start=False)
    app = apps.node("plain.cjs", port)
    app = {"name": "api", "exec": app["script"], "listen": app["listen"],
           "env": app["env"], "instances": "2", "execMode": "cluster_mode",
           "killTimeout": "3000", "nodeArgs": "--no-warnings",
           "out": str(one.logs / "mine.log"), "combineLogs": True}
    one.write_config(apps.one(app))
    one.start()
    about = one.describe_worker("0")
    assert about["config"]["kill_timeout"] in (3000, "3s")
    assert "--no-warnings" in about["argv"]
    assert about["mode"] == "cluster"


def test_status_for_people_and_machines(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port, name="api")))
    text = one.ctl("status").expect(0).out
    assert "\x1b" not in text, "no colours in a pipe"
    for word in ("api", "ready", "cluster", str(one.pids()[0]),
                 f"127.0.0.1:{port}"):
        assert word in text
    shown = one.ctl("status", "--json").expect(0).json()
    assert [row["pid"] for row in shown["workers"]] == one.pids()
    assert one.ctl("status", "nobody").rc != 0
    for line in text.splitlines():
        assert line == line.rstrip()


def test_status_on_a_terminal_fits(cluster):
    one = cluster(apps.one(apps.demo(free_port(), name="api")))
    for columns in (60, 80, 200):
        ran = one.command([
            "script", "-qec",
            f"stty cols {columns}; exec clusterctl --socket {one.socket}"
            " status", "/dev/null"], env={"TERM": "xterm",
                                          "COLUMNS": str(columns)})
        assert ran.rc == 0, ran
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", ran.out)
        assert "api" in plain
        assert max(map(len, plain.splitlines())) <= columns, plain


def test_env_and_describe(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port, name="api", env={"A": "b"})))
    assert "A" in one.ctl("env", "0").expect(0).out
    text = one.ctl("describe", "api").expect(0).out
    for word in ("api", "clusterd-demo", str(one.pids()[0]), "ready"):
        assert word in text
    about = one.describe_worker("0")
    assert about["ready_by"] in ("listening", "message", "notify", "accept")
    assert about["boot_ms"] >= 0
    assert about["crashes"] == 0
    assert about["draining"] == []
    assert one.ctl("describe", "nobody").rc == 1


def test_a_command_that_is_not_known(cluster):
    one = cluster(apps.one(apps.shell()))
    ran = one.ctl("relaod")
    assert ran.rc == 2
    assert "reload" in ran.err
    assert one.ctl().rc == 2
    assert one.ctl("--help").rc == 0
