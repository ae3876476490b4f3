# SPDX-License-Identifier: Apache-2.0
"""Whole configurations as users have them, those of tests/data."""
import json
import shutil

import pytest

from harness import badconfigs, paths
from harness.client import answers_from, free_port, get

ENGINE = """const http = require('http');
http.createServer((req, res) => res.end(JSON.stringify({ pid: process.pid,
	instance: process.env.INSTANCE_ID, env: process.env.NODE_ENV,
	argv: process.execArgv }))).listen(+process.env.PORT, '127.0.0.1');
"""
ANALYTICS = """console.log(JSON.stringify({ args: process.argv.slice(2),
	port: process.env.METRICS_PORT, instance: process.env.NODE_APP_INSTANCE }));
setInterval(() => {}, 1000);
"""
MAILER = """#!/bin/sh
trap 'exit 0' TERM
for arg; do echo "arg: $arg"; done
echo "clusterd/1 ready" >&$CLUSTERD_CHANNEL_FD
while :; do sleep 100 & wait $!; done
"""


def test_shop(cluster):
    port = free_port()
    one = cluster((paths.DATA / "shop.yaml").read_text(), start=False,
                  name="shop.yaml", env={"WEB_PORT": str(port)},
                  args=["--env", "production"])
    shutil.copy(paths.APPS / "plain.cjs", one.folder / "web.cjs")
    one.app_file("mailer.sh", MAILER)
    one.start()
    answers_from(port, one.pids("web"))
    env = json.loads(get(port, "/env")[2])
    assert env["GREETING"] == "hello"
    assert env["LOG_LEVEL"] == "warning"
    assert {row["namespace"] for row in one.workers("web")} == {"shop"}
    assert one.workers("mailer")[0]["namespace"] == "background"
    log = one.logs / "mailer-out.log"
    one.wait(lambda: len(one.records(log)) == 3, "three arguments")
    assert [r["message"] for r in one.records(log)] == [
        "arg: --queue", "arg: slow ones", "arg: --verbose"]


def test_a_file_of_pm2(cluster):
    port = free_port()
    text = (paths.DATA / "pm2.ecosystem.json").read_text()
    one = cluster(text.replace("\"PORT\": 3000", f"\"PORT\": {port}"),
                  start=False, env={"XDG_STATE_HOME": "."},
                  args=["--env", "production"])
    one.app_file("src/engine.cjs", ENGINE)
    one.app_file("src/analytics.cjs", ANALYTICS)
    one.env["XDG_STATE_HOME"] = str(one.folder / "state")
    one.env["LOGS_DIRECTORY"] = str(one.logs)
    one.start()
    seen = {}

    def both():
        answer = json.loads(get(port)[2])
        seen[answer["instance"]] = answer
        return len(seen) == 2
    one.wait(both, "both instances answer")
    for answer in seen.values():
        assert answer["env"] == "production"
        assert "--max-old-space-size=256" in answer["argv"]
    log = one.logs / "analytics-out.log"
    one.wait(lambda: len(one.records(log)) == 2, "both have spoken")
    for record in one.records(log):
        said = record["message"]
        said = json.loads(said) if isinstance(said, str) else said
        assert said["args"] == ["--health-check-interval", "30"]
        assert said["port"] == str(3100 + record["instance"])


@pytest.mark.parametrize("name, words", [
    ("services.ecosystem.json", ["max_memory_restart", "10:", "deploy"]),
    ("foundation.yaml", ["services", "2:"]),
    ("cluster.config.cjs", ["yaml", "json"]),
    ("dev.config.js", ["yaml", "json"]),
    ("mixed.config.js", ["yaml", "json"]),
])
def test_what_is_not_read_is_refused(cluster, name, words):
    one = cluster(None, start=False, name=name)
    shutil.copy(paths.DATA / "refused" / name, one.config)
    one.config.chmod(0o644)
    ran = one.run_once("-t").expect(4)
    assert not badconfigs.says(ran.err, [name, *words]), ran.err
    assert not one.socket.exists()


def test_ten_lines_are_enough(cluster):
    port = free_port()
    one = cluster(f"""apps:
  - name: web
    script: {paths.APPS}/plain.cjs
    instances: 2
    listen: tcp://127.0.0.1:{port}
    env: {{ PORT: {port} }}
log_dir: ./logs
""", name="ecosystem.yaml")
    answers_from(port, one.pids())
