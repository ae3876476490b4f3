# SPDX-License-Identifier: Apache-2.0
"""Who is measured: each starts, says which processes are its own, reloads and
ends. `manager()` is all that is not a worker."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from harness import nodeapps, paths, procs
from harness.client import free_port, pid_of
from harness.clusterd import Clusterd

HERE = pathlib.Path(__file__).resolve().parents[1]
APP = HERE / "apps/app.cjs"


class Subject:
    """One server of two workers on one port."""
    name = "?"
    modes = ("close", "keep")

    def __init__(self, workers=2):
        self.workers = workers
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cb.", dir="/tmp"))
        self.proc = None

    def popen(self, argv, env=None, **options):
        self.proc = subprocess.Popen(
            list(map(str, argv)), env={**os.environ, **(env or {})},
            cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, **options)

    def start(self):
        raise NotImplementedError

    def wait_serving(self):
        def answers():
            try:
                return pid_of(self.port)
            except (OSError, AttributeError, IndexError, AssertionError):
                return None
        procs.wait_for(answers, f"{self.name} answers", 30)
        return self

    def root(self):
        return self.proc.pid

    def everyone(self):
        return [self.root()] + [e.pid for e in procs.descendants(self.root())]

    def manager(self):
        return [self.root()]

    def reload(self):
        """Replace every worker; returns when the old ones have gone."""
        old = set(self.everyone()) - set(self.manager())
        self.reload_command()
        procs.wait_for(
            lambda: not any(procs.alive(pid) for pid in old) and
            len(set(self.everyone()) - set(self.manager())) >= self.workers,
            f"{self.name} has reloaded", 60, 0.005)

    def reload_command(self):
        os.kill(self.root(), signal.SIGHUP)

    def stop(self):
        if self.proc:
            self.proc.terminate()
            try:
                self.proc.wait(20)
            except subprocess.TimeoutExpired:
                pass
        for entry in procs.descendants(os.getpid()):
            if str(self.folder) in procs.cmdline(entry.pid) or \
                    entry.session == (self.proc and self.proc.pid):
                procs.kill(entry.pid)
        if self.proc and self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        procs.reap_adopted()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()


class OurOwn(Subject):
    """clusterd with any app; the Node app unless told otherwise."""
    name = "clusterd"

    def __init__(self, workers=2, app=None):
        super().__init__(workers)
        self.app = app or {"script": str(APP), "env": {"PORT": self.port}}
        self.app = {"name": "app", "instances": workers, **self.app}
        if "listen" not in self.app:
            self.app["listen"] = f"tcp://127.0.0.1:{self.port}"
        elif self.app["listen"] is None:
            del self.app["listen"]
        self.one = Clusterd(self.folder, "bench", {"apps": [self.app]})
        self.proc = None

    def start(self):
        self.one.spawn()
        self.proc = self.one.proc
        self.one.wait_running(60)
        return self

    def manager(self):
        return list(self.one.parts().values())

    def reload(self):
        self.one.ctl("reload").expect(0)
        self.one.wait_settled()


class BareNode(Subject):
    """Two processes of node on one inherited socket, and nobody above them:
    the least that the app itself costs."""
    name = "node on an inherited socket"

    def start(self):
        sock = socket.create_server(("127.0.0.1", self.port), backlog=4096)
        self.procs = []
        with sock:
            for _ in range(self.workers):
                self.popen(["node", APP], {"LISTEN_FD": str(sock.fileno())},
                           pass_fds=[sock.fileno()])
                self.procs.append(self.proc)
        return self.wait_serving()

    def everyone(self):
        return [proc.pid for proc in self.procs]

    def manager(self):
        return []

    def stop(self):
        for proc in getattr(self, "procs", ()):
            proc.kill()
            proc.wait()
        super().stop()


class NodeCluster(Subject):
    """Node's own cluster module, round robin as it is by default."""
    name = "node cluster"
    sched = "rr"

    def start(self):
        self.popen(["node", HERE / "apps/cluster.cjs"],
                   {"PORT": str(self.port), "SCHED": self.sched})
        return self.wait_serving()


class NodeClusterShared(NodeCluster):
    name = "node cluster, SCHED_NONE"
    sched = "none"


class Pm2(Subject):
    """pm2 from npm, cluster mode; its daemon is the manager."""
    name = "pm2"

    def __init__(self, workers=2):
        super().__init__(workers)
        modules = nodeapps.node_modules(HERE / "node")
        self.program = modules / "pm2/bin/pm2"
        self.env = {**os.environ, "PM2_HOME": str(self.folder / "pm2"),
                    "PORT": str(self.port), "PM2_DISABLE_VERSION_CHECK": "1"}

    def pm2(self, *argv):
        return subprocess.run(
            ["node", self.program, *argv], env=self.env, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.STDOUT, timeout=120, check=False)

    def start(self):
        self.pm2("start", str(APP), "-i", str(self.workers), "--name", "app")
        return self.wait_serving()

    def root(self):
        return int((self.folder / "pm2/pm2.pid").read_text())

    def reload_command(self):
        self.pm2("reload", "app")

    def stop(self):
        if self.folder.is_dir():
            self.pm2("kill")
        super().stop()


class Nginx(Subject):
    """nginx with a reply of its own: the mechanism, not the app."""
    name = "nginx"

    def argv(self):
        return ["nginx", "-p", str(self.folder), "-c",
                str(self.folder / "nginx.conf")]

    def configure(self):
        (self.folder / "nginx.conf").write_text(f"""
worker_processes {self.workers};
daemon off;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log;
events {{ worker_connections 1024; }}
http {{
	access_log off;
	client_body_temp_path {self.folder}/body;
	proxy_temp_path {self.folder}/proxy;
	fastcgi_temp_path {self.folder}/fastcgi;
	uwsgi_temp_path {self.folder}/uwsgi;
	scgi_temp_path {self.folder}/scgi;
	server {{
		listen 127.0.0.1:{self.port};
		add_header X-Pid $pid;
		location / {{ return 200 "ok\\n"; }}
	}}
}}
""")

    def start(self):
        self.configure()
        self.popen(self.argv())
        return self.wait_serving()


class Gunicorn(Subject):
    """gunicorn's sync workers: they have no keep-alive."""
    name = "gunicorn"
    modes = ("close",)

    def argv(self):
        return ["gunicorn", "-w", str(self.workers), "--chdir",
                str(HERE / "apps"), "--bind", f"127.0.0.1:{self.port}",
                "wsgi:app"]

    def start(self):
        self.popen(self.argv())
        self.wait_serving()
        procs.wait_for(lambda: len(self.everyone()) == self.workers + 1,
                       "all workers are there", 60)
        return self


def versions():
    """What was compared, in the words of each."""
    modules = nodeapps.node_modules(HERE / "node")
    commands = {
        "clusterd": [paths.CLUSTERD, "--version"],
        "node": ["node", "--version"],
        "nginx": ["nginx", "-v"],
        "gunicorn": ["gunicorn", "--version"],
        "pm2": ["node", "-p", f"require('{modules}/pm2/package.json').version"],
        "kernel": ["uname", "-r"],
    }
    out = {}
    for name, argv in commands.items():
        done = subprocess.run(list(map(str, argv)), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        out[name] = done.stdout.strip()
    return out
