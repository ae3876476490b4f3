# SPDX-License-Identifier: Apache-2.0
"""npm packages of exact versions, fetched once."""
import os
import shutil
import subprocess
import tempfile

from . import paths


def node_modules(source=None):
    """A node_modules folder for package-lock.json; raises when npm cannot."""
    source = source or paths.E2E / "node"
    files = [source / "package.json", source / "package-lock.json"]
    cache = paths.cache("node", *files)
    if (cache / ".complete").exists():
        return cache / "node_modules"
    cache.parent.mkdir(parents=True, exist_ok=True)
    work = tempfile.mkdtemp(dir=cache.parent, prefix="node-new.")
    try:
        for file in files:
            shutil.copy(file, work)
        install(work)
        open(os.path.join(work, ".complete"), "w", encoding="utf-8").close()
        shutil.rmtree(cache, ignore_errors=True)
        os.rename(work, cache)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return cache / "node_modules"


def install(folder):
    """npm's own cache first, then its registry."""
    common = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    said = ""
    for argv in (common + ["--offline"], common):
        done = subprocess.run(
            argv, cwd=folder, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
            check=False)
        if done.returncode == 0:
            return
        said = done.stdout
    raise AssertionError(f"npm ci failed in {folder}:\n{said}")
