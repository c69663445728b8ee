#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""JPEG frames in, point clouds out: websocket_server.py [PORT [MODEL]]

The least that a server needs, to copy from, with the packages depthcloud and websockets: one frame at a
time, on this machine only. A client sends each frame as a binary message and gets one answer to it: a
packet (docs/wire-format.md), or a text message {"type":"error", ...}. apps/server is the one for
strangers, with limits, TLS and tokens."""

import asyncio
import json
import sys

import depthcloud
import websockets

LARGEST_FRAME = 8 << 20  # bytes


def answer(pipeline, jpeg):
    """A packet, or what was wrong with the frame."""
    try:
        return pipeline.process(jpeg).packet.tobytes()
    except depthcloud.DepthcloudError as error:
        return json.dumps({"type": "error", "message": str(error)})


async def main(port=8000, model="builtin"):
    pipeline = depthcloud.Model(model).pipeline(wire=depthcloud.WireFormat(encoding="depth"))
    one_at_a_time = asyncio.Lock()

    async def serve(client):
        async for message in client:
            jpeg = message.encode() if isinstance(message, str) else message
            async with one_at_a_time:
                await client.send(await asyncio.to_thread(answer, pipeline, jpeg))

    async with websockets.serve(serve, "127.0.0.1", int(port), max_size=LARGEST_FRAME) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        pass
    except (OSError, depthcloud.DepthcloudError) as error:
        sys.exit(f"websocket_server.py: {error}")
