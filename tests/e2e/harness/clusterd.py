# SPDX-License-Identifier: Apache-2.0
"""A real clusterd in its own folder, with its socket, logs and configuration."""
import dataclasses
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

from . import paths, procs


class RpcError(Exception):
    """An error object of the control protocol."""

    def __init__(self, error):
        super().__init__(error.get("message"))
        self.code = error.get("code")
        self.message = error.get("message")
        self.data = error.get("data")


class Rpc:
    """One connection to the control socket, by hand: no library of ours."""

    def __init__(self, path, timeout_s=60.0):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout_s)
        self.sock.connect(str(path))
        self.file = self.sock.makefile("rb")
        self.events = []
        self.next_id = 0

    def call(self, method, **params):
        self.next_id += 1
        request = {"jsonrpc": "2.0", "id": self.next_id, "method": method}
        if params:
            request["params"] = params
        self.sock.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("the control socket was closed")
            message = json.loads(line)
            if "id" not in message:
                self.events.append(message)
                continue
            assert message["jsonrpc"] == "2.0"
            assert message["id"] == self.next_id
            if "error" in message:
                raise RpcError(message["error"])
            return message["result"]

    def close(self):
        self.file.close()
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@dataclasses.dataclass
class Ran:
    """What a command gave."""
    argv: list
    rc: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)

    def expect(self, rc):
        assert self.rc == rc, (
            f"{' '.join(self.argv)}: status {self.rc}, not {rc}\n"
            f"stdout: {self.out}\nstderr: {self.err}")
        return self


def environment(marker, extra=None):
    """The environment of everything a test starts."""
    drop = ("LISTEN_", "NOTIFY_SOCKET", "NODE_", "CLUSTERD", "PYTEST",
            "JOURNAL_STREAM", "LOGS_DIRECTORY", "NO_COLOR")
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(drop)}
    env.update({
        "CLUSTERD_TEST": marker,
        "CLUSTERD_LIBEXECDIR": os.environ["CLUSTERD_TEST_LIBEXEC"],
        "CLUSTERD_DATADIR": str(paths.DATADIR),
        "PATH": f"{paths.CLUSTERCTL.parent}:{env.get('PATH', '/usr/bin')}",
        # Freed memory is not kept back for long: tests look at what is used.
        "ASAN_OPTIONS": env.get("ASAN_OPTIONS", "abort_on_error=1:"
                                "quarantine_size_mb=1:"
                                "thread_local_quarantine_size_kb=64"),
    })
    env.update(extra or {})
    return env


class Clusterd:
    """One clusterd. Made by the `cluster` fixture, which also ends it."""

    def __init__(self, folder, marker, config, env=None, args=(), prefix=(),
                 name="ecosystem.json"):
        self.folder = pathlib.Path(folder)
        self.run = self.folder / "run"
        self.logs = self.folder / "logs"
        self.tmp = self.folder / "tmp"
        for made in (self.run, self.logs, self.tmp):
            made.mkdir(exist_ok=True)
        self.socket = self.run / "c.sock"
        self.config = self.folder / name
        self.stderr = self.folder / "clusterd.err"
        self.env = environment(marker, {"TMPDIR": str(self.tmp),
                                        "HOME": str(self.folder), **(env or {})})
        self.args = list(args)
        self.prefix = list(prefix)
        self.proc = None
        self.write_config(config)

    # -- its files ---------------------------------------------------------

    def write_config(self, config):
        """A dict (log_dir is set), or text as it is; None leaves what is there."""
        if isinstance(config, dict):
            config = {"log_dir": str(self.logs), **config}
            config = json.dumps(config, indent=2)
        if config is not None:
            temporary = self.config.with_suffix(".new")
            temporary.write_text(config)
            temporary.rename(self.config)

    def app_file(self, name, text, mode=0o755):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def messages(self):
        """What clusterd itself has said on stderr."""
        return self.stderr.read_text() if self.stderr.exists() else ""

    # -- its life ----------------------------------------------------------

    def argv(self, *more):
        return [*self.prefix, str(paths.CLUSTERD), "-c", str(self.config),
                "--socket", str(self.socket), *self.args, *more]

    def spawn(self, **popen):
        """Start it; do not wait for anything."""
        with open(self.stderr, "ab") as err:
            self.proc = subprocess.Popen(
                self.argv(), stdin=subprocess.DEVNULL, stdout=err, stderr=err,
                env=self.env, cwd=self.folder, start_new_session=True, **popen)
        return self

    def start(self, timeout_s=30.0, **popen):
        self.spawn(**popen)
        self.wait_running(timeout_s)
        return self

    def why_dead(self):
        """Words, or None while it lives."""
        if self.proc and self.proc.poll() is not None:
            return (f"clusterd ended with status {self.proc.returncode}:\n"
                    f"{self.messages()}")
        return None

    def wait_running(self, timeout_s=30.0):
        """Until all apps have come up."""
        def running():
            status = self.try_status()
            return (status and status["clusterd"]["state"] == "running"
                    and all(row["status"] == "ready"
                            for row in status["workers"]))
        self.wait(running, "clusterd is running", timeout_s)

    def wait(self, condition, what, timeout_s=20.0):
        """procs.wait_for, as long as clusterd lives. A control socket that
        does not answer (yet, or between two masters) is no answer."""
        def answered():
            try:
                return condition()
            except (FileNotFoundError, ConnectionError):
                return None
        try:
            return procs.wait_for(answered, what, timeout_s,
                                  alive=self.why_dead)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.describe()}") from None

    def describe(self):
        status = self.try_status()
        rows = status and [
            {key: row[key] for key in
             ("id", "name", "instance", "pid", "status", "reason")}
            for row in status["workers"]]
        return (f"-- status: {status and status['clusterd']}\n"
                f"-- workers: {rows}\n-- stderr:\n{self.messages()[-6000:]}")

    def exit_status(self, timeout_s=30.0):
        """Wait for its end."""
        try:
            return self.proc.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"clusterd still runs after {timeout_s:g} s\n"
                f"{self.describe()}") from None

    def stop(self, signum=signal.SIGTERM, timeout_s=30.0):
        """Ask it to end; its exit status."""
        self.proc.send_signal(signum)
        return self.exit_status(timeout_s)

    def run_once(self, *args, timeout_s=20.0, env=None):
        """`clusterd -c .. ARGS` as a command that ends by itself."""
        return self.command(self.argv(*args), timeout_s, env)

    def command(self, argv, timeout_s=60.0, env=None):
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace",
            timeout=timeout_s, env={**self.env, **(env or {})},
            cwd=self.folder, check=False)
        return Ran([str(arg) for arg in argv], done.returncode, done.stdout,
                   done.stderr)

    # -- asking it ---------------------------------------------------------

    def ctl(self, *args, timeout_s=60.0, env=None):
        """clusterctl --socket .. ARGS."""
        return self.command([str(paths.CLUSTERCTL), "--socket",
                             str(self.socket), *map(str, args)], timeout_s, env)

    def rpc(self, method, **params):
        with Rpc(self.socket) as rpc:
            return rpc.call(method, **params)

    def try_status(self):
        try:
            with Rpc(self.socket, timeout_s=5.0) as rpc:
                return rpc.call("status")
        except (OSError, ValueError):
            return None

    def status(self):
        return self.rpc("status")

    def workers(self, name=None):
        return [row for row in self.status()["workers"]
                if name is None or row["name"] == name]

    def pids(self, name=None):
        """Pids of the workers that run, by slot."""
        return [row["pid"] for row in self.workers(name) if row["pid"]]

    def describe_worker(self, selector):
        return self.rpc("describe", selector=selector)["workers"][0]

    def parts(self):
        """{keeper, master, logger}: their pids."""
        about = self.status()["clusterd"]
        return {"keeper": about["pid"], "master": about["master_pid"],
                "logger": about["logger_pid"]}

    def wait_workers(self, count, name=None, status="ready", timeout_s=30.0):
        """Until exactly `count` workers are there, all of them in `status`."""
        def there():
            rows = self.workers(name)
            return (len(rows) == count and
                    all(row["status"] == status for row in rows) and rows)
        return self.wait(there, f"{count} workers {status}", timeout_s)

    def wait_replaced(self, old, count, name=None, timeout_s=30.0):
        """Until `count` ready workers are there and no process of `old` is."""
        self.wait(lambda: not any(procs.alive(pid) for pid in old),
                  f"old workers {old} are gone", timeout_s)
        return self.wait_workers(count, name, timeout_s=timeout_s)

    def wait_settled(self):
        """Until nothing drains and every worker is ready: a quiet moment."""
        def settled():
            rows = self.workers()
            wanted = {row["pid"] for row in rows if row["pid"]}
            parts = set(self.parts().values())
            mains = {entry.pid for entry in
                     procs.descendants(self.parts()["keeper"])
                     if entry.ppid == self.parts()["keeper"]}
            return mains <= wanted | parts
        self.wait(settled, "no worker drains")

    def fd_counts(self):
        """Open descriptors of each part, in a quiet moment: the least of some
        looks, for the connection of the last question may still be open."""
        parts = self.parts()
        least = {name: len(procs.fds(pid)) for name, pid in parts.items()}
        for _ in range(10):
            time.sleep(0.02)
            for name, pid in parts.items():
                least[name] = min(least[name], len(procs.fds(pid)))
        return least

    def expect_fd_counts(self, before, timeout_s=10.0):
        """No more than `before`, as soon as things have settled."""
        self.wait_settled()

        def none_more():
            now = self.fd_counts()
            return all(now[name] <= before[name] for name in before)

        try:
            procs.wait_for(none_more, "descriptors are as before", timeout_s,
                           0.1)
        except AssertionError as error:
            held = {name: sorted(procs.fds(pid).values())
                    for name, pid in self.parts().items()}
            raise AssertionError(
                f"{error}: {before} then, {self.fd_counts()} now\n"
                f"{json.dumps(held, indent=1)}") from None

    def records(self, file=None):
        """The JSON records of a log file (all files of log_dir by default)."""
        files = [pathlib.Path(file)] if file else sorted(
            self.logs.glob("*.log"))
        out = []
        for path in files:
            if not path.exists():
                continue
            # Read while it grows: what has no newline yet is not a record.
            text = path.read_text(errors="replace")
            whole = text[:text.rfind("\n") + 1]
            out += [json.loads(line) for line in whole.split("\n") if line]
        return out

    def wait_record(self, test, what="the record", file=None, timeout_s=20.0):
        """The first record for which test(record)."""
        def found():
            return next((r for r in self.records(file) if test(r)), None)
        return self.wait(found, what, timeout_s)
