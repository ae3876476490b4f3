# SPDX-License-Identifier: Apache-2.0
"""Where the build put the programs and where the sources are.

`make check-e2e` sets the two folders; a person who runs pytest by hand sets
CLUSTERD_BUILD_DIR.
"""
import hashlib
import os
import pathlib

SOURCE = pathlib.Path(os.environ.get(
    "CLUSTERD_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[3])
).resolve()
BUILD = pathlib.Path(os.environ.get("CLUSTERD_BUILD_DIR", SOURCE)).resolve()

E2E = SOURCE / "tests/e2e"
APPS = E2E / "apps"
DATA = SOURCE / "tests/data"
FIXTURES = SOURCE / "tests/fixtures"



def _built(folder, name):
    """Where a program is in the build tree: beside its source, or on top."""
    inside, on_top = BUILD / folder / name, BUILD / name
    return on_top if on_top.exists() and not inside.exists() else inside


CLUSTERD = _built("src/keeper", "clusterd")
CLUSTERCTL = _built("src/ctl", "clusterctl")
MASTER = _built("src/master", "clusterd-master")
LOGGER = _built("src/logger", "clusterd-logger")
DEMO = _built("src/worker", "clusterd-demo")
LOAD = BUILD / "tests/e2e/load"
DATADIR = SOURCE / "contrib/node"

PROGRAMS = (CLUSTERD, CLUSTERCTL, MASTER, LOGGER, DEMO, LOAD)


def cache(name, *files):
    """A folder for things made once, named after the content of `files`."""
    base = os.environ.get("CLUSTERD_TEST_CACHE")
    if not base:
        base = os.path.join(
            os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),
            "clusterd-tests")
    digest = hashlib.sha256()
    for file in files:
        digest.update(pathlib.Path(file).read_bytes())
    return pathlib.Path(base) / f"{name}-{digest.hexdigest()[:12]}"
