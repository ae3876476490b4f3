# SPDX-License-Identifier: Apache-2.0
"""A bad reload changes nothing: the old workers go on serving."""
import signal

from harness import apps, badconfigs, paths
from harness.client import BothLoads, free_port, pid_of


def serving(cluster, name, **keys):
    port = free_port()
    one = cluster(start=False, name=name)
    one.port = port
    one.good = apps.one(apps.demo(port, **keys))
    one.write_config(one.good)
    one.app_file("ok.sh", (paths.APPS / "shell.sh").read_text())
    one.app_file("other.sh", (paths.APPS / "shell.sh").read_text())
    one.app_file("plain.txt", "not a program\n", 0o644)
    return one.start()


def check_all(one, bad):
    """Every bad text: refused with status 4, the same workers, serving."""
    pids, generation = one.pids(), one.status()["clusterd"]["generation"]
    before = one.fd_counts()
    wrong = []
    for name, (text, words) in bad.items():
        one.write_config(badconfigs.text_of(text))
        ran = one.ctl("reload")
        if ran.rc != 4:
            wrong.append(f"{name}: status {ran.rc}: {ran.out}{ran.err}")
        if missing := badconfigs.says(ran.err, [one.config.name, *words]):
            wrong.append(f"{name}: does not say {missing}: {ran.err[:500]}")
        if one.pids() != pids or pid_of(one.port) not in pids:
            wrong.append(f"{name}: the workers have changed")
            pids = one.pids()
    assert not wrong, "\n".join(wrong)
    assert one.status()["clusterd"]["generation"] == generation
    assert one.status()["clusterd"]["state"] == "running"
    one.expect_fd_counts(before)
    one.write_config(one.good)
    one.ctl("reload").expect(0)
    assert not set(one.pids()) & set(pids)


def test_yaml(cluster):
    check_all(serving(cluster, "e.yaml"), badconfigs.YAML)


def test_json(cluster):
    check_all(serving(cluster, "e.json"), badconfigs.JSON)


def test_a_file_that_is_gone(cluster):
    one = serving(cluster, "e.json")
    pids = one.pids()
    one.config.rename(one.folder / "away")
    ran = one.ctl("reload").expect(4)
    assert "e.json" in ran.err
    one.config.mkdir()
    ran = one.ctl("reload").expect(4)
    assert "director" in ran.err
    one.config.rmdir()
    assert one.pids() == pids


def test_by_signal_it_is_said_on_stderr(cluster):
    one = serving(cluster, "e.yaml")
    pids = one.pids()
    one.write_config("apps:" + badconfigs.GOOD_APP + "    instnaces: 4\n")
    one.proc.send_signal(signal.SIGHUP)
    one.wait(lambda: "instnaces" in one.messages(), "the mistake is said")
    assert "e.yaml:5:" in one.messages()
    assert one.pids() == pids
    assert pid_of(one.port) in pids


def bad_successor(cluster, broken, words, **keys):
    """The file is fine but the new version of the app does not come up."""
    one = serving(cluster, "e.json", listen_timeout=700, **keys)
    pids = one.pids()
    before = one.fd_counts()
    with BothLoads(one.port) as load:
        one.write_config(apps.one(apps.misbehave(
            broken, name="demo", instances=2, listen_timeout=700,
            listen=f"tcp://127.0.0.1:{one.port}")))
        ran = one.ctl("reload").expect(1)
        assert not badconfigs.says(ran.err, words), ran.err
        one.wait_settled()
        assert one.pids() == pids, "the old workers stay"
        assert all(row["status"] == "ready" for row in one.workers())
    load.expect_no_failure()
    one.expect_fd_counts(before)
    one.write_config(one.good)
    one.ctl("reload").expect(0)
    assert not set(one.pids()) & set(pids)


def test_a_successor_that_exits_ends_the_rollout(cluster):
    bad_successor(cluster, "exits_at_once", ["demo[0]", "status 7"])


def test_a_successor_that_is_never_ready_ends_the_rollout(cluster):
    bad_successor(cluster, "never_ready", ["demo[0]", "700 ms"])


def test_a_port_in_use_is_told_before_anything_is_touched(cluster):
    other = serving(cluster, "e.json")
    one = serving(cluster, "e.json")
    pids = one.pids()
    one.write_config(apps.one(apps.demo({
        "default": f"tcp://127.0.0.1:{one.port}",
        "more": f"tcp://127.0.0.1:{other.port}"})))
    ran = one.ctl("reload")
    assert ran.rc in (1, 4), ran
    assert not badconfigs.says(ran.err, [
        "demo", f"127.0.0.1:{other.port}", "in use", "clusterd"])
    assert one.pids() == pids
