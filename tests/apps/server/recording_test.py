# SPDX-License-Identifier: Apache-2.0
"""depthcloud-server --record: what is in the file, how it ends, and that the server goes on."""

import asyncio
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

import msgpack

from server_case import PATIENCE, SMALL_PHOTO, ServerCase, ask, receive, run_fails

END = 2**64 - 1


def read_recording(path):
    """([(microseconds, client, bytes)], whether it was closed), as docs/recording.md says."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89DCR\r\n\x1a\n", data[:8]
    version, _, started = struct.unpack_from("<IIq", data, 8)
    assert version == 1 and abs(started / 1e6 - time.time()) < 3600
    messages, at = [], 24
    while at + 24 <= len(data):
        microseconds, client, size, checksum = struct.unpack_from("<QQII", data, at)
        message = data[at + 24:at + 24 + size]
        if len(message) < size:
            break
        assert zlib.crc32(data[at:at + 20] + message) == checksum
        if client == END:
            assert at + 24 == len(data)
            return messages, True
        messages.append((microseconds, client, message))
        at += 24 + size
    return messages, False


async def cloud_bytes(socket):
    """The message of the cloud of a frame, as it came."""
    await socket.send(SMALL_PHOTO)
    while True:
        message = await asyncio.wait_for(socket.recv(), PATIENCE)
        if isinstance(message, bytes):
            return message


async def metric(server, name, value):
    """Waits until a metric has a value."""
    deadline = time.monotonic() + PATIENCE
    while server.metrics()[name] != value:
        assert time.monotonic() < deadline, (name, server.metrics()[name])
        await asyncio.sleep(0.02)


class Recording(ServerCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "clouds.dcr"

    async def test_every_cloud_that_is_sent_is_in_the_file(self):
        server = self.server("--record", self.file)
        self.assertEqual(server.metrics()["recording"], 1)
        sent = []
        async with server.connect() as first, server.connect() as second:
            for socket, client in ((first, 1), (second, 2), (first, 1)):
                sent.append((client, await cloud_bytes(socket)))
            # a text is no cloud
            await ask(first, {"type": "ping"})
            await metric(server, "recorded_clouds_total", 3)
            self.assertEqual(server.metrics()["recording_dropped_total"], 0)
        self.assertEqual(server.stop(), 0)
        messages, is_closed = read_recording(self.file)
        self.assertTrue(is_closed)
        self.assertEqual([(client, data) for _, client, data in messages], sent)
        times = [microseconds for microseconds, _, _ in messages]
        self.assertEqual(times, sorted(times))
        self.assertLess(times[-1], 1e6 * PATIENCE)
        self.assertEqual(msgpack.unpackb(messages[0][2])["type"], "pointcloud")
        self.assertEqual(server.logged(), "")

    async def test_clouds_that_are_drained_after_sigterm_are_in_the_file(self):
        server = self.server("--record", self.file, model="constant:2,500")
        async with server.connect() as socket:
            await socket.send(SMALL_PHOTO)
            while server.frames()["in_flight"] == 0:
                await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual((await receive(socket))["frame_id"], 1)
        self.assertEqual(server.process.wait(timeout=PATIENCE), 0)
        messages, is_closed = read_recording(self.file)
        self.assertEqual((len(messages), is_closed), (1, True))

    async def test_a_killed_server_leaves_what_it_wrote(self):
        server = self.server("--record", self.file)
        async with server.connect() as socket:
            await cloud_bytes(socket)
            await metric(server, "recorded_clouds_total", 1)
            server.stop(signal.SIGKILL)
        messages, is_closed = read_recording(self.file)
        self.assertEqual((len(messages), is_closed), (1, False))

    async def goes_on(self, server, before, reason):
        """A recording ends after so many clouds, with one line; clouds are still sent."""
        async with server.connect() as socket:
            for _ in range(before + 3):
                await cloud_bytes(socket)
        await metric(server, "recording_dropped_total", 3)
        metrics = server.metrics()
        self.assertEqual(metrics["recorded_clouds_total"], before)
        self.assertEqual(metrics["recording"], 0)
        self.assertEqual(metrics["clouds_sent_total"], before + 3)
        self.assertEqual(server.stop(), 0)
        log = server.logged().splitlines()
        self.assertEqual(len(log), 1, log)
        self.assertIn("level=error event=recording_ended", log[0])
        self.assertIn(reason, log[0])

    async def test_a_full_disk_ends_the_recording_and_not_the_server(self):
        await self.goes_on(self.server("--record", "/dev/full"), 0, "No space left on device")

    async def test_the_limit_ends_the_recording_and_not_the_server(self):
        server = self.server()
        async with server.connect() as socket:
            size = len(await cloud_bytes(socket))
        limit = 24 + 2 * (24 + size) + 24 + 50  # two clouds and no third
        await self.goes_on(self.server("--record", self.file, "--record-max-bytes", limit), 2,
                           f"exceed the limit of {limit}")
        self.assertLessEqual(self.file.stat().st_size, limit)
        messages, is_closed = read_recording(self.file)
        self.assertEqual((len(messages), is_closed), (2, True))

    def test_what_is_refused(self):
        self.file.write_bytes(b"precious")
        code, line = run_fails("--port", "0", "--model", "constant:2", "--record", self.file)
        self.assertEqual(code, 2)
        self.assertIn(f"'{self.file}' exists and would be overwritten", line)
        self.assertEqual(self.file.read_bytes(), b"precious")
        for flags in (("--record-max-bytes", 1000), ("--record", self.file, "--record-max-bytes", 47),
                      ("--record", "")):
            self.assertEqual(run_fails("--port", "0", *flags)[0], 2, flags)
        code, line = run_fails("--port", "0", "--model", "constant:2", "--record",
                               self.file.parent / "none" / "a")
        self.assertEqual(code, 1)
        self.assertIn("No such file or directory", line)

    @unittest.skipUnless("DEPTHCLOUD_PROGRAM" in os.environ, "the command line is not built")
    async def test_the_command_line_replays_it(self):
        server = self.server("--record", self.file)
        async with server.connect() as socket:
            sent = [await cloud_bytes(socket) for _ in range(2)]
            await metric(server, "recorded_clouds_total", 2)
        server.stop()
        done = subprocess.run([os.environ["DEPTHCLOUD_PROGRAM"], "replay", self.file, "-o", "-", "--raw",
                               "-q"], capture_output=True, timeout=PATIENCE, check=True)
        self.assertEqual((done.stdout, done.stderr), (b"".join(sent), b""))


if __name__ == "__main__":
    unittest.main()
