# SPDX-License-Identifier: Apache-2.0
"""Runs the program `depthcloud-server` (environment: DEPTHCLOUD_SERVER) and talks to it."""

import asyncio
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

import msgpack
import numpy as np
import websockets

# The client of the package changed with version 14: Debian 12 has 10, Debian 13 has 15.
NEW_CLIENT = int(websockets.__version__.split(".")[0]) >= 14
HEADERS = "additional_headers" if NEW_CLIENT else "extra_headers"

PROGRAM = os.environ["DEPTHCLOUD_SERVER"]
PHOTO = pathlib.Path(os.environ["DEPTHCLOUD_SAMPLE_PHOTO"]).read_bytes()
SMALL_JPEG = pathlib.Path(__file__).with_name("coffee160x120.jpg")
SMALL_PHOTO = SMALL_JPEG.read_bytes()
SOURCES = pathlib.Path(__file__).parents[3]
HAS_TORCH = os.environ.get("DEPTHCLOUD_TORCH", "1") == "1"
SLOW = float(os.environ.get("DEPTHCLOUD_SLOW", "1"))  # sanitizers take this many times as long
PATIENCE = 60 * SLOW

insecure_tls = ssl._create_unverified_context()  # pylint: disable=protected-access


class Server:
    """A server on a free port of 127.0.0.1, ended when the block ends."""

    def __init__(self, *flags, model="constant:2", wait=True, env=None, pipe_log=False):
        self.log = None if pipe_log else tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [PROGRAM, "--port", "0", "--model", model, *map(str, flags)], text=True,
            stdout=subprocess.PIPE, stderr=self.log or subprocess.PIPE,
            env={**os.environ, **(env or {})})
        self.log = self.log or self.process.stderr
        self.url = self.process.stdout.readline().strip()
        found = re.fullmatch(r"(https?)://(\S+):(\d+)/(#token=\.\.\.)?", self.url)
        assert found, (self.url, self.process.wait(), self.logged())
        self.scheme, self.port = found[1], int(found[3])
        self.host = found[2]
        if wait:
            self.wait_until_ready()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def wait_until_ready(self):
        deadline = time.monotonic() + PATIENCE
        while self.get("/readyz")[0] != 200:
            assert time.monotonic() < deadline and self.process.poll() is None, self.logged()
            time.sleep(0.02)

    def request(self, method, path, headers=None, body=None):
        """(status, headers, body) of one request."""
        if self.scheme == "https":
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE,
                                                     context=insecure_tls)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": f"{self.host}:{self.port}", **(headers or {})}.items():
                for one in value if isinstance(value, list) else [value]:
                    if one is not None:
                        connection.putheader(name, one)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers)

    def metrics(self, headers=None):
        """{"name{labels}": value}"""
        status, _, text = self.get("/metrics", headers)
        assert status == 200, text
        lines = [line.rsplit(" ", 1) for line in text.decode().splitlines() if line[0] != "#"]
        return {name.removeprefix("depthcloud_"): float(value) for name, value in lines}

    def frames(self):
        """Counts of frames by state."""
        found = [(re.fullmatch(r'frames(?:_total)?{state="(\w+)"}', name), value)
                 for name, value in self.metrics().items()]
        return {match[1]: int(value) for match, value in found if match}

    def connect(self, headers=None, **options):
        scheme = "wss" if self.scheme == "https" else "ws"
        tls = {"ssl": insecure_tls} if scheme == "wss" else {}
        options = {"max_size": None, "ping_interval": None, "close_timeout": 5 * SLOW,
                   "open_timeout": PATIENCE, "compression": None, HEADERS: headers, **tls, **options}
        return websockets.connect(f"{scheme}://{self.host}:{self.port}/ws", **options)

    def stop(self, how=signal.SIGTERM):
        """Exit code after a signal."""
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)

    def memory(self):
        """(address space, resident) in bytes."""
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(pages[0]) * 4096, int(pages[1]) * 4096

    def limit(self, what, most):
        """Sets one of its limits of the operating system, for instance resource.RLIMIT_AS."""
        resource.prlimit(self.process.pid, what, (most, most))


def copy_model(golden, folder):
    """A small checkpoint of tests/golden as its publisher would ship it."""
    for part, name in (("weights.safetensors", "model.safetensors"), ("config.json", "config.json")):
        shutil.copy(SOURCES / f"tests/golden/{golden}.{part}", pathlib.Path(folder) / name)


async def receive(socket):
    """The next message but pings: a dictionary, from JSON or msgpack."""
    while True:
        message = await asyncio.wait_for(socket.recv(), PATIENCE)
        if isinstance(message, bytes):
            return msgpack.unpackb(message)
        message = json.loads(message)
        if message != {"type": "ping"}:
            return message


async def ask(socket, message):
    """The answer to bytes (a frame) or a JSON message."""
    await socket.send(message if isinstance(message, (bytes, str)) else json.dumps(message))
    return await receive(socket)


def points(cloud):
    return np.frombuffer(cloud["points"], "<f4").reshape(-1, 3)


def run_fails(*flags):
    """(exit code, line on standard error) of a server that does not start."""
    done = subprocess.run([PROGRAM, *map(str, flags)], text=True, capture_output=True,
                          timeout=PATIENCE, check=False)
    return done.returncode, done.stderr


async def status_of(connecting):
    """The HTTP status of a WebSocket that is refused, or 101."""
    try:
        async with connecting:
            return 101
    except websockets.exceptions.InvalidHandshake as refusal:
        return refusal.response.status_code if NEW_CLIENT else refusal.status_code


def extensions_of(client):
    return client.protocol.extensions if NEW_CLIENT else client.extensions


class ServerCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().slow_callback_duration = PATIENCE  # a busy machine is no news

    def server(self, *flags, **options):
        server = Server(*flags, **options)
        self.addCleanup(server.__exit__)
        return server

    def assert_error(self, message, code, part):
        self.assertEqual(message["type"], "error", message)
        self.assertEqual(message["code"], code, message)
        self.assertIn(part, message["message"])
