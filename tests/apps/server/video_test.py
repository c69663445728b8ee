# SPDX-License-Identifier: Apache-2.0
"""Video over the WebSocket: every codec, what is lost, limits, and cameras of a rig."""

import asyncio
import time
import unittest

import msgpack
import numpy as np

from server_case import PATIENCE, SLOW, SMALL_PHOTO, ServerCase, ask, receive
from video_streams import (BLUE, CODEC_STRINGS, GREEN, HAS_FFMPEG, RED, has_encoder, message_of,
                           units_of)

CONFIG = {"type": "video_config", "codec": "avc1.42E01F", "width": 128, "height": 96}


def color_of(cloud):
    return np.frombuffer(cloud["colors"], np.uint8).reshape(-1, 3).mean(axis=0)


async def codecs_of(socket):
    return (await ask(socket, {"type": "configure"}))["video_codecs"]


async def messages_until_quiet(socket, seconds=0.5):
    """What comes until nothing has come for so long."""
    messages = []
    while True:
        try:
            message = await asyncio.wait_for(socket.recv(), seconds)
        except asyncio.TimeoutError:
            return messages
        messages.append(msgpack.unpackb(message) if isinstance(message, bytes) else message)


class Headers(ServerCase):
    """What needs no decoder."""

    async def test_an_access_unit_before_its_configuration_is_an_error(self):
        server = self.server()
        async with server.connect() as socket:
            answer = await ask(socket, message_of(b"x", True))
            self.assert_error(answer, "invalid_argument", "before the answer to video_config")
            self.assertEqual(answer["frame_id"], 1)
            self.assertEqual((await ask(socket, SMALL_PHOTO))["frame_id"], 2)

    async def test_bad_headers_and_configurations_are_errors_that_say_so(self):
        server = self.server("--max-pixels", 100_000)
        async with server.connect() as socket:
            for message, code, part in (
                    (b"DCVU", "corrupt_data", "of 4 bytes"),
                    (message_of(b"", True), "corrupt_data", "without data"),
                    (message_of(b"x", True).replace(b"DCVU\1", b"DCVU\2"), "unsupported", "kind 2"),
                    ({**CONFIG, "codec": 5}, "invalid_argument", "codec must be a text"),
                    ({**CONFIG, "width": 0}, "invalid_argument", "width must be an integer from 1 to"),
                    ({**CONFIG, "height": 1.5}, "invalid_argument", "height must be an integer"),
                    ({"type": "video_config", "codec": "vp8"}, "invalid_argument", "width must be"),
                    ({**CONFIG, "codec": "hev1.1.6.L93.B0"}, "unsupported", "this server decodes")):
                self.assert_error(await ask(socket, message), code, part)
            if "h264" in await codecs_of(socket):
                self.assert_error(await ask(socket, {**CONFIG, "width": 1000, "height": 101}), "limit_exceeded",
                                  "1000 x 101 pixels: the limit is 100000")

    async def test_video_can_be_switched_off(self):
        server = self.server("--max-video-clients", 0)
        async with server.connect() as socket:
            self.assertEqual(await codecs_of(socket), [])
            answer = await ask(socket, CONFIG)
            self.assert_error(answer, "unavailable", "no decoder of h264; this server decodes no video: send photos")
            self.assertEqual((await ask(socket, SMALL_PHOTO))["frame_id"], 1)

    async def test_a_codec_that_is_lacking_is_named_with_those_that_there_are(self):
        server = self.server("--log-level", "info", env={"GST_PLUGIN_FEATURE_RANK": "avdec_h264:NONE,openh264dec:NONE"})
        async with server.connect() as socket:
            codecs = await codecs_of(socket)
            self.assertNotIn("h264", codecs)
            known = f"this server decodes {', '.join(codecs)}" if codecs else "this server decodes no video: send photos"
            self.assert_error(await ask(socket, CONFIG), "unavailable", f"there is no decoder of h264; {known}")
        self.assertRegex(server.logged(), 'event=no_decoder codec=h264 reason=".*(gstreamer|video)')

    async def test_a_viewer_sends_no_video(self):
        server = self.server()
        async with server.connect() as socket:
            await ask(socket, {"type": "register_role", "role": "viewer"})
            self.assert_error(await ask(socket, CONFIG), "invalid_argument", "a viewer sends no frames")
            self.assert_error(await ask(socket, message_of(b"x", True)), "invalid_argument", "a viewer sends no frames")


class VideoCase(ServerCase):
    """Tests that need a decoder of H.264 in the server and ffmpeg."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        if not HAS_FFMPEG:
            self.skipTest("ffmpeg, which makes the videos, is not installed")

    async def video_server(self, *flags):
        server = self.server(*flags)
        async with server.connect() as socket:
            if "h264" not in await codecs_of(socket):
                self.skipTest("the server has no decoder of H.264")
        return server

    async def open_video(self, socket, config=None):
        config = config or CONFIG
        answer = await ask(socket, config)
        self.assertEqual(answer, {**config, "type": "video_configured"})


class Streams(VideoCase):
    async def test_every_codec_gives_the_colours_that_were_sent(self):
        server = await self.video_server()
        colors = (RED, GREEN, BLUE) * 4
        async with server.connect() as socket:
            known = await codecs_of(socket)
        for codec, codec_string in CODEC_STRINGS.items():
            with self.subTest(codec):
                if codec not in known or not has_encoder(codec):
                    self.skipTest(f"no decoder or no encoder of {codec}")
                async with server.connect() as socket:
                    await self.open_video(socket, {**CONFIG, "codec": codec_string})
                    for i, (data, is_key) in enumerate(units_of(codec, colors)):
                        cloud = await ask(socket, message_of(data, is_key, 1_700_000_000_000_000 + 100_000 * i))
                        self.assertEqual(cloud["type"], "pointcloud", cloud)
                        self.assertEqual(cloud["frame_id"], i + 1)
                        self.assertAlmostEqual(cloud["capture_ts"], 1_700_000_000 + i / 10, places=4)
                        self.assertLess(abs(color_of(cloud) - colors[i]).max(), 6, (i, color_of(cloud), colors[i]))

    async def test_photos_may_come_between_the_units(self):
        server = await self.video_server()
        async with server.connect() as socket:
            await self.open_video(socket)
            units = units_of("h264", (RED, RED))
            self.assertEqual((await ask(socket, message_of(*units[0])))["frame_id"], 1)
            photo = await ask(socket, SMALL_PHOTO)
            self.assertEqual(photo["frame_id"], 2)
            self.assertNotIn("capture_ts", photo)
            self.assertEqual((await ask(socket, message_of(*units[1], 40_000)))["frame_id"], 3)

    async def test_only_the_newest_pictures_go_on(self):
        await self.video_server()
        slow = self.server(model="constant:2,100")
        async with slow.connect() as socket:
            await self.open_video(socket)
            units = units_of("h264", (RED, GREEN, BLUE) * 10)
            for i, (data, is_key) in enumerate(units):
                await socket.send(message_of(data, is_key, 33_333 * i))
            clouds = await messages_until_quiet(socket, 2)
            ids = [cloud["frame_id"] for cloud in clouds]
            self.assertEqual(ids, sorted(ids))
            self.assertEqual(ids[-1], len(units))
            self.assertLess(len(ids), len(units) / 2)
            self.assertLess(abs(color_of(clouds[-1]) - BLUE).max(), 6)
            metrics = slow.metrics()
        self.assertEqual(metrics['video_units_total{state="received"}'], len(units))
        self.assertEqual(metrics['video_units_total{state="decoded"}'], len(units))

    async def test_a_stream_that_begins_in_the_middle_asks_for_a_key_frame_but_not_too_often(self):
        server = await self.video_server()
        async with server.connect() as socket:
            await self.open_video(socket)
            units = units_of("h264", (GREEN,) * 10)
            for i in range(1, 10):
                await socket.send(message_of(*units[i], 1000 * i))
            self.assertEqual(await messages_until_quiet(socket), ['{"type":"keyframe_request"}'])
            await asyncio.sleep(1)
            self.assertEqual(await ask(socket, message_of(*units[1], 20_000)), {"type": "keyframe_request"})
            cloud = await ask(socket, message_of(*units[0], 30_000))
            self.assertEqual(cloud["frame_id"], 11)
            self.assertLess(abs(color_of(cloud) - GREEN).max(), 6)
            metrics = server.metrics()
            self.assertEqual(metrics["key_frame_requests_total"], 2)
            self.assertEqual(metrics['video_units_total{state="dropped"}'], 10)

    async def test_after_garbage_the_next_key_frame_recovers(self):
        server = await self.video_server()
        async with server.connect() as socket:
            await self.open_video(socket)
            units = units_of("h264", (RED,) * 11)
            await ask(socket, message_of(*units[0]))
            await socket.send(message_of(b"\0\0\0\1\x41" + bytes(range(200)), False, 1000))
            await messages_until_quiet(socket)  # decoders may hide what is lost
            data, _ = units[10]
            cloud = await ask(socket, message_of(data, True, 2000))
            self.assertEqual(cloud["type"], "pointcloud", cloud)
            self.assertEqual(cloud["frame_id"], 3)
            self.assertLess(abs(color_of(cloud) - RED).max(), 6)

    async def test_the_size_of_the_pictures_may_change(self):
        server = await self.video_server("--stride", 1)
        async with server.connect() as socket:
            await self.open_video(socket)
            first = await ask(socket, message_of(*units_of("h264", (RED,))[0]))
            second = await ask(socket, message_of(*units_of("h264", (BLUE,), (64, 128))[0], 50_000))
            self.assertNotEqual(first["num_points"], second["num_points"])
            self.assertLess(abs(color_of(second) - BLUE).max(), 6)
            self.assertEqual(second["frame_id"], 2)

    async def test_another_codec_needs_another_configuration(self):
        server = await self.video_server()
        async with server.connect() as socket:
            if "vp8" not in await codecs_of(socket) or not has_encoder("vp8"):
                self.skipTest("no decoder or no encoder of vp8")
            await self.open_video(socket)
            await ask(socket, message_of(*units_of("h264", (RED,))[0]))
            await self.open_video(socket, {**CONFIG, "codec": "vp8"})
            cloud = await ask(socket, message_of(*units_of("vp8", (BLUE,))[0], 50_000))
            self.assertLess(abs(color_of(cloud) - BLUE).max(), 6)
            self.assertEqual(await ask(socket, {"type": "video_config", "codec": None}),
                             {"type": "video_configured", "codec": None})
            self.assert_error(await ask(socket, message_of(*units_of("vp8", (BLUE,))[0])), "invalid_argument",
                              "before the answer")

    async def test_a_new_connection_begins_anew(self):
        server = await self.video_server()
        for _ in range(3):
            async with server.connect() as socket:
                await self.open_video(socket)
                cloud = await ask(socket, message_of(*units_of("h264", (RED,))[0]))
                self.assertEqual(cloud["frame_id"], 1)
        self.assertEqual(server.stop(), 0)


class VideoLimits(VideoCase):
    async def test_a_picture_above_the_limit_is_an_error(self):
        server = await self.video_server("--max-pixels", 128 * 96)
        async with server.connect() as socket:
            await self.open_video(socket)
            await socket.send(message_of(*units_of("h264", (RED,), (256, 192))[0]))
            answers = [await receive(socket), await receive(socket)]
            self.assertIn({"type": "keyframe_request"}, answers)
            error = next(answer for answer in answers if answer["type"] == "error")
            self.assert_error(error, "limit_exceeded", "pixels")

    async def test_only_so_many_clients_have_a_decoder(self):
        server = await self.video_server("--max-video-clients", 1)
        async with server.connect() as first, server.connect() as second:
            await self.open_video(first)
            self.assert_error(await ask(second, CONFIG), "limit_exceeded", "1 clients send video already")
            await self.open_video(first)  # keeps its own
            self.assertEqual(server.metrics()["video_clients"], 1)
            await ask(first, {"type": "video_config", "codec": None})
            deadline = time.monotonic() + PATIENCE
            while server.metrics()["video_clients"] > 0 and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            await self.open_video(second)

    async def test_a_video_without_key_frames_is_an_error_after_a_while(self):
        server = await self.video_server()
        async with server.connect() as socket:
            await self.open_video(socket)
            units = units_of("h264", (GREEN,) * 2)
            deadline = time.monotonic() + 10 + PATIENCE
            seen = {}
            for i in range(10_000):
                await socket.send(message_of(*units[1], 1000 * i))
                for message in await messages_until_quiet(socket, 0.2):
                    seen[message] = seen.get(message, 0) + 1
                if any("error" in message for message in seen) or time.monotonic() > deadline:
                    break
            errors = [message for message in seen if "error" in message]
            self.assertEqual(len(errors), 1, seen)
            self.assertIn("key frame", errors[0])
            self.assertIn("corrupt_data", errors[0])


class Churn(VideoCase):
    async def test_clients_that_come_and_vanish_leave_nothing_behind(self):
        server = await self.video_server("--max-video-clients", 4)
        units = units_of("h264", (RED, GREEN, BLUE) * 4)

        async def visit():
            socket = await server.connect()
            answer = await ask(socket, CONFIG)
            if answer["type"] == "video_configured":  # else too many are there
                for i, unit in enumerate(units):
                    await socket.send(message_of(*unit, 1000 * i))
            socket.transport.abort()
            return answer["type"]

        async def round_of_visits():
            seen = await asyncio.gather(*(visit() for _ in range(6)))
            deadline = time.monotonic() + PATIENCE
            while server.metrics()["video_clients"] > 0 and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            return seen

        seen = [await round_of_visits() for _ in range(5)]
        self.assertTrue(all("video_configured" in answers for answers in seen), seen)
        before = server.memory()[1]
        for _ in range(int(20 / SLOW)):
            await round_of_visits()
        if SLOW == 1:  # sanitizers keep what was freed
            self.assertLess(server.memory()[1], 1.15 * before + 8e6)
        metrics = server.metrics()
        state = {name: metrics[f'video_units_total{{state="{name}"}}'] for name in ("received", "decoded", "failed", "dropped")}
        self.assertEqual(state["received"], state["decoded"] + state["failed"] + state["dropped"], state)
        self.assertEqual(metrics["video_units"], 0)
        self.assertEqual(server.stop(), 0)


class VideoRig(VideoCase):
    async def test_cameras_with_video_and_with_photos_become_one_cloud(self):
        server = await self.video_server("--align-window", 2000)
        async with server.connect() as first, server.connect() as second, server.connect() as viewer:
            await ask(viewer, {"type": "register_role", "role": "viewer"})
            for camera in first, second:
                await camera.send('{"type":"register_role","role":"camera"}')
                await receive(viewer)
            await self.open_video(first)
            (unit,) = units_of("h264", (RED,))
            deadline = time.monotonic() + PATIENCE
            cloud, sent = {}, 0
            while cloud.get("num_views") != 2 and time.monotonic() < deadline:
                sent += 1
                await first.send(message_of(*unit, 1000 * sent))
                await second.send(SMALL_PHOTO)
                cloud = await receive(viewer)
            self.assertEqual(cloud["num_views"], 2)
            colors = np.frombuffer(cloud["colors"], np.uint8).reshape(-1, 3).astype(int)
            self.assertLess(abs(colors[:10] - RED).max(), 12)
            self.assertGreater(abs(colors[-1000:] - RED).max(), 30)


if __name__ == "__main__":
    unittest.main()
