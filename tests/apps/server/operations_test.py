# SPDX-License-Identifier: Apache-2.0
"""Running depthcloud-server: pages, health, metrics, logs, the end, and many requests at once."""

import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from unittest import mock

import websockets

from limits_test import websocket
from server_case import (HAS_TORCH, PATIENCE, PHOTO, SLOW, ServerCase, ask, receive, run_fails,
                         status_of)


class Pages(ServerCase):
    def test_a_folder_of_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "assets").mkdir()
            files = {"index.html": "text/html; charset=utf-8", "rig.html": "text/html; charset=utf-8",
                     "assets/live.js": "text/javascript; charset=utf-8",
                     "assets/style.css": "text/css; charset=utf-8", "assets/icon.svg": "image/svg+xml",
                     "assets/zstd.wasm": "application/wasm"}
            for name in [*files, "notes.secret"]:
                (root / name).write_text("This is " + name)
            server = self.server("--viewer-dir", folder)
            paths = {"/" + name: name for name in files} | {
                "/": "index.html", "/rig": "rig.html", "/?a=b": "index.html",
                "/viewer-multicam.html": "rig.html"}
            for path, name in paths.items():
                status, headers, body = server.get(path)
                self.assertEqual((status, body.decode()), (200, "This is " + name), path)
                self.assertEqual(headers["Content-Type"], files[name])
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                policy = headers["Content-Security-Policy"]
                self.assertTrue(policy.startswith("default-src 'self';"), policy)
                self.assertNotIn("unsafe-inline", policy)
                self.assertIn(f"wss://127.0.0.1:{server.port}", policy)
            for path in ("/notes.secret", "/assets", "/assets/", "/../etc/passwd", "/%2e%2e/etc/passwd",
                         "//index.html", "/assets/../index.html", "*", "/index.html/"):
                self.assertEqual(server.get(path)[0], 404, path)
            status, headers, body = server.request("HEAD", "/")
            self.assertEqual((status, body), (200, b""))
            self.assertEqual(headers["Content-Length"], str(len("This is index.html")))

    def test_without_pages_it_says_how_to_get_them(self):
        with tempfile.TemporaryDirectory() as folder:
            server = self.server("--viewer-dir", folder)
            status, _, body = server.get("/")
            self.assertEqual(status, 200)
            self.assertIn(b"--viewer-dir", body)
            self.assertEqual(server.get("/rig")[0], 404)

    @unittest.skipUnless(os.environ["DEPTHCLOUD_VIEWER"] == "1", "the viewer is not built")
    def test_built_in_pages(self):
        server = self.server()
        for path in "/", "/rig":
            status, _, page = server.get(path)
            self.assertEqual(status, 200)
            assets = re.findall(rb'(?:src|href)="(assets/[^"]+)"', page)
            self.assertTrue(assets)
            for asset in assets:
                self.assertEqual(server.get("/" + asset.decode())[0], 200, asset)


class Health(ServerCase):
    async def test_ready_only_after_warm_up(self):
        server = self.server(wait=False, model="constant:1,1000")
        self.assertEqual(server.get("/healthz")[::2], (200, b"ok\n"))
        self.assertEqual(server.get("/readyz")[0], 503)
        self.assertEqual(server.metrics()["ready"], 0)
        self.assertEqual(await status_of(server.connect()), 503)
        server.wait_until_ready()
        self.assertEqual(server.metrics()["ready"], 1)

    def test_a_model_that_cannot_be_loaded_ends_the_server(self):
        code, message = run_fails("--port", 0, "--model", "/nowhere.safetensors")
        self.assertEqual(code, 1)
        self.assertEqual(len(message.splitlines()), 1, message)

    def test_ending_while_the_model_loads(self):
        server = self.server(wait=False, model="constant:1,500")
        self.assertEqual(server.stop(), 0)

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_the_built_in_network(self):
        server = self.server("--precision", "auto", model="builtin")
        async with server.connect() as client:
            clouds = [await ask(client, PHOTO) for _ in range(3)]
            self.assertGreater(clouds[-1]["num_points"], 1000)
            self.assertGreater(clouds[-1]["stage_ms"]["infer"], 1)
        metrics = server.get("/metrics")[2].decode()
        self.assertIn('model="builtin"', metrics)
        self.assertIn('precision="f32"', metrics)

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_model_flags(self):
        server = self.server("--process-res", 128, "--threads", 1, "--fov", 90, "--stride", 1,
                             "--fast-decode", "--device", "cpu", "--precision", "f32")
        async with server.connect() as client:
            cloud = await ask(client, PHOTO)
            self.assertEqual(cloud["num_points"], 128 * 85)


class Metrics(ServerCase):
    async def test_counts_are_exact(self):
        server = self.server()
        async with server.connect() as client:
            for _ in range(5):
                cloud = await ask(client, PHOTO)
            await ask(client, b"garbage")
            await ask(client, "garbage")
            await ask(client, {"type": "ping"})
            now = server.metrics()
            self.assertEqual(now['clients{role="none"}'], 1)
        counts = server.frames()
        self.assertEqual(counts, {"offered": 6, "admitted": 6, "skipped": 0, "replaced": 0,
                                  "expired": 0, "processed": 5, "failed": 1, "waiting": 0,
                                  "in_flight": 0})
        self.assertEqual(now["clouds_sent_total"], 5)
        self.assertEqual(now["errors_sent_total"], 2)
        self.assertEqual(now["queued_bytes"], 0)
        self.assertEqual(now["received_bytes_total"], 5 * len(PHOTO) + 14 + len('{"type": "ping"}'))
        self.assertGreater(now["sent_bytes_total"], 5 * len(cloud["points"]))
        for stage in "decode", "preprocess", "infer", "cloud", "pack":
            name = f'stage_seconds_count{{stage="{stage}"}}'
            self.assertEqual(now[name], 5)
            self.assertEqual(now[f'stage_seconds_bucket{{stage="{stage}",le="+Inf"}}'], 5)
        self.assertEqual(now["overhead_seconds_count"], 5)
        self.assertGreater(now['stage_seconds_sum{stage="decode"}'], 0)

    def test_the_text_is_of_prometheus(self):
        server = self.server()
        status, headers, text = server.get("/metrics")
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        families = {}
        for line in text.decode().splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                families[name] = kind
            elif not line.startswith("#"):
                match = re.fullmatch(r'(\w+)(\{\w+="[^"\n]*"(,\w+="[^"\n]*")*\})? [0-9.e+-]+', line)
                self.assertTrue(match, line)
                family = re.sub("_(bucket|sum|count)$", "", match[1])
                self.assertIn(family if family in families else match[1], families)
        self.assertEqual(families["depthcloud_stage_seconds"], "histogram")
        self.assertEqual(families["depthcloud_frames_total"], "counter")
        self.assertIn("depthcloud_build_info", families)
        buckets = re.findall(r'overhead_seconds_bucket{le="([^"]+)"} (\d+)', text.decode())
        self.assertEqual([b for b, _ in buckets], sorted((b for b, _ in buckets), key=float))


class Logs(ServerCase):
    async def use(self, server):
        server.get('/nothing"\\here', {"Host": 'evil"\\host'})
        async with server.connect() as client:
            await ask(client, '{"type":"\\u001b[31m\\nlevel=error forged"}')
            await ask(client, PHOTO)

    async def test_quiet_by_default(self):
        server = self.server()
        await self.use(server)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.logged(), "")

    async def test_lines_are_structured_and_strangers_texts_escaped(self):
        server = self.server("--log-level", "debug")
        await self.use(server)
        self.assertEqual(server.stop(), 0)
        lines = server.logged().splitlines()
        for line in lines:
            self.assertRegex(line, r"^ts=\S+ level=(debug|info|warning|error) event=\w+( \w+=(\S+|\"([^\"\\]|\\.)*\"))*$")
            self.assertTrue(line.isprintable() and line.isascii(), line)
        events = {re.search(r"event=(\w+)", line)[1] for line in lines}
        self.assertLessEqual({"ready", "connected", "disconnected", "refused", "error", "ending"},
                             events)


    async def test_whoever_reads_the_log_may_go(self):
        server = self.server("--log-level", "info", pipe_log=True)
        server.log.close()
        await self.use(server)
        self.assertEqual(server.stop(), 0)


class End(ServerCase):
    async def test_what_is_on_its_way_arrives_first(self):
        for how in signal.SIGTERM, signal.SIGINT:
            server = self.server("--max-batch", 1, model="constant:2,500")
            async with server.connect() as client:
                await client.send(PHOTO)
                while server.frames()["in_flight"] == 0:
                    await asyncio.sleep(0.01)
                server.process.send_signal(how)
                self.assertEqual((await receive(client))["frame_id"], 1)
                with self.assertRaises(websockets.ConnectionClosed):
                    await receive(client)
                self.assertEqual(client.close_code, 1001)
            self.assertEqual(server.process.wait(PATIENCE), 0)

    async def test_a_viewer_gets_the_set_that_is_on_its_way(self):
        server = self.server("--max-batch", 1, model="constant:2,500")
        async with server.connect() as viewer, server.connect() as camera:
            for socket, role in (viewer, "viewer"), (camera, "camera"):
                await socket.send(json.dumps({"type": "register_role", "role": role}))
                await receive(viewer)
            await camera.send(PHOTO)
            while server.frames()["in_flight"] == 0:
                await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual((await receive(viewer))["num_views"], 1)
        self.assertEqual(server.process.wait(PATIENCE), 0)

    async def test_clients_that_do_not_read_do_not_hold_it_up(self):
        server = self.server("--drain-timeout", 0.5, model="constant:2,20")
        client = await server.connect()
        client.transport.pause_reading()
        for _ in range(100):
            await client.send(PHOTO)
        start = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - start, 20 * SLOW)
        client.transport.abort()

    def test_a_second_signal_ends_it_at_once(self):
        server = self.server("--drain-timeout", 600)
        connection = asyncio.run(self.stuck(server))
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        self.assertEqual(server.stop(), 0)
        connection.close()

    async def stuck(self, server):
        """A client that never says goodbye."""
        return websocket(server)


@unittest.skipUnless(shutil.which("wrk"), "wrk is not installed")
class ManyRequests(ServerCase):
    def test_wrk(self):
        server = self.server()
        for path in "/", "/healthz", "/metrics":
            done = subprocess.run(["wrk", "-t1", "-c16", "-d2s", server.url + path[1:]], text=True,
                                  capture_output=True, timeout=PATIENCE, check=True)
            self.assertNotIn("Socket errors", done.stdout)
            self.assertNotIn("Non-2xx", done.stdout)
            self.assertGreater(float(re.search(r"Requests/sec: +([0-9.]+)", done.stdout)[1]), 50)
        # More connections than it takes: it stays up, and serves again when they are gone.
        subprocess.run(["wrk", "-t1", "-c400", "-d2s", server.url], capture_output=True,
                       timeout=PATIENCE, check=True)
        self.assertEqual(server.get("/healthz")[0], 200)


if __name__ == "__main__":
    unittest.main()
