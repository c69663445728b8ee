# SPDX-License-Identifier: Apache-2.0
"""`depthcloud fetch` against a hub on this machine: HTTPS with a certificate of its own, redirects to a second
server as the Hugging Face hub does, parts of files, and all that can go wrong."""

import hashlib
import http.server
import os
import pathlib
import pty
import random
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from cli_case import HAS_TORCH, PROGRAM, CliCase

KEYS = pathlib.Path(os.environ["DEPTHCLOUD_GOLDEN"]) / "keys"
MODEL = "DA3MONO-LARGE"  # of which no source cites sizes and hashes: the hub's own count
PINNED = "DA3-SMALL"  # whose config.json is among the golden files
PREFIX = f"/depth-anything/{MODEL}/resolve/main/"
CONFIG = (KEYS / "da3mono-large.config.json").read_bytes()
WEIGHTS = random.Random(1).randbytes(3_000_000)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def git_hash(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Server:
    """An HTTPS server on a free port; `answer` is called with each request."""

    def __init__(self, certificate, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                answer(self)

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a client that goes away is what some tests are about

        self.http = Quiet(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def reply(request, status, body=b"", cut=None, **headers):
    """An answer with these headers ('_' for '-'), whose body ends after `cut` bytes."""
    request.send_response(status)
    headers.setdefault("Content_Length", len(body))
    for name, value in headers.items():
        if value is not None:
            request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()
    request.wfile.write(body if cut is None else body[:cut])
    if cut is not None:
        request.close_connection = True


class Fetch(CliCase):
    """The hub redirects weights to the store, which sends them."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.certificate = pathlib.Path(temporary.name, "hub.pem")
        made = shutil.which("openssl") and subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=hub", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
             cls.certificate.with_suffix(".key"), "-out", cls.certificate], capture_output=True, check=False)
        if not made or made.returncode != 0:
            raise unittest.SkipTest("no openssl that makes a certificate")

    def setUp(self):
        super().setUp()
        self.weights, self.config = WEIGHTS, CONFIG
        self.linked_hash = None  # another one than that of the weights
        self.asked = []  # (server, path, Range)
        self.store_rules, self.hub_rules = [], []  # what answers a request in place of the usual
        self.hub, self.store = Server(self.certificate, self.as_hub), Server(self.certificate, self.as_store)
        self.addCleanup(self.hub.close)
        self.addCleanup(self.store.close)
        environment = {"HF_ENDPOINT": self.hub.url, "XDG_CACHE_HOME": str(self.dir / "cache"),
                       "CURL_CA_BUNDLE": str(self.certificate), "no_proxy": "*"}
        for name, value in environment.items():
            before = os.environ.get(name)
            os.environ[name] = value
            self.addCleanup(os.environ.__setitem__ if before is not None else os.environ.pop, name,
                            *([before] if before is not None else []))
        self.folder = self.dir / "cache" / "depthcloud" / "models" / MODEL

    def as_hub(self, request):
        self.asked.append(("hub", request.path, request.headers["Range"]))
        if self.hub_rules:
            return self.hub_rules.pop(0)(request)
        name = request.path.rsplit("/", 1)[1]
        if name == "config.json":
            reply(request, 307, Location="/cache" + request.path) if not request.path.startswith("/cache") else \
                reply(request, 200, self.config, ETag=f'"{git_hash(self.config)}"')
        else:
            reply(request, 302, Location=self.store.url + "/blob", X_Linked_Size=len(self.weights),
                  X_Linked_ETag=f'"{self.linked_hash or sha256(self.weights)}"')

    def as_store(self, request, cut=None, ranges=True, etag=None):
        self.asked.append(("store", request.path, request.headers["Range"]))
        if self.store_rules:
            return self.store_rules.pop(0)(request)
        self.send(request, cut=cut, ranges=ranges, etag=etag)

    def send(self, request, cut=None, ranges=True, etag=None, body=None):
        """The weights, or the part that is asked for, as S3 sends them."""
        body = self.weights if body is None else body
        etag = etag or f'"{hashlib.md5(body).hexdigest()}"'
        part = re.fullmatch(r"bytes=(\d+)-", request.headers["Range"] or "")
        if not part or not ranges or request.headers.get("If-Range", etag) != etag:
            return reply(request, 200, body, cut, ETag=etag)
        first = int(part[1])
        if first >= len(body):
            return reply(request, 416, Content_Range=f"bytes */{len(body)}")
        reply(request, 206, body[first:], cut, ETag=etag,
              Content_Range=f"bytes {first}-{len(body) - 1}/{len(body)}")

    def fetch(self, *flags):
        return self.run_ok("fetch", MODEL, *flags)

    def refused(self, *flags, code=1):
        return self.run_fails(code, "fetch", MODEL, *flags)

    def partial(self):
        return (self.folder / "model.safetensors.partial").stat().st_size

    def assert_whole(self):
        self.assertEqual((self.folder / "model.safetensors").read_bytes(), self.weights)
        self.assertEqual((self.folder / "config.json").read_bytes(), self.config)
        self.assertEqual(self.names(self.folder), [".lock", "config.json", "model.safetensors"])

    def stop_half_way(self, bytes_there=1_000_000):
        """A run that gets no more than so many bytes."""
        self.store_rules = [lambda request: self.send(request, cut=bytes_there),
                            lambda request: self.send(request, cut=0)]
        self.assertIn(f"ended after {bytes_there} of {len(self.weights)} bytes", self.refused())
        self.assertEqual(self.partial(), bytes_there)
        self.asked.clear()


class Downloads(Fetch):
    def test_files_come_through_redirects_and_are_checked_by_the_hubs_hashes(self):
        lines = self.fetch().splitlines()
        self.assertEqual(lines[0], f"{MODEL}: Apache-2.0, size not known, from depth-anything/{MODEL}")
        self.assertEqual(lines[1], f"  config.json: {len(CONFIG)} bytes, checked by the hub's Git hash")
        self.assertEqual(lines[2], "  model.safetensors: 3.0 MB, checked by the hub's SHA-256")
        self.assertEqual(lines[3], f"in {self.folder}; use it with --model {MODEL}")
        self.assert_whole()
        self.asked.clear()
        self.assertIn("model.safetensors: 3.0 MB, was there, ", self.fetch())
        self.assertEqual(self.asked, [])
        self.assertEqual(self.fetch("--quiet"), "")
        self.assertRegex(self.run_ok("fetch", "--list"), f"(?m)^{MODEL} .*\\(fetched\\)$")

    def test_a_folder_of_ones_own(self):
        self.assertIn(f"--model mine/{MODEL}", self.fetch("--dir", "mine"))
        self.assertEqual((self.dir / "mine" / MODEL / "model.safetensors").read_bytes(), WEIGHTS)
        self.assertFalse(self.folder.exists())

    def test_a_name_is_found_in_the_cache_by_model(self):
        self.assertIn(f"'depthcloud fetch {MODEL}' downloads it", self.run_fails(1, "info", "--model", MODEL))
        self.fetch()
        # Of random bytes there is no network, but they are what is opened.
        message = self.run_fails(1, "info", "--model", MODEL.lower())
        self.assertIn(str(self.folder) if HAS_TORCH else "networks", message)
        message = self.run_fails(2, "depth", self.photo, "--model", MODEL, "-o", "d.npy", "--json",
                                 self.folder / "config.json")
        self.assertIn("is read by this command and would be overwritten", message)

    def test_a_download_that_ends_too_soon_goes_on_at_once(self):
        self.store_rules = [lambda request: self.send(request, cut=1_000_000)]
        self.fetch()
        self.assert_whole()
        self.assertEqual([part for server, _, part in self.asked if server == "store"], [None, "bytes=1000000-"])

    def test_the_next_run_completes_what_is_there(self):
        self.stop_half_way()
        self.fetch()
        self.assert_whole()
        self.assertEqual([part for server, _, part in self.asked if server == "store"], ["bytes=1000000-"])

    def test_what_is_there_whole_is_only_checked(self):
        self.stop_half_way()
        with open(self.folder / "model.safetensors.partial", "ab") as file:
            file.write(WEIGHTS[1_000_000:])
        self.fetch()
        self.assert_whole()

    def test_a_server_without_ranges_sends_all_again(self):
        self.stop_half_way()
        self.store_rules = [lambda request: self.send(request, ranges=False)]
        self.fetch()
        self.assert_whole()

    def test_a_file_that_changed_meanwhile_is_replaced(self):
        self.stop_half_way()
        self.weights = WEIGHTS[::-1]
        self.fetch()
        self.assert_whole()

    def test_a_change_that_the_server_does_not_notice_is_noticed(self):
        self.stop_half_way()
        self.weights = WEIGHTS[::-1]
        etag = f'"{hashlib.md5(WEIGHTS).hexdigest()}"'  # as before
        self.store_rules = [lambda request: self.send(request, etag=etag)]
        self.fetch()
        self.assert_whole()
        self.assertEqual([part for server, _, part in self.asked if server == "store"], ["bytes=1000000-", None])

    def test_a_damaged_part_is_downloaded_again(self):
        self.stop_half_way()
        with open(self.folder / "model.safetensors.partial", "r+b") as file:
            file.write(bytes(100))
        self.fetch()
        self.assert_whole()

    def test_a_size_alone_is_said(self):
        self.hub_rules = [lambda request: self.as_store(request, etag='"opaque"')]
        self.weights, self.config = WEIGHTS, WEIGHTS
        self.assertIn("config.json: 3.0 MB, checked by size alone", self.fetch())

    def test_interrupted_by_the_user_the_part_stays(self):
        stalled = threading.Event()

        def stall(request):
            reply(request, 200, self.weights[:1_000_000], Content_Length=len(self.weights), ETag='"e"')
            stalled.wait(30)

        self.store_rules = [stall]
        process = subprocess.Popen([PROGRAM, "fetch", MODEL], cwd=self.dir, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30
        partial = self.folder / "model.safetensors.partial"
        while time.monotonic() < deadline and not (partial.exists() and partial.stat().st_size == 1_000_000):
            time.sleep(0.02)
        self.assertIn("another download to", self.refused())  # it holds the lock
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=30)[1]
        stalled.set()
        self.assertEqual(process.returncode, 1)
        self.assertEqual(error, "depthcloud: load: stopped; the next run continues the download of "
                                "model.safetensors\n")
        self.assertEqual(self.partial(), 1_000_000)
        self.fetch()
        self.assert_whole()

    def test_a_terminal_gets_a_bar(self):
        main, terminal = pty.openpty()
        done = subprocess.run([PROGRAM, "fetch", MODEL], cwd=self.dir, stdout=subprocess.PIPE, stderr=terminal,
                              timeout=60, check=True)
        os.close(terminal)
        shown = os.read(main, 100_000).decode()
        os.close(main)
        self.assertIn("/3 MB", shown)
        self.assertNotIn("pictures", shown)
        self.assertIn("model.safetensors: 3.0 MB", done.stdout.decode())


class Refusals(Fetch):
    def test_http_is_neither_asked_nor_followed(self):
        self.assertIn("does not begin with https://", self.refused("--endpoint", "http://127.0.0.1:1", code=2))
        self.hub_rules = [lambda request: reply(request, 302, Location="http://127.0.0.1:1/blob")]
        self.assertIn("redirects to 'http://127.0.0.1:1/blob': only https is followed", self.refused())

    def test_redirects_end(self):
        self.hub_rules = [lambda request: reply(request, 302, Location=request.path)] * 10
        self.assertIn("redirects more than 5 times", self.refused())
        self.assertEqual(len(self.asked), 6)

    def test_a_certificate_of_nobody_is_refused(self):
        os.environ["CURL_CA_BUNDLE"] = ""
        self.assertIn("certificate of", self.refused())
        self.assertIn("cannot be checked", self.refused())
        self.fetch("--cacert", self.certificate)

    def test_another_hash_than_the_hub_says(self):
        self.linked_hash = sha256(b"another file")
        message = self.refused()
        self.assertIn(f"came with the SHA-256 {sha256(WEIGHTS)}, it must have {self.linked_hash}", message)
        self.assertEqual(self.names(self.folder), [".lock", "config.json"])

    def test_what_is_not_the_published_file(self):
        config = bytearray((KEYS / "da3-small.config.json").read_bytes())
        self.config = bytes(config)
        message = self.run_fails(1, "fetch", PINNED)  # the config is right, the weights are not
        self.assertIn("has 3000000 bytes, it must have 137248940: it is not the published file", message)
        config[10] ^= 1
        self.config = bytes(config)
        shutil.rmtree(self.folder.parent)
        message = self.run_fails(1, "fetch", PINNED)
        self.assertIn(f"came with the SHA-256 {sha256(config)}, it must have a486e29e", message)

    def test_the_hub_says_that_the_file_is_another(self):
        self.config = (KEYS / "da3-small.config.json").read_bytes()
        self.hub_rules = [lambda request: reply(request, 200, self.config, X_Linked_ETag=f'"{"0" * 64}"')]
        self.assertIn(f"has the SHA-256 {'0' * 64}, it must have", self.run_fails(1, "fetch", PINNED))

    def test_more_than_was_said(self):
        self.store_rules = [lambda request: self.send(request, body=WEIGHTS + b"more")]
        self.assertIn("is longer than the 3000000 bytes", self.refused())

    def test_no_size(self):
        self.hub_rules = [lambda request: reply(request, 200, CONFIG, cut=len(CONFIG), Content_Length=None)]
        self.assertIn("states no size", self.refused())

    def test_a_size_without_end(self):
        self.hub_rules = [lambda request: reply(request, 200, CONFIG, cut=9, Content_Length=2**40)]
        self.assertIn("more than the limit of", self.refused())

    def test_what_the_hub_does_not_give(self):
        for status, message in ((401, "is refused (HTTP 401): the repository is gated"),
                                (403, "is refused (HTTP 403): the repository is gated"),
                                (404, "is not there (HTTP 404)"), (503, "answers HTTP 503")):
            self.hub_rules = [lambda request, code=status: reply(request, code, b"<html>" * 1000)]
            self.assertIn(message, self.refused())

    def test_silence(self):
        silence = threading.Event()
        self.addCleanup(silence.set)
        self.hub_rules = [lambda request: silence.wait(30)]
        begin = time.monotonic()
        self.assertIn("for 1 s; the next run continues", self.refused("--timeout", 1))
        self.assertLess(time.monotonic() - begin, 20)

    def test_nobody_there(self):
        self.assertIn("127.0.0.1:1", self.refused("--endpoint", "https://127.0.0.1:1"))

    def test_a_full_disk(self):
        small = self.dir / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True,
                                 check=False)
        if mounted.returncode != 0:
            self.skipTest("no small disk: mount needs root")
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        message = self.refused("--dir", small)
        self.assertRegex(message, r"'model.safetensors' needs another 3.0 MB in '.*', which has 1\.\d MB left")

    def test_a_folder_that_cannot_be_made(self):
        self.assertIn("cannot make the folder", self.refused("--dir", self.photo))

    def test_licences_are_to_be_accepted(self):
        message = self.run_fails(2, "fetch", "DA3-LARGE")
        self.assertIn("are under CC-BY-NC-4.0 (https://spdx.org/licenses/CC-BY-NC-4.0.html)", message)
        self.assertIn("--accept-licence accepts it", message)
        self.assertEqual(self.asked, [])
        for flag in "--accept-licence", "--accept-license":
            self.run_ok("fetch", "DA3-LARGE", flag, "--dir", flag.strip("-"))

    def test_command_lines(self):
        self.assertIn("name a model to fetch", self.run_fails(2, "fetch"))
        self.assertIn("no published model is named 'DA4'", self.run_fails(2, "fetch", "DA4"))
        self.assertIn("--timeout", self.run_fails(2, "fetch", MODEL, "--timeout", 0))
        self.assertIn("--cacert", self.run_fails(2, "fetch", MODEL, "--cacert", "nowhere.pem"))
        listed = self.run_ok("fetch", "--list")
        self.assertRegex(listed, r"(?m)^DA3-SMALL +Apache-2.0 +137.3 MB  relative depth")
        self.assertRegex(listed, r"(?m)^DA3-LARGE +CC-BY-NC-4.0 +size not known  relative depth")
        self.assertNotIn("(fetched)", listed)

    def test_a_build_without_the_downloader_says_so(self):
        os.environ["DEPTHCLOUD_FETCH_LIBRARY"] = "/nowhere/libdepthcloud_fetch.so"
        self.addCleanup(os.environ.pop, "DEPTHCLOUD_FETCH_LIBRARY")
        self.assertIn("the downloader cannot be opened", self.refused())


if __name__ == "__main__":
    if os.environ["DEPTHCLOUD_HAS_FETCH"] != "1":
        print("this build has no libcurl")
        sys.exit(77)
    unittest.main()
