# SPDX-License-Identifier: Apache-2.0
"""Configurations of the applications in apps/, as a user would write them."""
from . import paths


def one(app, **top):
    """A whole configuration with one app."""
    return {"apps": [app], **top}


def node(script, port, name="app", **keys):
    """A Node server of apps/ behind one TCP socket."""
    env = {"PORT": port, **keys.pop("env", {})}
    return {"name": name, "script": str(paths.APPS / script), "instances": 2,
            "listen": f"tcp://127.0.0.1:{port}", "env": env, **keys}


def demo(listen, name="demo", **keys):
    """The C worker of the SDK."""
    if isinstance(listen, int):
        listen = f"tcp://127.0.0.1:{listen}"
    return {"name": name, "command": [str(paths.DEMO)], "instances": 2,
            "listen": listen, **keys}


def python(script, *args, name="app", **keys):
    """A Python program of apps/."""
    return {"name": name, "script": str(paths.APPS / script),
            "interpreter": "/usr/bin/python3", "args": list(args), **keys}


def misbehave(what, name="bad", **keys):
    """A worker that does one thing wrong; ready by its own word."""
    keys.setdefault("wait_ready", True)
    return python("misbehave.py", what, name=name, **keys)


def shell(name="sh", **keys):
    """A shell script that says it is ready."""
    return {"name": name, "script": str(paths.APPS / "shell.sh"),
            "wait_ready": True, **keys}
