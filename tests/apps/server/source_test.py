# SPDX-License-Identifier: Apache-2.0
"""Cameras that the server opens itself (--source)."""

import asyncio
import contextlib
import json
import pathlib
import socket as sockets
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy as np

from server_case import PATIENCE, SMALL_PHOTO, SLOW, ServerCase, ask, points, receive, run_fails
from video_streams import GREEN, HAS_FFMPEG, RED, make_file

HAS_RTSP = subprocess.run(
    [sys.executable, "-c", "import gi; gi.require_version('GstRtspServer', '1.0');"
     "from gi.repository import Gst, GstRtspServer; Gst.init(None);"
     "assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"],
    capture_output=True, check=False).returncode == 0
PUSHED_RIGHT = [1, 0, 0, -10, 0, 1, 0, 0, 0, 0, 1, 0]  # stands 10 to the right


class Refuser:
    """Listens, and does with each connection what it is told: closes it, or never answers."""

    def __init__(self, answers):
        self.listening = sockets.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.held = []
        self.answers = answers
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                if self.answers:
                    connection.close()
                else:
                    self.held.append(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listening.close()
        for connection in self.held:
            connection.close()


class CommandLine(ServerCase):
    def test_poses_that_do_not_fit_are_refused_by_name(self):
        with tempfile.TemporaryDirectory() as folder:
            poses = pathlib.Path(folder) / "poses.json"
            for text, part in (("[]", "a JSON object"), ('{"other": [1]}', 'there is no --source "other"'),
                               ('{"porch": [1, 2]}', "porch: extrinsics must be the 12 numbers"),
                               (json.dumps({"porch": [0] * 12}), "porch: ")):
                poses.write_text(text)
                code, line = run_fails("--port", 0, "--model", "constant:2", "--source", "porch=test:",
                                       "--source-poses", poses)
                self.assertEqual(code, 2, line)
                self.assertIn(part, line)
            code, line = run_fails("--port", 0, "--source", "test:", "--source-poses", folder + "/none")
            self.assertEqual(code, 2)
            self.assertIn("--source-poses", line)

    def test_a_password_is_in_no_message_of_the_command_line(self):
        code, line = run_fails("--source", "a=rtsp://me:secret@host/", "--source", "a=rtsp://me:secret@host/")
        self.assertEqual(code, 2)
        self.assertNotIn("secret", line)


class SourceCase(ServerCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        server = self.server("--source", "test:64x48@10")
        async with server.connect() as client:
            answer = await ask(client, {"type": "watch", "source": "source-1"})
            while answer.get("state") == "connecting":
                answer = await receive(client)
        if answer.get("state") == "waiting":
            self.skipTest("this build of the server opens no video: " + server.logged())

    def use_folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    async def watch(self, client, name):
        """Until it runs."""
        answer = await ask(client, {"type": "watch", "source": name})
        while answer.get("type") != "pointcloud":
            self.assertEqual((answer["type"], answer["source"]), ("watching", name))
            if answer["state"] == "running":
                return
            answer = await receive(client)


class Watching(SourceCase):
    async def test_a_client_without_a_camera_sees_the_source(self):
        server = self.server("--source", "porch=test:64x48@20", "--source", "test:32x32@20")
        async with server.connect() as client, server.connect() as other:
            answer = await ask(client, {"type": "configure", "encoding": "depth", "colors": "jpeg"})
            self.assertEqual(answer["sources"], ["porch", "source-2"])
            await self.watch(client, "porch")
            await self.watch(other, "source-2")
            cloud = await receive(client)
            self.assertEqual(cloud["encoding"], "depth")
            self.assertAlmostEqual(cloud["capture_ts"], time.time(), delta=PATIENCE)
            following = await receive(client)
            self.assertGreater(following["frame_id"], cloud["frame_id"])
            self.assertGreater(following["capture_ts"], cloud["capture_ts"])
            self.assertEqual((await receive(other))["type"], "pointcloud")
            metrics = server.metrics()
            self.assertEqual(metrics['source_up{source="porch"}'], 1)
            self.assertEqual(metrics['source_watchers{source="porch"}'], 1)
            self.assertGreater(metrics['source_pictures_total{source="porch"}'], 1)
            self.assertEqual(metrics['source_opened_total{source="porch"}'], 1)
        self.assertEqual(server.stop(), 0)

    async def test_one_that_watches_sends_no_frames_until_it_has_ended(self):
        server = self.server("--source", "porch=test:64x48@20")
        async with server.connect() as client:
            await self.watch(client, "porch")
            await client.send(SMALL_PHOTO)
            answer = await receive(client)
            while answer["type"] == "pointcloud":
                answer = await receive(client)
            self.assert_error(answer, "invalid_argument", "watch null first")
            answer = await ask(client, {"type": "watch", "source": None})
            while answer["type"] == "pointcloud":
                answer = await receive(client)
            self.assertEqual(answer, {"type": "watching", "source": None})
            await asyncio.sleep(0.3)
            await client.send(SMALL_PHOTO)
            answer = await receive(client)
            while answer["frame_id"] != 2:  # of the source, on its way meanwhile
                answer = await receive(client)
            self.assertNotIn("capture_ts", answer)

    async def test_clients_choose_names_and_nothing_else(self):
        server = self.server("--source", "porch=test:64x48@20")
        async with server.connect() as client:
            for source in ("test:", "file:///etc/passwd", "", "Porch"):
                answer = await ask(client, {"type": "watch", "source": source})
                self.assert_error(answer, "not_found", "this server has porch")
            self.assert_error(await ask(client, {"type": "watch"}), "invalid_argument", "source must be a text")
            await client.send('{"type":"register_role","role":"camera"}')
            self.assert_error(await ask(client, {"type": "watch", "source": "porch"}), "invalid_argument",
                              "a registered client")
        async with self.server().connect() as client:
            self.assert_error(await ask(client, {"type": "watch", "source": "porch"}), "not_found", "has none")

    async def test_a_file_plays_again_and_again(self):
        if not HAS_FFMPEG:
            self.skipTest("ffmpeg, which makes the file, is not installed")
        path = self.use_folder() / "clip.mp4"
        make_file(path, (RED,) * 5 + (GREEN,) * 5)
        server = self.server("--source", path)
        async with server.connect() as client:
            await self.watch(client, "source-1")
            seen = []
            deadline = time.monotonic() + PATIENCE
            while len(seen) < 5 and time.monotonic() < deadline:
                cloud = await receive(client)
                color = np.frombuffer(cloud["colors"], np.uint8).reshape(-1, 3).mean(axis=0)
                which = [name for name, known in (("red", RED), ("green", GREEN)) if abs(color - known).max() < 8]
                if which and which != seen[-1:]:
                    seen += which
            self.assertGreaterEqual(len(seen), 5, seen)
            self.assertEqual(server.metrics()['source_failed_total{source="source-1"}'], 0)


class Rtsp(SourceCase):
    def start_camera(self, port=0):
        """(process, port) of an RTSP server."""
        script = pathlib.Path(__file__).with_name("rtsp_server.py")
        camera = subprocess.Popen([sys.executable, script, str(port)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(camera.stdout.close)
        self.addCleanup(camera.wait)
        self.addCleanup(camera.kill)
        return camera, int(camera.stdout.readline())

    async def test_a_camera_that_vanishes_is_there_again_when_it_is_back(self):
        if not HAS_RTSP:
            self.skipTest("GStreamer's RTSP server (gir1.2-gst-rtsp-server-1.0) or its x264enc is not installed")
        camera, port = self.start_camera()
        server = self.server("--source", f"porch=rtsp://me:secret@127.0.0.1:{port}/live", "--log-level", "debug")
        async with server.connect() as client:
            await self.watch(client, "porch")
            cloud = await receive(client)
            color = np.frombuffer(cloud["colors"], np.uint8).reshape(-1, 3).mean(axis=0)
            self.assertLess(abs(color - (0, 0, 255)).max(), 12)
            camera.kill()
            camera.wait()
            while cloud["type"] != "watching":
                cloud = await receive(client)
            self.assertEqual(cloud["state"], "waiting")
            self.start_camera(port)
            while cloud.get("state") != "running":
                cloud = await receive(client)
            self.assertEqual((await receive(client))["type"], "pointcloud")
            self.assertEqual(server.metrics()['source_opened_total{source="porch"}'], 2)
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("secret", server.logged())


class InTheRig(SourceCase):
    async def test_viewers_see_sources_and_cameras_in_one_cloud(self):
        poses = self.use_folder() / "poses.json"
        poses.write_text(json.dumps({"porch": PUSHED_RIGHT}))
        server = self.server("--source", "porch=test:64x48@20", "--source-poses", poses, "--max-cameras", 2,
                             "--align-window", 2000)
        async with server.connect() as viewer, server.connect() as camera, server.connect() as third:
            answer = await ask(viewer, {"type": "register_role", "role": "viewer"})
            while answer["type"] != "pointcloud":
                self.assertEqual([one["client_id"] for one in answer["cameras"]], ["porch"])
                self.assertEqual(answer["count"], 1)
                answer = await receive(viewer)
            self.assertEqual(answer["num_views"], 1)
            self.assertAlmostEqual(points(answer)[:, 0].mean(), 10, delta=0.5)
            await camera.send('{"type":"register_role","role":"camera"}')
            await third.send('{"type":"register_role","role":"camera"}')
            self.assert_error(await receive(third), "limit_exceeded", "there are 2 cameras already")
            deadline = time.monotonic() + PATIENCE
            while answer.get("num_views") != 2:
                self.assertLess(time.monotonic(), deadline)
                await camera.send(SMALL_PHOTO)
                answer = await receive(viewer)


class Failing(SourceCase):
    async def test_a_source_that_is_not_there_yet_is_tried_again(self):
        if not HAS_FFMPEG:
            self.skipTest("ffmpeg, which makes the file, is not installed")
        path = self.use_folder() / "clip.mp4"
        server = self.server("--source", f"clip={path}")
        async with server.connect() as client, server.connect() as viewer:
            answer = await ask(client, {"type": "watch", "source": "clip"})
            while answer["state"] != "waiting":
                answer = await receive(client)
            answer = await ask(viewer, {"type": "register_role", "role": "viewer"})
            while answer["cameras"][0]["state"] != "waiting":
                answer = await receive(viewer)
            self.assertEqual(server.metrics()['source_up{source="clip"}'], 0)
            self.assertGreaterEqual(server.metrics()['source_failed_total{source="clip"}'], 1)
            make_file(path.with_suffix(".part.mp4"), (RED,) * 10)
            path.with_suffix(".part.mp4").rename(path)
            states = set()
            while "running" not in states:
                states.add((await receive(client))["state"])
            self.assertEqual((await receive(client))["type"], "pointcloud")
        self.assertIn("event=source_lost source=clip", server.logged())

    async def test_pauses_grow(self):
        server = self.server("--source", "none=/nowhere/clip.mp4", "--log-level", "warning")
        deadline = time.monotonic() + PATIENCE
        while server.logged().count("retry_s=") < 3 and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        pauses = [float(part.split()[0]) for part in server.logged().split("retry_s=")[1:]]
        for pause, expected in zip(pauses, (0.5, 1, 2)):
            self.assertGreaterEqual(pause, 0.7 * expected)
            self.assertLessEqual(pause, 1.3 * expected)
        self.assertEqual(server.stop(), 0)

    async def test_a_password_is_nowhere_to_be_seen(self):
        with Refuser(answers=True) as refuser:
            server = self.server("--source", f"porch=rtsp://me:secret@127.0.0.1:{refuser.port}/live",
                                 "--log-level", "debug")
            async with server.connect() as viewer:
                seen = [await ask(viewer, {"type": "register_role", "role": "viewer"})]
                while seen[-1]["cameras"][0]["state"] != "waiting":
                    seen.append(await receive(viewer))
                self.assertNotIn("secret", str(seen))
            self.assertNotIn("secret", server.get("/metrics")[2].decode())
            self.assertIn("source_lost", server.logged())
            self.assertNotIn("secret", server.logged())

    async def test_a_source_that_never_answers_does_not_hold_up_the_end(self):
        with Refuser(answers=False) as silent:
            server = self.server("--source", f"rtsp://127.0.0.1:{silent.port}/live", "--drain-timeout", 1)
            deadline = time.monotonic() + PATIENCE
            while not silent.held and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            begin = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 4 * SLOW)


if __name__ == "__main__":
    unittest.main()
