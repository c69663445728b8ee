# SPDX-License-Identifier: Apache-2.0
"""soak_test.py SECONDS: 28 well-behaved clients at 30 frames a second beside one that never reads,
one that sends garbage, one that sends 9 MiB and one that leaves in the middle of a frame every second.
Fails unless every well-behaved client gets its share, memory stays flat, the counts add up and the
server ends in order. Environment: as server_case.py, and DEPTHCLOUD_LOAD_CLIENT."""

import asyncio
import json
import os
import sys

import websockets

from limits_test import UPGRADE, frame
from server_case import SLOW, SMALL_JPEG, SMALL_PHOTO, Server

HEALTHY = 28
FPS = 30
SECONDS = float(sys.argv[1])


async def never_reads(server, sent):
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    reader._transport.pause_reading()  # pylint: disable=protected-access
    jpeg = SMALL_PHOTO
    while True:
        writer.write(frame(2, len(jpeg), jpeg))
        await writer.drain()
        sent["never reads"] += 1
        await asyncio.sleep(1 / FPS)


async def sends_garbage(server, sent):
    jpeg = bytearray(SMALL_PHOTO)
    jpeg[300:] = os.urandom(len(jpeg) - 300)
    texts = ["{", "[]", '{"type":"configure","stride":0}', '{"type":"frame","data":"??"}']
    async with server.connect() as client:
        async def read():
            async for _ in client:
                pass
        reading = asyncio.create_task(read())
        try:
            while True:
                await client.send(os.urandom(2000) if sent["garbage"] % 2 else bytes(jpeg))
                await client.send(texts[sent["garbage"] % len(texts)])
                sent["garbage"] += 1
                await asyncio.sleep(1 / FPS)
        finally:
            reading.cancel()


async def sends_too_much(server, sent):
    message = bytes(9 << 20)
    while True:
        client = await server.connect()
        try:
            await client.send(message)
            await client.recv()
        except websockets.ConnectionClosed:
            pass
        await client.close()
        if client.close_code in (1009, 1006):
            sent["9 MiB"] += 1
        await asyncio.sleep(0.2)


async def leaves_mid_frame(server, sent):
    jpeg = SMALL_PHOTO
    while True:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame(2, len(jpeg), jpeg) + frame(2, len(jpeg), jpeg[:1000]))
        await writer.drain()
        await reader.read(100)
        writer.transport.abort()
        sent["leaves"] += 1
        await asyncio.sleep(1)


async def watch_memory(server, sizes):
    while True:
        await asyncio.sleep(0.5)
        sizes.append(server.memory()[1])


async def load(server):
    process = await asyncio.create_subprocess_exec(
        os.environ["DEPTHCLOUD_LOAD_CLIENT"], str(server.port), str(HEALTHY), str(FPS), str(SECONDS),
        str(SMALL_JPEG), '{"type":"configure","stride":4}', stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(out)


async def run(server):
    sent = {"never reads": 0, "garbage": 0, "9 MiB": 0, "leaves": 0}
    sizes = []
    others = [asyncio.create_task(task) for task in (
        never_reads(server, sent), sends_garbage(server, sent), sends_too_much(server, sent),
        leaves_mid_frame(server, sent), watch_memory(server, sizes))]
    result = await load(server)
    for task in others:
        assert not task.done(), task
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return result, sent, sizes


def check(good, message, failures):
    print("ok  " if good else "FAIL", message)
    if not good:
        failures.append(message)


def main():
    failures = []
    with Server("--stride", 4, model="constant") as server:
        result, sent, sizes = asyncio.run(run(server))

        clouds = [client["clouds"] for client in result["clients"]]
        mean = sum(clouds) / len(clouds)
        print(f"{mean / SECONDS:.1f} clouds a second for each of {HEALTHY} clients, "
              f"latency {result['latency_ms']}, others {sent}")
        check(min(clouds) >= 0.8 * mean and max(clouds) <= 1.2 * mean,
              f"each within 20 % of the mean: {min(clouds)} to {max(clouds)}, mean {mean:.0f}",
              failures)
        check(mean > 0 and not any(c["errors"] or c["lost"] for c in result["clients"]),
              "no error and no lost connection for a well-behaved client", failures)
        check(all(count > 0 for count in sent.values()), f"the others were at work: {sent}", failures)

        # The first third fills buffers and the heap. Sanitizers keep freed memory for a while.
        warm = max(sizes[:max(1, len(sizes) // 3)])
        grown = (max(sizes) - warm) / 1e6
        allowed = 24 if SLOW == 1 else 400
        check(grown < allowed, f"memory stays flat: {warm / 1e6:.0f} MB, then {grown:+.0f} MB", failures)

        deadline = 200
        while (counts := server.frames())["waiting"] + counts["in_flight"] > 0 and deadline:
            deadline -= 1
            asyncio.run(asyncio.sleep(0.05))
        offered, processed = counts["offered"], counts["processed"]
        check(offered == counts["admitted"] + counts["skipped"] + counts["replaced"]
              + counts["expired"], f"offered is the sum of what became of it: {counts}", failures)
        check(counts["admitted"] == processed + counts["failed"],
              "what was admitted was processed or failed", failures)
        metrics = server.metrics()
        check(metrics['stage_seconds_count{stage="pack"}'] == processed,
              "each processed frame is in each histogram", failures)
        check(metrics["oversized_messages_total"] >= sent["9 MiB"], "9 MiB closed the connection",
              failures)
        check(server.stop() == 0, "exits 0 after SIGTERM", failures)
        check(server.logged() == "", f"nothing was logged: {server.logged()[:2000]}", failures)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
