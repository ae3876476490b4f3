# SPDX-License-Identifier: Apache-2.0
"""The standard library's server on a socket by LISTEN_FDS, READY=1 by
sd_notify, graceful on SIGTERM: a last answer says Connection: close."""
import http.server
import os
import signal
import socket
import threading

assert int(os.environ["LISTEN_PID"]) == os.getpid()
COUNT = int(os.environ["LISTEN_FDS"])
NAMES = os.environ["LISTEN_FDNAMES"].split(":")
assert len(NAMES) == COUNT
STATE = {"draining": False}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self):
        body = f"pid {os.getpid()}\n{','.join(NAMES)}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if STATE["draining"]:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request, client_address):
        pass


def notify(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        name = os.environ["NOTIFY_SOCKET"]
        sock.connect("\0" + name[1:] if name.startswith("@") else name)
        sock.sendall(text.encode())


server = Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=3)


def on_term(*_):
    STATE["draining"] = True
    threading.Thread(target=server.shutdown).start()


signal.signal(signal.SIGTERM, on_term)
notify("STATUS=warming up\n")
notify("READY=1\nSTATUS=serving\n")
server.serve_forever(0.05)
server.server_close()
