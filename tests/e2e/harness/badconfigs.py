# SPDX-License-Identifier: Apache-2.0
"""Configurations that must be refused: at a start, by -t, and as a reload.

Each: name -> (text or a maker of one, words that the message must hold).
The words are in any order and any case.
"""

GOOD_APP = """
  - name: app
    script: ./ok.sh
    wait_ready: true
"""


def bomb():
    """Nine lists of nine: 387,420,489 leaves if it is blown up."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 10):
        refs = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{refs}]")
    return "\n".join(lines) + "\napps:" + GOOD_APP


def big():
    """10 MB that would parse."""
    return "apps:" + GOOD_APP + "# " + "x" * 98 + "\n" + \
        ("# " + "y" * 98 + "\n") * 104000


def apps(extra):
    return "apps:" + GOOD_APP + extra


YAML = {
    "empty": ("", ["apps"]),
    "only a comment": ("# nothing\n", ["apps"]),
    "not yaml": ("apps: [\n  - name: {a\n", ["yaml", "2:"]),
    "binary": ("\x00\x01\x02\x03 \x7f", ["control characters"]),
    "tabs": ("apps:\n\t- name: app\n", ["2:", "tab"]),
    "a word": ("hello\n", ["1:"]),
    "duplicate key": (apps("    script: ./other.sh\n"),
                      ["script", "twice", "5:"]),
    "duplicate app": (apps("  - name: app\n    script: ./ok.sh\n"),
                      ["\"app\"", "5:"]),
    "unknown key": (apps("    instnaces: 4\n"),
                    ["instnaces", "instances", "5:"]),
    "unknown top key": ("appz:" + GOOD_APP, ["appz", "apps", "1:"]),
    "key of a later version": (apps("    max_memory_restart: 200M\n"),
                               ["max_memory_restart", "5:"]),
    "wrong type": (apps("    instances: [1, 2]\n"), ["instances", "5:"]),
    "wrong word": (apps("    exec_mode: clutser\n"), ["exec_mode", "cluster"]),
    "wrong duration": (apps("    kill_timeout: soon\n"),
                       ["kill_timeout", "soon"]),
    "apps is a word": ("apps: yes please\n", ["apps", "1:"]),
    "out of range": (apps("    instances: 100000\n"), ["instances", "2048"]),
    "negative": (apps("    kill_timeout: -5\n"), ["kill_timeout"]),
    "port out of range": (apps("    listen: tcp://127.0.0.1:70000\n"),
                          ["listen", "70000"]),
    "unknown scheme": (apps("    listen: http://127.0.0.1:80\n"),
                       ["listen", "tcp://"]),
    "no such interface": (apps("    listen: tcp://nosuchhost.invalid:80\n"),
                          ["listen", "nosuchhost.invalid"]),
    "unix path too long": (apps(f"    listen: unix:/{'x' * 120}\n"),
                           ["listen", "107"]),
    "unknown variable": (apps("    cwd: ${NO_SUCH_VARIABLE}\n"),
                         ["NO_SUCH_VARIABLE", "5:"]),
    "anchor bomb": (bomb, []),
    "10 MB": (big, ["1", "m"]),
    "script missing": ("apps:\n  - name: app\n    script: ./nowhere.sh\n",
                       ["nowhere.sh", "3:"]),
    "script not executable": (
        "apps:\n  - name: app\n    script: ./plain.txt\n    interpreter: none\n",
        ["plain.txt", "executable"]),
    "script is a folder": ("apps:\n  - name: app\n    script: ./run\n",
                           ["run"]),
    "interpreter missing": (
        "apps:\n  - name: app\n    script: ./ok.sh\n    interpreter: perl7\n",
        ["perl7"]),
    "no such folder": (apps("    cwd: ./nowhere\n"), ["nowhere", "cwd"]),
    "no such signal": (apps("    kill_signal: SIGFOO\n"), ["SIGFOO"]),
}

JSON = {
    "not json": ("{\"apps\": [", ["1:"]),
    "trailing comma": ("{\"apps\": [{\"name\": \"a\",\n"
                       "\"script\": \"./ok.sh\",}]}", ["2:"]),
    "duplicate json key": ("{\"apps\": [{\"name\": \"a\",\n"
                           "\"script\": \"./ok.sh\",\n"
                           "\"name\": \"b\"}]}", ["name", "3:"]),
    "unknown json key": ("{\"apps\": [{\"name\": \"a\",\n"
                         "\"scirpt\": \"./ok.sh\"}]}",
                         ["scirpt", "script", "2:"]),
}


def text_of(entry):
    return entry() if callable(entry) else entry


def says(text, words):
    """The words that are missing from a message."""
    return [word for word in words if word.lower() not in text.lower()]
