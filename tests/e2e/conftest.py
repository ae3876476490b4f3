# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the end-to-end tests, and the leak check after every one."""
import itertools
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

# pylint: disable=wrong-import-position
from harness import leaks, nodeapps, paths, procs  # noqa: E402
from harness.clusterd import Clusterd  # noqa: E402
from harness.gobuild import go_server  # noqa: E402

WORK = pytest.StashKey[object]()
# What a build with --enable-sanitizers says when it has found something. A master
# that dies of it is started again, so that no test would notice.
SANITIZER = re.compile(r"(Address|Leak)Sanitizer|runtime error:")


def pytest_configure(config):
    """Programs in one folder, as an installation has them."""
    missing = [str(path) for path in paths.PROGRAMS if not path.exists()]
    if missing:
        raise pytest.UsageError(
            f"not built: {', '.join(missing)} (make, or make check-e2e)")
    folder = tempfile.mkdtemp(prefix="e2e.")
    config.stash[WORK] = folder
    # Copies, for all to read: the build may be where only root can look, and
    # some tests run clusterd as an ordinary user.
    os.chmod(folder, 0o755)
    for name in ("CLUSTERD", "CLUSTERCTL", "MASTER", "LOGGER", "DEMO"):
        copy = shutil.copy(getattr(paths, name), folder)
        setattr(paths, name, pathlib.Path(copy))
    for file in paths.DATADIR.glob("*.cjs"):
        shutil.copy(file, folder)
    paths.DATADIR = pathlib.Path(folder)
    os.environ["CLUSTERD_TEST_LIBEXEC"] = folder
    procs.become_subreaper()
    # A shell that runs us in the background ignores it, and so would all that
    # the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure(config):
    folder = config.stash.get(WORK, None)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its clusterds said."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for number, one in enumerate(getattr(item, "clusterds", ())):
        report.sections.append((f"clusterd {number}", one.messages()[-8000:]))


@pytest.fixture
def marker():
    return uuid.uuid4().hex


@pytest.fixture
def folder():
    """A folder with a short path: a unix socket's name has 107 bytes."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ce.", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(autouse=True)
def leak_check(request, marker, folder):
    """No process, socket or file may be left; what is left is ended."""
    request.node.clusterds = []
    watch = leaks.Watch(marker)
    yield
    stop_all(request.node.clusterds, marker)
    procs.reap_adopted()
    runs = [path for one in request.node.clusterds
            for path in (one.run, one.tmp)]
    left = watch.leaks(folder, runs)
    procs.reap_adopted()
    assert not left, "left behind:\n  " + "\n  ".join(left)
    for one in request.node.clusterds:
        assert not SANITIZER.search(one.messages()), one.messages()[-8000:]


def stop_all(clusterds, marker):
    """End every clusterd that still runs, as a person would: by SIGTERM."""
    late = []
    for one in clusterds:
        if one.proc and one.proc.poll() is None:
            one.proc.send_signal(signal.SIGTERM)
    for one in clusterds:
        if not one.proc:
            continue
        try:
            one.proc.wait(30)
        except Exception:  # pylint: disable=broad-except
            late.append(one)
    for one in late:
        text = one.describe()
        for entry in leaks.processes(marker):
            procs.kill(entry.pid)
        one.proc.kill()
        one.proc.wait()
        raise AssertionError(f"did not end within 30 s of SIGTERM\n{text}")


@pytest.fixture
def cluster(request, marker, folder, leak_check):
    """cluster(config, ...) -> a Clusterd that runs; start=False: not yet."""
    count = itertools.count()

    def make(config=None, start=True, **options):
        own = folder / f"c{next(count)}"
        own.mkdir()
        own.chmod(0o755)
        one = Clusterd(own, marker, config, **options)
        request.node.clusterds.append(one)
        return one.start() if start else one

    return make


@pytest.fixture(scope="session")
def node_modules():
    """The folder with express and fastify; the test fails if npm cannot."""
    return nodeapps.node_modules()


@pytest.fixture(scope="session")
def go_app():
    return go_server()


@pytest.fixture
def root():
    if os.geteuid() != 0:
        pytest.skip("needs root")
