# SPDX-License-Identifier: Apache-2.0
"""`depthcloud replay`: recordings to standard output and to files."""

import os
import signal
import subprocess
import time
import unittest

import msgpack
import numpy as np

from cli_case import (END_OF_RECORDING, PROGRAM, RECORDING_HEADER, CliCase, read_ply_as_written, record)


def message(number, points=2):
    return msgpack.packb({"type": "pointcloud", "timestamp": "", "num_points": points,
                          "points": np.arange(3 * points, dtype="<f4").tobytes(),
                          "colors": bytes(3 * points), "frame_id": number})


MESSAGES = [message(number) for number in range(4)]
# 0.2 s apart, of clients 1 and 2 in turn
RECORDS = [record(1_000_000 + 200_000 * number, 1 + number % 2, data)
           for number, data in enumerate(MESSAGES)]
WHOLE = RECORDING_HEADER + b"".join(RECORDS) + END_OF_RECORDING


class Replay(CliCase):
    def setUp(self):
        super().setUp()
        (self.dir / "a.dcr").write_bytes(WHOLE)

    def played(self, *arguments, given=b"", code=0):
        """(standard output, standard error, seconds)"""
        start = time.monotonic()
        done = self.piped("replay", *arguments, given=given, code=code)
        return done.stdout, done.stderr.decode(), time.monotonic() - start

    def start(self, *arguments, **options):
        process = subprocess.Popen([PROGRAM, "replay", *map(str, arguments)], cwd=self.dir,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_messages_at_their_times(self):
        out, log, seconds = self.played("a.dcr", "-o", "-")
        self.assertEqual(out, b"".join(MESSAGES))
        self.assertEqual(log, "a.dcr: 4 messages -> -\n")
        self.assertGreater(seconds, 0.6)
        out, log, faster = self.played("a.dcr", "-o", "-", "--speed", 0.5, "-q")
        self.assertEqual((out, log), (b"".join(MESSAGES), ""))
        self.assertGreater(faster, 1.2)
        slow = RECORDING_HEADER + record(0, 1, MESSAGES[0]) + record(10**9, 1, MESSAGES[1]) + END_OF_RECORDING
        (self.dir / "slow.dcr").write_bytes(slow)
        for flags in (("--raw",), ("--speed", 1e6)):
            out, _, seconds = self.played("slow.dcr", "-o", "-", *flags)
            self.assertEqual(out, b"".join(MESSAGES[:2]))
            self.assertLess(seconds, 60)
        out, _, _ = self.played("-", "-o", "-", "--raw", given=WHOLE)
        self.assertEqual(out, b"".join(MESSAGES))

    def test_one_client(self):
        out, _, _ = self.played("a.dcr", "-o", "-", "--raw", "--stream", 2)
        self.assertEqual(out, MESSAGES[1] + MESSAGES[3])
        _, log, _ = self.played("a.dcr", "-o", "-", "--raw", "--stream", 9, code=1)
        self.assertEqual(log, "depthcloud: a.dcr: there is no message of client 9\n")

    def test_times_that_go_back_or_are_absurd(self):
        odd = [record(5_000_000, 1, MESSAGES[0]), record(0, 1, MESSAGES[1]), record(5_000_000, 1, MESSAGES[2])]
        (self.dir / "odd.dcr").write_bytes(RECORDING_HEADER + b"".join(odd) + END_OF_RECORDING)
        self.assertEqual(self.played("odd.dcr", "-o", "-")[0], b"".join(MESSAGES[:3]))
        odd = [record(0, 1, MESSAGES[0]), record(2**64 - 1, 1, MESSAGES[1])]
        (self.dir / "odd.dcr").write_bytes(RECORDING_HEADER + b"".join(odd) + END_OF_RECORDING)
        process = self.start("odd.dcr", "-o", "-")
        self.assertEqual(process.stdout.read(len(MESSAGES[0])), MESSAGES[0])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 0)

    def test_a_loop_ends_with_a_signal(self):
        for how in (signal.SIGINT, signal.SIGTERM):
            process = self.start("a.dcr", "-o", "-", "--loop", "--speed", 20)
            for _ in range(3):
                self.assertEqual(process.stdout.read(len(b"".join(MESSAGES))), b"".join(MESSAGES))
            process.send_signal(how)
            rest = process.stdout.read()
            self.assertEqual(process.wait(timeout=60), 0)
            self.assertTrue(b"".join(MESSAGES).startswith(rest))
            self.assertEqual(process.stderr.read(), b"")
        process = self.start("a.dcr", "-o", "-", "--loop", "--raw")
        process.stdout.read(100_000)
        process.send_signal(signal.SIGINT)
        # nobody reads on
        self.assertEqual(process.wait(timeout=60), 0)

    def test_a_closed_pipe_ends_it_quietly(self):
        process = self.start("a.dcr", "-o", "-", "--loop", "--raw")
        process.stdout.read(1000)
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_a_full_device_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "replay", "a.dcr", "-o", "-", "--raw"], cwd=self.dir, stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left on device", done.stderr)

    def test_files(self):
        for kind in ("msgpack", "ply", "pcd"):
            self.run_ok("replay", "a.dcr", "-o", "out", "--format", kind)
        names = [f"{number:06}.{kind}" for number in (1, 2, 3, 4) for kind in ("msgpack", "pcd", "ply")]
        self.assertEqual(self.names("out"), names)
        self.assertEqual((self.dir / "out/000002.msgpack").read_bytes(), MESSAGES[1])
        positions, _, axes = read_ply_as_written(self.dir / "out/000001.ply")
        self.assertEqual(axes, "opengl")
        np.testing.assert_array_equal(positions, [[0, 1, -2], [3, 4, -5]])
        self.run_ok("replay", "a.dcr", "-o", "ros", "--format", "ply", "--axes", "ros", "--stream", 2)
        self.assertEqual(self.names("ros"), ["000002.ply", "000004.ply"])
        self.assertEqual(read_ply_as_written(self.dir / "ros/000002.ply")[2], "ros")

    def test_a_message_that_is_none_does_not_stop_the_rest(self):
        bad = RECORDING_HEADER + record(0, 1, b"\x81\xa4type\xa3abc") + RECORDS[0] + END_OF_RECORDING
        (self.dir / "a.dcr").write_bytes(bad)
        done = self.run_program("replay", "a.dcr", "-o", "out", "--format", "ply")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("depthcloud: out/000001.ply: pack: "), done.stderr)
        self.assertEqual(self.names("out"), ["000002.ply"])

    def test_recordings_that_are_cut_off(self):
        for size, count in ((len(WHOLE) - 24, 4), (len(WHOLE) - 30, 3), (len(WHOLE) - 1, 4)):
            (self.dir / "a.dcr").write_bytes(WHOLE[:size])
            out, log, _ = self.played("a.dcr", "-o", "-", "--raw")
            self.assertEqual(out, b"".join(MESSAGES[:count]))
            note, _ = log.splitlines()
            self.assertRegex(note, rf"^depthcloud: note: a\.dcr: cut off after {count} messages: ")
        self.assertEqual(self.played("a.dcr", "-o", "-", "--raw", "-q")[1], "")
        (self.dir / "a.dcr").write_bytes(WHOLE[:30])
        _, log, _ = self.played("a.dcr", "-o", "-", code=1)
        self.assertIn("there is no message", log)

    def test_recordings_that_are_damaged(self):
        damaged = bytearray(WHOLE)
        damaged[len(RECORDING_HEADER) + len(RECORDS[0]) + 40] ^= 1
        (self.dir / "a.dcr").write_bytes(damaged)
        out, log, _ = self.played("a.dcr", "-o", "-", "--raw", "-q", code=1)
        self.assertEqual(out, MESSAGES[0])
        self.assertEqual(log, "depthcloud: a.dcr: damaged after 1 message: the checksum of the next one is wrong\n")

    def test_flags_without_effect(self):
        self.assertEqual(self.run_noted("replay", "a.dcr", "-o", "out", "--format", "ply", "--speed", 2, "--loop"),
                         [f"{flag} has no effect: files are written once, as fast as can be"
                          for flag in ("--speed", "--loop")])
        self.assertEqual(self.run_noted("replay", "a.dcr", "-o", "out", "--format", "msgpack", "--axes", "ros"),
                         ["--axes has no effect: the axes of a .msgpack are always v1"])

    def test_what_is_refused(self):
        (self.dir / "file").write_text("")
        for arguments in (("a.dcr",), ("-o", "-"), ("a.dcr", "-o", "out"), ("a.dcr", "-o", "-", "--format", "ply"),
                          ("a.dcr", "-o", "file", "--format", "ply"), ("a.dcr", "-o", "-", "--speed", 0),
                          ("a.dcr", "-o", "-", "--speed", 2, "--raw"), ("a.dcr", "-o", "-", "--speed", "nan"),
                          ("-", "-o", "-", "--loop"), ("a.dcr", "-o", "-", "--stream", "x")):
            self.run_fails(2, "replay", *arguments)
        for name, part in (("photo.png", "not a recording of depthcloud-server but a PNG"),
                           ("none", "No such file"), ("file", "no bytes")):
            line = self.run_fails(1, "replay", name, "-o", "-")
            self.assertTrue(line.startswith(f"depthcloud: {name}: "), line)
            self.assertIn(part, line)
        self.assertIn("no folder", self.run_fails(1, "replay", "a.dcr", "-o", "a/b", "--format", "ply"))
        # the recording itself, under the name of an output
        os.mkdir(self.dir / "out")
        os.link(self.dir / "a.dcr", self.dir / "out/000003.msgpack")
        self.run_fails(2, "replay", "a.dcr", "-o", "out", "--format", "msgpack")
        self.assertEqual((self.dir / "a.dcr").read_bytes(), WHOLE)


if __name__ == "__main__":
    unittest.main()
