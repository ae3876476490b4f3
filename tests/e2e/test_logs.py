# SPDX-License-Identifier: Apache-2.0
"""The merged log: records, order, last words, reopening, a logger's death."""
import collections
import datetime
import json
import re
import signal
import subprocess

from harness import apps, paths, procs

FIELDS = {"timestamp", "type", "app_name", "process_id", "message", "pid",
          "instance"}


def writer(cluster, pause_ms=5, instances=3, **keys):
    """Workers that write numbered lines, all into one file."""
    one = cluster(start=False)
    log = str(one.logs / "all.log")
    keys = {"out_file": log, "error_file": log, **keys}
    one.write_config(apps.one(apps.python(
        "lines.py", name="writer", instances=instances, wait_ready=True,
        env={"PAUSE_MS": pause_ms}, **keys)))
    one.log = one.logs / "all.log"
    return one.start()


def numbers(records):
    """{pid: the numbers of its lines, in the order of the file}."""
    out = collections.defaultdict(list)
    for record in records:
        if found := re.fullmatch(r"line (\d+) of \d+", record["message"]):
            out[record["pid"]].append(int(found.group(1)))
    return out


def expect_whole(records):
    """Nothing lost, torn, doubled or out of order in any worker's lines."""
    for record in records:
        assert re.fullmatch(r"line \d+ of \d+", record["message"]), record
    for pid, seen in numbers(records).items():
        # out and err are two pipes: in order each, merged as they arrive
        assert sorted(seen) == list(range(len(seen))), f"lines of {pid}"
        for kind in (0, 1):
            of_kind = [n for n in seen if (n % 4 == 3) == bool(kind)]
            assert of_kind == sorted(of_kind)


def test_records_say_who_and_when(cluster):
    one = writer(cluster)
    before = datetime.datetime.now(datetime.timezone.utc)
    one.wait(lambda: len(one.records(one.log)) > 50, "lines are there")
    workers = {row["pid"]: row for row in one.workers()}
    for record in one.records(one.log):
        assert FIELDS <= set(record)
        assert record["app_name"] == "writer"
        row = workers[record["pid"]]
        assert record["instance"] == row["instance"]
        assert record["process_id"] == row["id"]
        number = int(record["message"].split()[1])
        assert record["type"] == ("err" if number % 4 == 3 else "out")
        assert record["message"].endswith(f"of {row['instance']}")
        assert record["timestamp"].endswith("Z")
        when = datetime.datetime.fromisoformat(
            record["timestamp"].replace("Z", "+00:00"))
        assert abs((when - before).total_seconds()) < 60


def test_no_line_is_lost_over_reload_scale_and_stop(cluster):
    one = writer(cluster, pause_ms=1)

    def all_have_written():
        return set(one.pids()) <= set(numbers(one.records(one.log)))

    for change in (("reload",), ("scale", "5"), ("scale", "2")):
        one.wait(all_have_written, "every worker has written a line")
        one.ctl(*change).expect(0)
    assert one.stop() == 0
    records = one.records(one.log)
    expect_whole(records)
    assert len(numbers(records)) == 8


def test_times_never_go_back(cluster):
    one = writer(cluster, pause_ms=1)
    one.wait(lambda: len(one.records(one.log)) > 500, "lines are there")
    times = [record["timestamp"] for record in one.records(one.log)]
    assert times == sorted(times)


def test_files_by_default(cluster):
    one = cluster(apps.one(apps.python("lines.py", name="writer",
                                       instances=2, wait_ready=True)))
    out, err = one.logs / "writer-out.log", one.logs / "writer-error.log"
    one.wait(lambda: len(one.records(out)) > 6 and one.records(err),
             "both files have lines")
    assert {r["type"] for r in one.records(out)} == {"out"}
    assert {r["type"] for r in one.records(err)} == {"err"}
    assert {r["instance"] for r in one.records(out)} == {0, 1}


def test_a_file_for_each_instance(cluster):
    one = cluster(apps.one(apps.python("lines.py", name="writer",
                                       merge_logs=False, instances=2,
                                       wait_ready=True)))
    for instance in (0, 1):
        path = one.logs / f"writer-out-{instance}.log"
        one.wait(lambda p=path: one.records(p), f"{path.name} has lines")
        assert {r["instance"] for r in one.records(path)} == {instance}


def test_log_file_has_both(cluster):
    one = writer(cluster, log_file="both.log")
    both = one.folder / "both.log"
    one.wait(lambda: {r["type"] for r in one.records(both)} ==
             {"out", "err"}, "both kinds are there")


def test_raw_lines_are_as_they_were_written(cluster):
    one = writer(cluster, log_type="raw")
    one.wait(lambda: one.log.exists() and
             one.log.read_text().count("\n") > 20, "lines are there")
    one.ctl("stop", "all").expect(0)
    for line in one.log.read_text().splitlines():
        assert re.fullmatch(r"line \d+ of \d+", line)


def odd_lines(cluster, program, **keys):
    one = cluster(start=False)
    script = one.app_file("odd.py", program)
    one.write_config(apps.one({
        "name": "odd", "script": str(script), "wait_ready": True,
        "interpreter": "/usr/bin/python3", **keys}))
    return one.start()


READY = ("import os, signal\n"
         "os.write(int(os.environ['CLUSTERD_CHANNEL_FD']),"
         " b'clusterd/1 ready\\n')\n")


def test_odd_bytes_are_one_record_a_line(cluster):
    one = odd_lines(cluster, READY + r"""
os.write(1, b'quote " backslash \\ tab \t\n')
os.write(1, 'umlaut \u00fc, snowman \u2603\n'.encode())
os.write(1, b'bad utf-8 \xff\xfe\n')
os.write(1, b'nul \0 and escape \x1b[31m\n')
os.write(1, b'\n')
os.write(1, b'first ')
os.write(1, b'second\n')
os.write(1, b'{"level":"info","msg":"json of its own"}\n')
os.write(1, b'x' * 200000 + b'\nafter the long one\n')
signal.pause()
""")
    log = one.logs / "odd-out.log"
    one.wait_record(lambda r: r["message"] == "after the long one",
                    "the last line", log)
    messages = [r["message"] for r in one.records(log)]
    assert messages[0] == "quote \" backslash \\ tab \t"
    assert messages[1] == "umlaut \u00fc, snowman \u2603"
    assert messages[2].startswith("bad utf-8 ")
    assert messages[3] == "nul \0 and escape \x1b[31m"
    assert messages[4] == ""
    assert messages[5] == "first second"
    own = messages[6]
    assert (json.loads(own) if isinstance(own, str) else own)["level"] == "info"
    long = "".join(messages[7:-1])
    assert long == "x" * 200000


def test_last_words_without_a_newline(cluster):
    """What a worker wrote before SIGKILL is in the file, whole."""
    one = cluster(apps.one(apps.misbehave("last_words")), start=False)
    one.spawn()
    log = one.logs / "bad-out.log"
    one.wait_record(lambda r: r["message"] == "my last words",
                    "its last words", log)
    messages = [r["message"] for r in one.records(log)]
    assert messages[:2] == ["one whole line", "my last words"]


def test_lines_of_a_killed_worker_are_all_there(cluster):
    one = writer(cluster, pause_ms=0, instances=1)
    pid = one.pids()[0]
    one.wait(lambda: one.log.stat().st_size > 1 << 18, "it has written a lot")
    procs.kill(pid)
    one.wait(lambda: pid not in one.pids(), "it has died")
    one.ctl("stop", "all").expect(0)
    seen = sorted(numbers(one.records(one.log))[pid])
    assert seen == list(range(len(seen)))
    assert len(seen) > 1000


def test_a_killed_logger_loses_no_line(cluster):
    one = writer(cluster, pause_ms=2)
    old = one.parts()["logger"]
    one.wait(lambda: len(one.records(one.log)) > 100, "lines are there")
    procs.kill(old)
    one.wait(lambda: one.parts()["logger"] not in (0, old),
             "there is another logger")
    count = len(one.records(one.log))
    one.wait(lambda: len(one.records(one.log)) > count + 300,
             "lines go on")
    pids = one.pids()
    one.ctl("stop", "all").expect(0)
    records = one.records(one.log)
    for pid in pids:
        seen = sorted(numbers(records)[pid])
        missing = set(range(seen[-1])) - set(seen)
        # what the dead logger had read and not yet written goes with it
        assert not missing, f"{pid}: {len(missing)} lines are missing"


def test_usr1_reopens_the_files(cluster):
    one = writer(cluster, pause_ms=2)
    one.wait(lambda: len(one.records(one.log)) > 50, "lines are there")
    rotated = one.logs / "all.log.1"
    one.log.rename(rotated)
    one.proc.send_signal(signal.SIGUSR1)
    one.wait(lambda: one.log.exists() and len(one.records(one.log)) > 50,
             "the new file has lines")
    one.ctl("stop", "all").expect(0)
    expect_whole(one.records(rotated) + one.records(one.log))
    assert procs.fds(one.parts()["logger"])
    held = procs.fds(one.parts()["logger"]).values()
    assert str(rotated) not in held


def test_reopen_by_command(cluster):
    one = writer(cluster)
    one.wait(lambda: one.records(one.log), "lines are there")
    one.log.rename(one.logs / "all.log.1")
    assert one.rpc("reopen_logs") == {"done": True}
    one.wait(lambda: one.log.exists(), "the new file is there")


# -- clusterctl logs ---------------------------------------------------------

def stopped_writer(cluster):
    one = cluster(apps.one(apps.python("lines.py", name="writer", instances=2,
                                       wait_ready=True)))
    one.wait(lambda: len(one.records()) > 80, "lines are there")
    one.ctl("stop", "all").expect(0)
    return one


def test_logs_shows_the_last_lines(cluster):
    one = stopped_writer(cluster)
    ran = one.ctl("logs", "--lines", "7", "--nostream", "--json").expect(0)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert len(lines) == 7
    every = sorted(one.records(), key=lambda r: r["timestamp"])
    assert {r["message"] for r in lines} <= {r["message"]
                                             for r in every[-40:]}
    assert all(FIELDS <= set(r) for r in lines)


def test_logs_raw_has_the_messages_alone(cluster):
    one = stopped_writer(cluster)
    ran = one.ctl("logs", "--nostream", "--raw", "--lines", "5").expect(0)
    assert len(ran.out.splitlines()) == 5
    for line in ran.out.splitlines():
        assert re.fullmatch(r"line \d+ of \d", line), line


def test_logs_of_one_kind(cluster):
    one = stopped_writer(cluster)
    for option, kind in (("--err", "err"), ("--out", "out")):
        ran = one.ctl("logs", "--nostream", "--json", option,
                      "--lines", "5").expect(0)
        kinds = {json.loads(line)["type"] for line in ran.out.splitlines()}
        assert kinds == {kind}


def test_logs_of_a_selector(cluster):
    one = cluster({"apps": [apps.shell("one"), apps.shell("two")]})
    one.wait(lambda: len(one.records()) == 2, "both have said hello")
    ran = one.ctl("logs", "two", "--nostream").expect(0)
    assert "hello from two" in ran.out
    assert "hello from one" not in ran.out
    ran = one.ctl("logs", "three", "--nostream")
    assert ran.rc == 1
    assert "three" in ran.err


def test_logs_for_people_names_the_app(cluster):
    one = cluster(apps.one(apps.shell("web")))
    one.wait(lambda: one.records(), "it has said hello")
    ran = one.ctl("logs", "--nostream").expect(0)
    line = next(line for line in ran.out.splitlines() if "hello" in line)
    assert line.index("web") < line.index("hello")
    assert "\x1b" not in ran.out


def test_logs_follows(cluster):
    """New lines come, over a rotation too, until the reader goes."""
    one = writer(cluster)
    one.wait(lambda: one.records(one.log), "lines are there")
    follower = subprocess.Popen(
        [paths.CLUSTERCTL, "--socket", one.socket, "logs", "--raw",
         "--lines", "0"], env=one.env, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        first = [follower.stdout.readline() for _ in range(10)]
        assert all(re.fullmatch(r"line \d+ of \d\n", line) for line in first)
        one.log.rename(one.logs / "all.log.1")
        one.proc.send_signal(signal.SIGUSR1)
        one.wait(one.log.exists, "the new file is there")
        marker = max(int(r["message"].split()[1])
                     for r in one.records(one.logs / "all.log.1"))
        for line in follower.stdout:
            if int(line.split()[1]) > marker + 20:
                break
        follower.send_signal(signal.SIGINT)
        assert follower.wait(10) in (0, 130, -signal.SIGINT)
    finally:
        follower.kill()
        follower.communicate()


def test_logs_ends_quietly_when_the_reader_goes(cluster):
    one = writer(cluster)
    ran = one.command(["sh", "-c", f"{paths.CLUSTERCTL} --socket {one.socket}"
                       " logs --raw | head -n 3"])
    assert len(ran.out.splitlines()) == 3
    assert ran.err == ""
