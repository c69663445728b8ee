# SPDX-License-Identifier: Apache-2.0
"""The WebSocket protocol of depthcloud-server with stock clients."""

import asyncio
import base64
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest
import zlib

import msgpack
import numpy as np

from server_case import (HAS_TORCH, PHOTO, SMALL_PHOTO, ServerCase, ask, copy_model, points,
                         receive)

TURNED = [0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 5]  # a quarter turn about y, then 5 along z


def transparent_png(width=32, height=24):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(bytes((4 * width + 1) * height))) + chunk(b"IEND", b""))


class SingleCamera(ServerCase):
    async def test_frame_gives_cloud(self):
        server = self.server()
        async with server.connect(subprotocols=["depthcloud.v1"]) as socket:
            self.assertEqual(socket.subprotocol, "depthcloud.v1")
            cloud = await ask(socket, PHOTO)
            self.assertEqual(list(cloud)[:5], ["type", "timestamp", "num_points", "points", "colors"])
            self.assertEqual(cloud["type"], "pointcloud")
            self.assertEqual(cloud["num_points"], 252 * 168)  # stride 2 of 504 x 336
            self.assertTrue((points(cloud)[:, 2] == 2).all())
            self.assertEqual(len(cloud["colors"]), 3 * cloud["num_points"])
            self.assertNotIn("num_views", cloud)
            self.assertEqual(cloud["frame_id"], 1)
            self.assertNotIn("capture_ts", cloud)
            self.assertEqual(list(cloud["stage_ms"])[0], "decode")
            self.assertGreater(cloud["stage_ms"]["decode"], 0)

    async def test_stage_times_mean_the_same_in_every_encoding(self):
        server = self.server()
        async with server.connect() as socket:
            for encoding in "f32", "q16", "depth":
                await ask(socket, {"type": "configure", "encoding": encoding})
                stages = (await ask(socket, PHOTO))["stage_ms"]
                self.assertGreater(stages["cloud"], 0, encoding)
                self.assertGreater(stages["pack"], 0, encoding)

    async def test_frames_are_counted_and_tell_when_they_were_captured(self):
        server = self.server()
        async with server.connect() as socket:
            self.assertIsNone(socket.subprotocol)
            await socket.send(json.dumps({"type": "frame_info", "capture_ts": 12.5}))
            self.assertEqual((await ask(socket, PHOTO))["capture_ts"], 12.5)
            self.assertEqual((await ask(socket, b"no JPEG"))["frame_id"], 2)
            cloud = await ask(socket, PHOTO)
            self.assertEqual(cloud["frame_id"], 3)
            self.assertNotIn("capture_ts", cloud)

    async def test_first_generation_frames(self):
        server = self.server()
        text = base64.b64encode(PHOTO).decode()
        async with server.connect() as socket:
            wrapped = base64.encodebytes(PHOTO).decode()
            url = base64.urlsafe_b64encode(PHOTO).decode()
            escaped = text.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D")
            for data in (text, "data:image/jpeg;base64," + text, wrapped, wrapped.replace("\n", "\r\n"),
                         text.rstrip("="), url, url.rstrip("="), " " + text + "\n",
                         "DATA:image/jpeg;BASE64," + text, "data:image/jpeg;base64," + escaped):
                cloud = await ask(socket, {"type": "frame", "data": data, "capture_ts": 3})
                self.assertEqual(cloud["num_points"], 252 * 168)
                self.assertEqual(cloud["capture_ts"], 3)
            bad_frames = 0
            for data in ("", "A", "AAAAA", "A*==", " AAAA ==", "AA===", "AA=A", "data:image/jpeg,xx", "=AAA",
                         "====", "AA\0A", "AAA%3D", "data:;base64,AAA%3", "data:;base64,AAA%zz", "data:;base64,AA%25"):
                answer = await ask(socket, {"type": "frame", "data": data})
                self.assert_error(answer, "corrupt_data", "base64")
                bad_frames += 1
                self.assertEqual(answer["frame_id"], 10 + bad_frames)
            self.assertEqual((await ask(socket, PHOTO))["frame_id"], 10 + bad_frames + 1)

    async def test_configure(self):
        server = self.server()
        async with server.connect() as socket:
            answer = await ask(socket, {"type": "configure", "stride": 4})
            self.assertEqual(answer["type"], "configured")
            self.assertEqual(answer["stride"], 4)
            self.assertEqual((await ask(socket, PHOTO))["num_points"], 126 * 84)
            await ask(socket, {"type": "configure", "max_points": 100})
            self.assertEqual((await ask(socket, PHOTO))["num_points"], 100)
            await ask(socket, {"type": "configure", "max_points": 0, "stride": 64})
            plain = await ask(socket, PHOTO)
            await ask(socket, {"type": "configure", "extrinsics": TURNED})
            placed = await ask(socket, PHOTO)
            self.assertNotIn("num_views", placed)
            # x_camera = R x_world + t, in axes whose y points down; the wire's points up
            flip = np.array([1, -1, 1])
            matrix = np.array(TURNED).reshape(3, 4)
            world = (points(plain) * flip - matrix[:, 3]) @ matrix[:, :3]
            np.testing.assert_allclose(points(placed), world * flip, atol=1e-5)
            await ask(socket, {"type": "configure", "extrinsics": None})
            np.testing.assert_array_equal(points(await ask(socket, PHOTO)), points(plain))

    async def test_filters(self):
        server = self.server()
        async with server.connect() as socket:
            answer = await ask(socket, {"type": "configure"})
            self.assertEqual([answer[key] for key in (
                "confidence_percentile", "min_depth", "max_depth", "edge_threshold")],
                [0, 0, None, 0])
            whole = 252 * 168

            async def points_with(**settings):
                answer = await ask(socket, {"type": "configure", **settings})
                for key, value in settings.items():
                    self.assertEqual(answer[key], value)
                return (await ask(socket, PHOTO))["num_points"]

            self.assertEqual(await points_with(min_depth=2.5), 0)  # the plane is 2 m away
            self.assertEqual(await points_with(min_depth=1.5), whole)
            self.assertEqual(await points_with(max_depth=1.75), 0)
            self.assertEqual(await points_with(max_depth=None), whole)
            self.assertEqual(await points_with(edge_threshold=0.25), whole)  # nor has it an edge

    async def test_messages_contain_the_camera_and_whether_they_are_metric(self):
        server = self.server()
        async with server.connect() as socket:
            for encoding in "f32", "q16", "depth":
                await ask(socket, {"type": "configure", "encoding": encoding})
                cloud = await ask(socket, PHOTO)
                self.assertEqual((cloud["width"], cloud["height"]), (504, 336), encoding)
                self.assertEqual(len(cloud["intrinsics"]), 4)
                self.assertIs(cloud["is_metric"], True)
            await ask(socket, {"type": "configure", "encoding": "f32", "extrinsics": TURNED})
            placed = await ask(socket, PHOTO)
            self.assertNotIn("intrinsics", placed)  # the points are not in the camera's frame
            self.assertIs(placed["is_metric"], True)

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_configure_the_share_of_least_confidence(self):
        server = self.server(model="builtin")
        async with server.connect() as socket:
            whole = (await ask(socket, PHOTO))["num_points"]
            answer = await ask(socket, {"type": "configure", "confidence_percentile": 50})
            self.assertEqual(answer["confidence_percentile"], 50)
            self.assertAlmostEqual((await ask(socket, PHOTO))["num_points"] / whole, 0.5, places=2)

    async def test_the_answer_says_what_photos_are_taken(self):
        for flags, expected in (((), {"max_binary_bytes": 8 << 20, "max_pixels": 32_000_000}),
                                (("--max-binary-bytes", 70_000, "--max-pixels", 90_000),
                                 {"max_binary_bytes": 70_000, "max_pixels": 90_000})):
            async with self.server(*flags).connect() as socket:
                self.assertEqual((await ask(socket, {"type": "configure"}))["limits"], expected)

    async def test_what_has_no_effect_is_said(self):
        server = self.server("--min-confidence", 3, "--precision", "bf16", "--threads", 1)
        async with server.connect() as socket:
            self.assertGreater((await ask(socket, SMALL_PHOTO))["num_points"], 0)
            answer = await ask(socket, {"type": "configure", "stride": 4, "min_confidence": 1.5})
            self.assertEqual(answer["notes"], ["min_confidence has no effect: constant gives no confidence"])
            self.assertEqual((answer["min_confidence"], answer["stride"]), (0, 4))
            answer = await ask(socket, {"type": "configure", "confidence_percentile": 99.5})
            self.assertEqual(answer["notes"],
                             ["confidence_percentile has no effect: constant gives no confidence"])
            self.assertEqual(answer["confidence_percentile"], 0)
            self.assertGreater((await ask(socket, SMALL_PHOTO))["num_points"], 0)
            self.assertNotIn("notes", await ask(socket, {"type": "configure", "min_confidence": 0}))
        log = server.logged()
        self.assertEqual(len(log.splitlines()), 3, log)
        self.assertIn('event=no_effect flag=--precision reason="constant depth runs no network"', log)
        self.assertIn('event=no_effect flag=--threads', log)
        self.assertIn('min_confidence has no effect: constant gives no confidence', log)

    async def test_filters_may_leave_nothing(self):
        server = self.server()
        async with server.connect() as socket:
            for encoding in "f32", "q16", "depth":
                await ask(socket, {"type": "configure", "encoding": encoding})
                cloud = await ask(socket, transparent_png())
                self.assertEqual((cloud["type"], cloud["num_points"]), ("pointcloud", 0))

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_a_network_without_depth_is_an_error(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        copy_model("da3_micro", folder.name)
        weights = pathlib.Path(folder.name) / "model.safetensors"
        data = weights.read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        not_a_number = (0x7FC00000).to_bytes(4, "little")
        weights.write_bytes(data[:start] + not_a_number * ((len(data) - start) // 4))
        server = self.server("--process-res", 56, model=folder.name)
        async with server.connect() as socket:
            for frame_id, options in enumerate(({}, {"encoding": "depth"},
                                                {"encoding": "q16", "extrinsics": TURNED}), 1):
                await ask(socket, {"type": "configure", **options})
                answer = await ask(socket, SMALL_PHOTO)
                self.assert_error(answer, "bad_model", "the network gives no depth")
                self.assertEqual((answer["frame_id"], answer["stage"]), (frame_id, "infer"))
            self.assertEqual(server.frames()["failed"], 3)

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_confidence_of_a_network_that_gives_some(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        copy_model("da3_micro", folder.name)
        server = self.server("--process-res", 56, model=folder.name)
        async with server.connect() as socket:
            answer = await ask(socket, {"type": "configure", "min_confidence": 1e9})
            self.assertNotIn("notes", answer)
            self.assertEqual(answer["min_confidence"], 1e9)
            self.assertEqual((await ask(socket, SMALL_PHOTO))["num_points"], 0)

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_metres_of_a_second_network_and_their_time(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        copy_model("da3_micro", folder.name)
        metric = pathlib.Path(folder.name) / "metric"
        metric.mkdir()
        copy_model("da3mono_micro", metric)  # whose config says that it is a metric one
        server = self.server("--process-res", 56, "--metric-model", metric, "--metric-interval", 4, model=folder.name)
        async with server.connect() as socket:
            cloud = await ask(socket, PHOTO)
            self.assertIs(cloud["is_metric"], True)
            self.assertGreater(cloud["stage_ms"]["metric"], 0)
            self.assertEqual(server.metrics()['stage_seconds_count{stage="metric"}'], 1)

    async def test_encodings(self):
        server = self.server("--stride", 4)
        async with server.connect() as socket:
            exact = await ask(socket, PHOTO)
            await ask(socket, {"type": "configure", "encoding": "q16"})
            small = await ask(socket, PHOTO)
            self.assertEqual(small["encoding"], "q16")
            self.assertEqual(len(small["points"]), 6 * exact["num_points"])
            for colors in "jpeg", "client":
                await ask(socket, {"type": "configure", "encoding": "depth", "colors": colors})
                grid = await ask(socket, PHOTO)
                self.assertEqual(grid["encoding"], "depth")
                self.assertEqual(grid["num_points"], exact["num_points"])
            sizes = []
            for error, quality in (0.0001, 90), (0.001, 90), (0.001, 20):
                await ask(socket, {"type": "configure", "colors": "jpeg", "relative_error": error,
                                   "jpeg_quality": quality})
                grid = await ask(socket, PHOTO)
                self.assertLessEqual(2 ** (grid["step"] / 2) - 1, error)
                sizes.append((len(grid["codes"]) + len(grid["escapes"]), len(grid["colors"])))
            self.assertGreaterEqual(sizes[0][0], sizes[1][0])  # a plane costs hardly anything
            self.assertGreater(sizes[1][1], sizes[2][1])
            self.assert_error(await ask(socket, {"type": "configure", "extrinsics": TURNED}),
                              "invalid_argument", "one camera's grid")
            self.assert_error(await ask(socket, {"type": "register_role", "role": "viewer"}),
                              "invalid_argument", "one camera's grid")
            self.assertEqual((await ask(socket, PHOTO))["encoding"], "depth")

    async def test_bad_configuration_changes_nothing(self):
        server = self.server()
        async with server.connect() as socket:
            before = await ask(socket, {"type": "configure"})
            bad = [("stride", value) for value in (0, -1, 65, 1.5, "2", None, True, 1e30, 2**64)]
            bad += [("min_confidence", value) for value in (-1, "1", None, 1e39)]
            bad += [("confidence_percentile", value) for value in (-1, 100, "1", None)]
            bad += [("min_depth", value) for value in (-1, "1", None, 1e39)]
            bad += [("max_depth", value) for value in (-1, 0, "1")]
            bad += [("edge_threshold", value) for value in (-0.1, "1", None)]
            bad += [("confidence_percentile", value) for value in (-1, 100, 1e39, "1", None)]
            bad += [("max_points", value) for value in (-1, 2**33, 2**63, "1")]
            bad += [("extrinsics", value) for value in (
                [], [0] * 12, [1] * 12, TURNED[:11], TURNED + [0], [*TURNED[:11], "0"], "no",
                [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])]
            bad += [("encoding", value) for value in ("f64", 1, None)]
            bad += [("colors", value) for value in ("none", 0)]
            bad += [("relative_error", value) for value in (0, 0.2, -0.001, "0.001", None, 1e-5)]
            bad += [("jpeg_quality", value) for value in (0, 101, 80.5, "80", None)]
            bad += [("strid", 2), ("\u0000<b>", 1)]
            for key, value in bad:
                with self.subTest(key=key, value=value):
                    answer = await ask(socket, {"type": "configure", "stride": 8, key: value})
                    self.assertEqual(answer["type"], "error", answer)
                    self.assertEqual(answer["code"], "invalid_argument")
            self.assertEqual(await ask(socket, {"type": "configure"}), before)

    async def test_bad_messages_get_an_error_and_the_connection_lives(self):
        server = self.server()
        deep = "[" * 100000
        async with server.connect() as socket:
            for text, code in [
                    ("", "corrupt_data"), ("{", "corrupt_data"), ("hello", "corrupt_data"),
                    ("[]", "limit_exceeded"), ("1", "limit_exceeded"), (deep, "limit_exceeded"),
                    ('{"type":' + deep, "limit_exceeded"),
                    ('{"type":{"type":1}}', "invalid_argument"),
                    ('{"type":"configure","extrinsics":[' + "1," * 40 + "1]}", "limit_exceeded"),
                    ("{" + ",".join(f'"k{i}":1' for i in range(40)) + "}", "limit_exceeded"),
                    ("{}", "invalid_argument"), ('{"type":1}', "invalid_argument"),
                    ('{"type":"nonsense\\u0007"}', "invalid_argument"),
                    ('{"type":"register_role"}', "invalid_argument"),
                    ('{"type":"register_role","role":"king"}', "invalid_argument"),
                    ('{"type":"frame"}', "invalid_argument"),
                    ('{"type":"frame_info","capture_ts":"now"}', "invalid_argument")]:
                with self.subTest(text=text[:60]):
                    self.assert_error(await ask(socket, text), code, "")
            for frame in b"", b"x", PHOTO[:1000], PHOTO[:2] + bytes(500), bytes(100000):
                self.assertEqual((await ask(socket, frame))["type"], "error")
            self.assertEqual(await ask(socket, {"type": "ping"}), {"type": "pong"})
            self.assertEqual((await ask(socket, PHOTO))["type"], "pointcloud")
        counts = server.frames()
        self.assertEqual(counts["failed"], 5)
        self.assertEqual(counts["processed"], 1)


class Cameras(ServerCase):
    async def register(self, server, role, **options):
        socket = await server.connect()
        self.addAsyncCleanup(socket.close)
        if options:
            await ask(socket, {"type": "configure", **options})
        await socket.send(json.dumps({"type": "register_role", "role": role}))
        return socket

    async def test_cameras_become_one_cloud(self):
        server = self.server("--align-window", 2000)
        viewer = await self.register(server, "viewer", stride=16)
        self.assertEqual(await receive(viewer), {"type": "camera_list", "cameras": [], "count": 0})
        first = await self.register(server, "camera")
        listed = await receive(viewer)
        self.assertEqual(listed["count"], 1)
        self.assertEqual(set(listed["cameras"][0]), {"client_id", "buffer_size"})
        second = await self.register(server, "camera", extrinsics=TURNED)
        self.assertEqual((await receive(viewer))["count"], 2)
        other = await self.register(server, "viewer", stride=16, max_points=99, encoding="q16")
        self.assertEqual((await receive(other))["count"], 2)

        await first.send(PHOTO)
        alone = await receive(viewer)
        self.assertEqual((alone["num_views"], alone["num_points"]), (1, 32 * 21))
        self.assertEqual((await receive(other))["num_views"], 1)
        await second.send(json.dumps({"type": "frame_info", "capture_ts": 7}))
        await second.send(PHOTO)  # waits for the first camera's next
        await ask(second, {"type": "ping"})
        await first.send(json.dumps({"type": "frame_info", "capture_ts": 8}))
        await first.send(PHOTO)
        both = await receive(viewer)
        self.assertEqual((both["num_views"], both["num_points"]), (2, 2 * 32 * 21))
        self.assertEqual((both["capture_ts"], both["frame_id"]), (7, 2))
        flip = np.array([1, -1, 1])
        matrix = np.array(TURNED).reshape(3, 4)
        turned = (points(alone) * flip - matrix[:, 3]) @ matrix[:, :3] * flip
        np.testing.assert_allclose(points(both), np.concatenate([points(alone), turned]), atol=1e-5)
        thinned = await receive(other)
        self.assertEqual((thinned["num_views"], thinned["num_points"]), (2, 99))
        self.assertEqual(thinned["encoding"], "q16")

        await first.close()
        self.assertEqual((await receive(viewer))["count"], 1)
        await second.send(json.dumps({"type": "register_role", "role": "viewer"}))
        self.assertEqual((await receive(viewer))["count"], 0)
        self.assert_error(await ask(viewer, PHOTO), "invalid_argument", "viewer")
        self.assertEqual((await ask(viewer, {"type": "ping"}))["type"], "pong")
        self.assertEqual(server.metrics()['clients{role="viewer"}'], 3)

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_the_network_places_cameras_that_say_nothing_of_their_place(self):
        """The merged cloud is the one that `depthcloud cloud --multi-view` makes of the photos."""
        with tempfile.TemporaryDirectory() as root:
            folder = pathlib.Path(root)
            copy_model("da3_micro", folder)
            photos = {"first.jpg": PHOTO, "second.jpg": SMALL_PHOTO}
            for photo, encoded in photos.items():
                (folder / photo).write_bytes(encoded)
            subprocess.run(
                [os.environ["DEPTHCLOUD_PROGRAM"], "cloud", *photos, "--multi-view", "--model", ".",
                 "--process-res", "56", "-o", "scene.msgpack", "--json", "scene.json"],
                cwd=folder, check=True, capture_output=True)
            expected = msgpack.unpackb((folder / "scene.msgpack").read_bytes())
            poses = [np.array(view["extrinsics"])
                     for view in json.loads((folder / "scene.json").read_text())["views"]]
            server = self.server("--process-res", 56, "--stride", 1, "--align-window", 60000,
                                 model=folder)
        self.assertGreater(np.abs(poses[1] - poses[0]).max(), 0.01)
        self.assertEqual(expected["num_views"], 2)

        viewer = await self.register(server, "viewer")
        await receive(viewer)
        cameras = [await self.register(server, "camera") for _ in photos]
        for _ in cameras:
            await receive(viewer)
        await cameras[0].send(PHOTO)
        self.assertEqual((await receive(viewer))["num_views"], 1)

        async def both():
            await cameras[1].send(SMALL_PHOTO)
            await ask(cameras[1], {"type": "ping"})
            await cameras[0].send(PHOTO)
            return points(await receive(viewer))

        placed = await both()
        np.testing.assert_allclose(placed, points(expected), atol=1e-4 * np.abs(placed).max())
        # Told where they stand, they stand there.
        for camera in cameras:
            await ask(camera, {"type": "configure", "extrinsics": np.eye(3, 4).ravel().tolist()})
        of_first = len(placed) - 56 * 42
        there = await both()
        self.assertEqual(len(there), len(placed))
        self.assertGreater(np.abs(there[of_first:] - placed[of_first:]).max(),
                           0.01 * np.abs(placed).max())

    async def test_window_and_buffer_size_have_an_effect(self):
        server = self.server("--align-window", 0, "--align-buffer", 2)
        viewer = await self.register(server, "viewer")
        await receive(viewer)
        cameras = [await self.register(server, "camera") for _ in range(2)]
        for _ in range(2):
            await receive(viewer)
        for camera in cameras * 2:  # never at the same moment
            await camera.send(PHOTO)
            self.assertEqual((await receive(viewer))["num_views"], 1)

        server = self.server("--align-window", 60000, "--align-buffer", 2)
        viewer = await self.register(server, "viewer")
        await receive(viewer)
        fast = await self.register(server, "camera")
        slow = await self.register(server, "camera")
        await fast.send(PHOTO)
        await ask(fast, {"type": "ping"})
        await slow.send(PHOTO)
        await ask(slow, {"type": "ping"})
        for _ in range(6):  # the first completes a set, the others wait for the slow one
            await fast.send(PHOTO)
        await ask(fast, {"type": "ping"})
        await self.register(server, "camera")  # makes the list go out
        while (listed := await receive(viewer))["type"] != "camera_list" or listed["count"] < 3:
            pass
        self.assertEqual([camera["buffer_size"] for camera in listed["cameras"]], [2, 0, 0])

    async def test_a_view_that_fails_is_told_to_its_camera_and_left_out(self):
        server = self.server("--align-window", 60000)
        viewer = await self.register(server, "viewer")
        await receive(viewer)
        good = await self.register(server, "camera")
        bad = await self.register(server, "camera")
        for _ in range(2):
            await receive(viewer)
        await good.send(PHOTO)
        await receive(viewer)
        await bad.send(b"garbage")
        await ask(bad, {"type": "ping"})
        await good.send(PHOTO)
        answer = await receive(bad)
        self.assert_error(answer, "unsupported", "")
        self.assertEqual(answer["frame_id"], 1)
        self.assertEqual((await receive(viewer))["num_views"], 1)
        self.assertEqual(server.frames()["failed"], 0)

    async def test_cameras_are_pinged(self):
        server = self.server("--ping-interval", 0.05)
        viewer = await self.register(server, "viewer")
        await receive(viewer)
        camera = await self.register(server, "camera")
        await receive(viewer)
        for _ in range(3):
            message = await asyncio.wait_for(camera.recv(), 20)
            self.assertEqual(json.loads(message), {"type": "ping"})
        await camera.send(json.dumps({"type": "pong"}))
        self.assertEqual(await ask(viewer, {"type": "ping"}), {"type": "pong"})


if __name__ == "__main__":
    unittest.main()
