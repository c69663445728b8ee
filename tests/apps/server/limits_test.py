# SPDX-License-Identifier: Apache-2.0
"""Every limit of depthcloud-server, and what becomes of clients that reach it."""

import asyncio
import json
import os
import re
import resource
import socket
import subprocess
import tempfile
import time
import unittest
import zlib

import websockets

from server_case import (HAS_TORCH, PATIENCE, PHOTO, PROGRAM, SLOW, SMALL_PHOTO, SOURCES,
                         ServerCase, ask, copy_model, extensions_of, receive, run_fails, status_of)

MIB = 1 << 20


def raw(server, data=b""):
    """A TCP connection that has sent `data`."""
    connection = socket.create_connection((server.host, server.port), timeout=PATIENCE)
    connection.sendall(data)
    return connection


def read_all(connection):
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")


def websocket(server):
    """A TCP connection after its handshake, which nothing more is read from or written to."""
    connection = raw(server, UPGRADE)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return connection


def frame(opcode, size, sent=b"", final=True):
    """The beginning of a masked WebSocket frame that claims `size` bytes."""
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
    return bytes([opcode | (0x80 if final else 0)]) + length + bytes(4) + sent


class Messages(ServerCase):
    async def assert_closes(self, client, code):
        with self.assertRaises(websockets.ConnectionClosed):
            while True:
                await receive(client)
        self.assertEqual(client.close_code, code)

    async def test_oversized_messages_close_that_connection_with_1009(self):
        server = self.server()
        async with server.connect() as good:
            for message in bytes(9 * MIB), bytes(8 * MIB + 1), "x" * (12 * MIB + 1):
                async with server.connect() as client:
                    try:
                        await client.send(message)
                    except websockets.ConnectionClosed:
                        pass
                    await self.assert_closes(client, 1009)
            async with server.connect() as client:  # in parts, none of which is too large
                async def parts():
                    for _ in range(9):
                        yield bytes(MIB)
                try:
                    await client.send(parts())
                except websockets.ConnectionClosed:
                    pass
                await self.assert_closes(client, 1009)
            self.assertEqual((await ask(good, PHOTO))["type"], "pointcloud")
        self.assertEqual(server.metrics()["oversized_messages_total"], 4)

    async def test_the_largest_messages_pass_and_kinds_are_told_apart(self):
        server = self.server()
        async with server.connect() as client:
            self.assert_error(await ask(client, bytes(8 * MIB)), "unsupported", "")
            # a text of 10 MiB is no binary message of 10 MiB
            self.assert_error(await ask(client, "x" * (10 * MIB)), "corrupt_data", "JSON")
            data = json.dumps({"type": "frame", "data": "A" * (11 * MIB)})
            self.assert_error(await ask(client, data), "unsupported", "")

    async def test_limits_are_options(self):
        server = self.server("--max-binary-bytes", 1000, "--max-text-bytes", 500)
        async with server.connect() as client:
            self.assert_error(await ask(client, bytes(1000)), "unsupported", "")
            await client.send(bytes(1001))
            await self.assert_closes(client, 1009)
        async with server.connect() as client:
            self.assert_error(await ask(client, "x" * 500), "corrupt_data", "")
            await client.send("x" * 501)
            await self.assert_closes(client, 1009)

    async def test_pixels(self):
        server = self.server("--max-pixels", 599 * 400)
        async with server.connect() as client:
            self.assert_error(await ask(client, PHOTO), "limit_exceeded", "")

    async def test_bombs(self):
        server = self.server()
        size = SMALL_PHOTO.index(b"\xff\xc0") + 5
        large = SMALL_PHOTO[:size] + (8000).to_bytes(2, "big") * 2 + SMALL_PHOTO[size + 4:]
        scans = (SOURCES / "tests/fuzz/corpus/jpeg/many_scans.jpg").read_bytes()
        last = scans.rindex(b"\xff\xda")
        scans = scans[:last] + scans[last:-2] * 100 + scans[-2:]
        before = server.memory()[1]
        async with server.connect() as client:
            self.assert_error(await ask(client, large), "limit_exceeded", "8000")
            self.assert_error(await ask(client, scans), "limit_exceeded", "scans")
            self.assertEqual((await ask(client, SMALL_PHOTO))["type"], "pointcloud")
        self.assertLess(server.memory()[1] - before, 64 * MIB * SLOW)

    async def test_compression_is_off(self):
        server = self.server()
        async with server.connect(compression="deflate") as client:
            self.assertEqual(list(extensions_of(client)), [])

    async def test_breaches_of_the_protocol(self):
        server = self.server("--handshake-timeout", 0.5 * SLOW)  # for them to say goodbye, too
        for data in (b"\x82\x05hello",  # not masked
                     b"\xf2\x80\x00\x00\x00\x00",  # reserved bits
                     b"\x83\x80\x00\x00\x00\x00",  # reserved opcode
                     b"\x81\x82\x00\x00\x00\x00\xff\xfe",  # a text that is not UTF-8
                     b"\x00\x80\x00\x00\x00\x00",  # a continuation of nothing
                     frame(2, 1 << 62)):
            with websocket(server) as connection:
                connection.sendall(data)
                self.assertEqual(read_all(connection)[:1], b"\x88", data)  # it closes
        self.assertEqual(server.get("/healthz")[0], 200)


def png(width, height):
    """A black PNG of one bit a pixel."""
    def chunk(kind, data):
        return (len(data).to_bytes(4, "big") + kind + data +
                zlib.crc32(kind + data).to_bytes(4, "big"))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    rows = bytes(1 + (width + 7) // 8) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


class Passes(ServerCase):
    """What one frame can make the network do."""

    @unittest.skipUnless(HAS_TORCH, "this build has no LibTorch")
    async def test_a_frame_of_any_shape_holds_nobody_up(self):
        with tempfile.TemporaryDirectory() as root:
            copy_model("da2_micro", root)
            server = self.server("--process-res", 140, "--stride", 1, model=root)
        shapes = [(1, 8000), (3, 8000), (16, 8000), (100, 8000), (8000, 3000),
                  (3000, 8000), (8000, 100), (8000, 16), (8000, 3), (8000, 1)]
        async with server.connect() as strange, server.connect() as healthy:
            for width, height in shapes:
                await strange.send(png(width, height))
                self.assertEqual((await ask(healthy, SMALL_PHOTO))["type"], "pointcloud")
                cloud = await receive(strange)
                self.assertEqual(cloud["type"], "pointcloud", cloud)
                self.assertLessEqual(cloud["num_points"], 4 * 140 * 154, (width, height))
        self.assertEqual(server.stop(), 0)

    async def test_a_pass_that_runs_is_abandoned_when_the_server_ends(self):
        server = self.server("--max-batch", 1, "--drain-timeout", 0.3, model="constant:2,60000")
        async with server.connect() as client:
            await client.send(SMALL_PHOTO)
            while server.frames()["in_flight"] == 0:
                await asyncio.sleep(0.01)
            before = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - before, 3 * SLOW)

    async def test_a_slow_pass_is_counted_and_logged_while_it_runs(self):
        server = self.server("--max-batch", 1, "--slow-pass", 0.05, "--drain-timeout", 0,
                             model="constant:2,60000")
        async with server.connect() as client:
            self.assertEqual(server.metrics()["slow_passes_total"], 0)
            await client.send(SMALL_PHOTO)
            while server.metrics()["slow_passes_total"] == 0:
                await asyncio.sleep(0.01)
            self.assertIn("takes longer than 0.05 s", server.logged())


class Clients(ServerCase):
    async def test_number_of_clients(self):
        server = self.server("--max-clients", 2)
        async with server.connect():
            async with server.connect():
                self.assertEqual(await status_of(server.connect()), 503)
        for _ in range(int(100 * SLOW)):
            if server.metrics()['clients{role="none"}'] == 0:
                break
            await asyncio.sleep(0.02)
        async with server.connect():
            pass
        self.assertEqual(server.metrics()["clients_refused_total"], 1)

    async def test_number_of_cameras(self):
        server = self.server("--max-cameras", 1)
        register = {"type": "register_role", "role": "camera"}
        async with server.connect() as first, server.connect() as second:
            for _ in range(2):  # the second time it is one already
                await first.send(json.dumps(register))
                self.assertEqual(await ask(first, {"type": "ping"}), {"type": "pong"})
            self.assert_error(await ask(second, register), "limit_exceeded", "1 cameras already")
            self.assertEqual((await ask(second, PHOTO))["type"], "pointcloud")  # no camera
            await first.send(json.dumps({"type": "register_role", "role": "viewer"}))
            await receive(first)
            await second.send(json.dumps(register))
            self.assertEqual((await receive(first))["count"], 1)

    async def test_frames_above_a_clients_rate_are_skipped(self):
        server = self.server("--max-fps", 2)
        async with server.connect() as client:
            for _ in range(10):
                await client.send(PHOTO)
            await receive(client)
            await ask(client, {"type": "ping"})
        counts = server.frames()
        self.assertEqual(counts["offered"], 10)
        self.assertGreaterEqual(counts["skipped"], 8)
        self.assertEqual(counts["failed"], 0)

    async def test_policies(self):
        for policy, newest in ("latest_wins", 4), ("skip_while_busy", None):
            server = self.server("--policy", policy, "--max-batch", 1, model="constant:2,400")
            async with server.connect() as client:
                await client.send(PHOTO)
                while server.frames()["in_flight"] == 0:
                    await asyncio.sleep(0.01)
                for _ in range(3):
                    await client.send(PHOTO)
                self.assertEqual((await receive(client))["frame_id"], 1)
                if newest:
                    self.assertEqual((await receive(client))["frame_id"], newest)
                await ask(client, {"type": "ping"})
            counts = server.frames()
            dropped = counts["replaced"] if newest else counts["skipped"]
            self.assertEqual(dropped, 2 if newest else 3, counts)

    async def test_frames_that_waited_too_long_expire(self):
        server = self.server("--max-age", 20, "--max-batch", 1, model="constant:2,300")
        async with server.connect() as client:
            await client.send(PHOTO)
            while server.frames()["in_flight"] == 0:
                await asyncio.sleep(0.01)
            await client.send(PHOTO)
            self.assertEqual((await receive(client))["frame_id"], 1)
            while (counts := server.frames())["waiting"]:
                await asyncio.sleep(0.01)
            self.assertEqual(counts["expired"], 1)

    async def test_frames_of_several_clients_share_a_pass_where_that_pays(self):
        delay, clients = 0.3 * SLOW, 4
        for flags in [], ["--max-batch", 1]:  # two passes against five
            server = self.server(*flags, model=f"constant:2,{delay * 1000}")
            self.assertEqual(server.metrics()["batch_limit"], 1 if flags else 8)
            sockets = [await server.connect() for _ in range(clients)]
            await sockets[0].send(PHOTO)
            while server.frames()["in_flight"] == 0:
                await asyncio.sleep(0.01)
            for one in sockets:
                await one.send(PHOTO)
            start = time.monotonic()
            await receive(sockets[0])
            await asyncio.gather(*map(receive, sockets))
            passes = (time.monotonic() - start) / delay
            if flags:
                self.assertGreater(passes, 4)
            else:
                self.assertLess(passes, 4)
            for one in sockets:
                await one.close()

    async def test_a_slow_reader_loses_old_clouds_and_never_memory(self):
        limit = 2 * MIB
        server = self.server("--max-queued-bytes", limit)
        async with server.connect() as good:
            slow = websocket(server)
            size = len(PHOTO)
            sent = 0
            deadline = time.monotonic() + PATIENCE
            while server.metrics()["clouds_dropped_total"] < 20:
                slow.sendall(frame(2, size, PHOTO))
                sent += 1
                self.assertEqual((await ask(good, PHOTO))["type"], "pointcloud")
                self.assertLess(server.metrics()["queued_bytes"], limit + 700_000)
                self.assertLess(time.monotonic(), deadline)
            # It reads again, and its newest cloud is among the ones that it gets.
            slow.settimeout(0.5)
            tail = b""
            try:
                while part := slow.recv(MIB):
                    tail = (tail + part)[-2000:]
            except TimeoutError:
                pass
            self.assertIn(b"frame_id\xcd" + sent.to_bytes(2, "big") if sent > 255 else
                          b"frame_id" + (b"\xcc" if sent > 127 else b"") + bytes([sent]), tail)
            slow.close()


class Scarcity(ServerCase):
    """What the operating system no longer gives costs a connection, never the server."""

    def test_silent_connections_keep_nobody_out(self):
        server = self.server()
        silent = [raw(server, b"GET / HT") for _ in range(300)]
        self.assertEqual(server.get("/healthz")[0], 200)
        self.assertEqual(read_all(silent[0]), b"")  # the oldest made room
        for connection in silent:
            connection.close()

    @unittest.skipUnless(SLOW == 1, "sanitizers need descriptors: UBSan looks at objects through pipes")
    def test_file_descriptors(self):
        server = self.server()
        server.limit(resource.RLIMIT_NOFILE, len(os.listdir(f"/proc/{server.process.pid}/fd")) + 4)
        waiting = [raw(server) for _ in range(20)]
        time.sleep(0.3)
        for connection in waiting:
            connection.close()
        self.assertEqual(server.get("/healthz")[0], 200)
        self.assertIn("event=accept_failed", server.logged())

    @unittest.skipUnless(SLOW == 1, "sanitizers take address space as they like")
    async def test_memory(self):
        server = self.server()
        server.limit(resource.RLIMIT_AS, server.memory()[0] + 40 * MIB)
        parts = []
        for _ in range(16):  # each nearly the longest message that is taken
            try:
                parts.append(websocket(server))
                parts[-1].sendall(frame(2, 8 * MIB, bytes(8 * MIB - 1)))
            except (OSError, AssertionError):
                break
        for connection in parts:
            connection.close()
        for _ in range(int(PATIENCE * 10)):
            self.assertIsNone(server.process.poll(), server.logged())
            try:
                async with server.connect() as client:
                    if (await ask(client, PHOTO))["type"] == "pointcloud":
                        break
            except (OSError, websockets.WebSocketException):
                pass
            await asyncio.sleep(0.1)
        else:
            self.fail("it does not serve any more: " + server.logged())
        self.assertIn("out of memory", server.logged())
        self.assertEqual(server.stop(), 0)


class Timeouts(ServerCase):
    def test_slow_requests_end(self):
        server = self.server("--handshake-timeout", 0.3)
        for data in b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: local":
            start = time.monotonic()
            with raw(server, data) as connection:
                self.assertEqual(read_all(connection), b"")
            self.assertLess(time.monotonic() - start, 10 * SLOW)

    def test_slow_readers_of_pages_end(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/index.html", "wb") as page:
                page.truncate(64 * MIB)
            server = self.server("--idle-timeout", 0.5, "--viewer-dir", folder)
            with raw(server, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
                self.assertEqual(connection.recv(15), b"HTTP/1.1 200 OK")
                deadline = time.monotonic() + PATIENCE
                while self.connections(server) > 0:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.05)
                self.assertLess(len(read_all(connection)), 64 * MIB)

    @staticmethod
    def connections(server):
        """How many sockets it has beside the one that listens."""
        folder = f"/proc/{server.process.pid}/fd"
        links = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
        return sum(link.startswith("socket:") for link in links) - 1

    def test_silent_clients_end_and_pings_keep_others(self):
        server = self.server("--idle-timeout", 1)
        with websocket(server) as silent:
            answer = read_all(silent)  # does not answer the ping
            self.assertIn(b"\x89\x00", answer)

        async def stays():
            async with server.connect() as client:
                await asyncio.sleep(3)
                self.assertEqual(await ask(client, {"type": "ping"}), {"type": "pong"})
        asyncio.run(stays())

    def test_http_limits(self):
        server = self.server()
        self.assertEqual(server.get("/", {"X-Long": "x" * 20000})[0], 431)
        self.assertEqual(server.request("POST", "/", body=bytes(2000))[0], 413)
        self.assertEqual(server.request("POST", "/", body=b"x")[0], 405)
        self.assertEqual(server.request("DELETE", "/")[1]["Allow"], "GET, HEAD")
        for garbage in b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n":
            with raw(server, garbage) as connection:
                self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 400"), garbage)
        with raw(server, UPGRADE + frame(2, 5, b"hello")) as connection:  # before the handshake
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 400"))
        with raw(server, b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 426"))


class Flags(ServerCase):
    def test_bad_flags(self):
        """Exit code and line; options_test.cpp has them all."""
        for flags in ["--stride", 0], ["--nonsense"], ["--model", "constant:x"]:
            code, message = run_fails("--model", "constant", "--port", 0, *flags)
            self.assertEqual(code, 2, (flags, message))
            self.assertEqual(len(message.splitlines()), 1, message)

    def test_a_port_in_use(self):
        server = self.server()
        code, message = run_fails("--model", "constant", "--port", server.port)
        self.assertEqual(code, 1)
        self.assertRegex(message, rf"cannot listen on 127\.0\.0\.1 port {server.port}: .*in use")

    def test_help_and_version(self):
        for flag in "--help", "--version":
            self.assertEqual(run_fails(flag), (0, ""))

    def test_every_flag_is_documented_and_tested(self):
        text = subprocess.run([PROGRAM, "--help"], check=True, capture_output=True, text=True).stdout
        flags = set(re.findall(r"^ +(?:-h,)?(--[a-z-]+)", text, re.M)) - {"--help", "--version"}
        self.assertGreater(len(flags), 35)
        page = (SOURCES / "docs/server.md").read_text()
        tests = (SOURCES / "tests/apps/server/options_test.cpp").read_text()
        for flag in flags:
            self.assertRegex(page, f"`[^`]*{flag}\\b", flag)
            self.assertGreaterEqual(tests.count(f'"{flag}'), 2, flag)  # a good and a bad value

    async def test_cloud_flags(self):
        server = self.server("--stride", 8, "--max-points", 50)
        async with server.connect() as client:
            self.assertEqual((await ask(client, PHOTO))["num_points"], 50)
        if not HAS_TORCH:
            return
        with tempfile.TemporaryDirectory() as folder:
            copy_model("da3_micro", folder)  # constant depth has no confidence
            server = self.server("--min-confidence", 1e9, "--process-res", 56, model=folder)
            async with server.connect() as client:
                self.assertEqual((await ask(client, PHOTO))["num_points"], 0)


if __name__ == "__main__":
    unittest.main()
