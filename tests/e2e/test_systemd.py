# SPDX-License-Identifier: Apache-2.0
"""Under a real, booted systemd: the unit of contrib/systemd. Only these tests
may be left out, where root or a cgroup v2 tree is not to be had."""
import os
import subprocess

import pytest

from harness import paths
from harness.clusterd import environment

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="a systemd can be booted by root only")


@pytest.fixture
def programs(folder):
    """What an installation has in sbin, bin and libexec, in one folder."""
    made = folder / "programs"
    made.mkdir()
    for program in paths.PROGRAMS:
        # libtool's wrapper of a program finds its library by itself
        (made / program.name).symlink_to(program)
    return made


@pytest.mark.parametrize("step", ["lifecycle", "slow_start", "bad_config",
                                  "watchdog", "socket_activation"])
def test_inside(step, folder, programs, marker):
    argv = [paths.FIXTURES / "with-systemd.sh", "-w", folder,
            "-w", paths.BUILD, "-w", paths.SOURCE, "--",
            "/usr/bin/python3", paths.E2E / "inside_systemd.py", step,
            folder, programs, paths.SOURCE]
    done = subprocess.run(
        [str(arg) for arg in argv], env=environment(marker), cwd=folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=180, check=False)
    if done.returncode == 125 and "no cgroup v2 tree" in done.stdout:
        pytest.skip("no cgroup v2 tree is mounted here")
    assert done.returncode == 0, done.stdout[-8000:]
