#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A thin server under a stock client: websocket_server_test.py PHOTO COMMAND..."""

import asyncio
import json
import pathlib
import subprocess
import sys
import unittest

try:
    import msgpack
    import websockets
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

PHOTO = pathlib.Path(sys.argv[1]).read_bytes()
COMMAND = sys.argv[2:]


class ThinServer(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.server = subprocess.Popen([*COMMAND, "0", "constant:2"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.url = self.server.stdout.readline().strip()

    def tearDown(self):
        self.server.terminate()
        self.server.wait(timeout=20)
        self.server.stdout.close()

    async def ask(self, client, frame):
        await client.send(frame)
        return await asyncio.wait_for(client.recv(), 20)

    def connect(self):
        return websockets.connect(self.url, max_size=None)

    async def test_each_frame_has_one_answer(self):
        async with self.connect() as client:
            for _ in range(2):
                packet = msgpack.unpackb(await self.ask(client, PHOTO))
                self.assertEqual(packet["type"], "pointcloud")
                self.assertEqual(packet["encoding"], "depth")
                self.assertGreater(packet["num_points"], 1000)

    async def test_a_bad_frame_is_answered_and_the_next_is_good(self):
        async with self.connect() as client:
            for bad in b"no JPEG", PHOTO[:2000], "text":
                error = json.loads(await self.ask(client, bad))
                self.assertEqual(error["type"], "error")
                self.assertTrue(error["message"])
            self.assertIsInstance(await self.ask(client, PHOTO), bytes)

    async def test_clients_come_and_go(self):
        for _ in range(3):
            async with self.connect() as client:
                self.assertIsInstance(await self.ask(client, PHOTO), bytes)

    async def test_a_message_that_is_too_large_ends_that_connection_only(self):
        client = await self.connect()  # which is gone afterwards: nothing is left to close
        with self.assertRaises((websockets.ConnectionClosed, OSError)):
            await self.ask(client, bytes(9 << 20))
        async with self.connect() as client:
            self.assertIsInstance(await self.ask(client, PHOTO), bytes)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
