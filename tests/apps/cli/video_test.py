# SPDX-License-Identifier: Apache-2.0
"""`depthcloud cloud` and `depth` of videos. Skipped where this build has no video, or without ffmpeg."""

import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

import numpy as np

from cli_case import PROGRAM, CliCase, read_ply


def has_video():
    done = subprocess.run([PROGRAM, "info", "--json", "--model", "constant"], capture_output=True, timeout=60,
                          check=True)
    return json.loads(done.stdout)["video"] and shutil.which("ffmpeg") and shutil.which("ffprobe")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class VideoTest(CliCase):
    """A clip of 25 pictures, one second long."""

    def setUp(self):
        super().setUp()
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-t", "1",
                        "-pix_fmt", "yuv420p", "-g", "5", "-bf", "0", "clip.mp4"], cwd=self.dir, check=True)

    def table(self, folder):
        lines = (self.dir / folder / "frames.csv").read_text().splitlines()
        self.assertEqual(lines[0], "number,time,file")
        return [(int(number), float(seconds), name) for number, seconds, name in (line.split(",") for line in lines[1:])]

    def streams(self, file):
        done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", file],
                              cwd=self.dir, capture_output=True, check=True)
        return json.loads(done.stdout)["streams"]

    def test_each_picture_becomes_a_cloud_that_the_table_lists(self):
        self.run_ok("cloud", "clip.mp4", "--model", "constant:2", "--format", "ply", "-o", "frames/")
        rows = self.table("frames")
        self.assertEqual([row[0] for row in rows], list(range(25)))
        np.testing.assert_allclose([row[1] for row in rows], np.arange(25) / 25, atol=1e-6)
        self.assertEqual(self.names("frames"), sorted([row[2] for row in rows] + ["frames.csv"]))
        positions, colors = read_ply(self.dir / "frames" / "000012.ply")
        self.assertEqual(len(positions), 64 * 48)
        self.assertGreater(colors.std(), 10)

    def test_a_part_of_the_video_is_chosen(self):
        self.run_ok("cloud", "clip.mp4", "--model", "constant:2", "--format", "ply", "-o", "part/", "--fps", "5",
                    "--start", "0.2", "--end", "0.8")
        np.testing.assert_allclose([row[1] for row in self.table("part")], [0.2, 0.4, 0.6, 0.8], atol=1e-6)
        self.run_ok("cloud", "clip.mp4", "--model", "constant:2", "--format", "msgpack", "-o", "few/", "--max-frames", "3")
        self.assertEqual(self.names("few"), ["000000.msgpack", "000001.msgpack", "000002.msgpack", "frames.csv"])

    def test_depth_becomes_files(self):
        self.run_ok("depth", "clip.mp4", "--model", "constant:2", "--format", "npy", "-o", "depth/", "--max-frames", "2")
        self.assertEqual([row[2] for row in self.table("depth")], ["000000.npy", "000001.npy"])
        self.assertTrue((np.load(self.dir / "depth" / "000001.npy") == 2).all())

    def test_depth_becomes_a_video(self):
        self.run_ok("depth", "clip.mp4", "--model", "constant:2", "-o", "depth.mkv")
        (stream,) = self.streams("depth.mkv")
        self.assertEqual(stream["nb_read_frames"], "25")
        self.assertEqual(stream["pix_fmt"], "yuv420p")

    def test_gray16_keeps_millimetres(self):
        self.run_ok("depth", "clip.mp4", "--model", "constant:1.234", "-o", "depth.mkv", "--gray16")
        (stream,) = self.streams("depth.mkv")
        self.assertEqual((stream["codec_name"], stream["pix_fmt"], stream["nb_read_frames"]), ("ffv1", "gray16le", "25"))
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", "depth.mkv", "-frames:v", "1", "-f", "rawvideo", "-"],
                             cwd=self.dir, capture_output=True, check=True).stdout
        self.assertTrue((np.frombuffer(raw, "<u2") == 1234).all())

    def test_an_interrupt_leaves_whole_files(self):
        for arguments, output in ((["-o", "out.mkv"], "out.mkv"), (["--format", "npy", "-o", "out"], "out")):
            process = subprocess.Popen([PROGRAM, "depth", "test:64x48@30", "--model", "constant:2,30", *arguments],
                                       cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            self.assertEqual(process.returncode, 0, errors)
            self.assertFalse(any("unfinished" in name for name in self.names()))
            if output == "out":
                for row in self.table("out"):
                    np.load(self.dir / "out" / row[2])
                self.assertEqual(len(self.table("out")) + 1, len(self.names("out")))
            else:
                self.assertGreater(int(self.streams(output)[0]["nb_read_frames"]), 3)

    def test_a_video_that_breaks_off_keeps_what_there_is(self):
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", "clip.mp4", "-c", "copy", "-movflags", "+faststart",
                        "short.mp4"], cwd=self.dir, check=True)
        data = (self.dir / "short.mp4").read_bytes()
        (self.dir / "short.mp4").write_bytes(data[:len(data) * 3 // 4])
        for output in ("short.mkv", "short"):
            line = self.run_fails(1, "depth", "short.mp4", "--model", "constant:2", "-o", output,
                                  *([] if output.endswith("mkv") else ["--format", "npy"]))
            self.assertIn("the video breaks off", line)
        self.assertGreater(len(self.table("short")), 2)
        self.assertGreater(int(self.streams("short.mkv")[0]["nb_read_frames"]), 2)

    def test_what_cannot_be_is_refused(self):
        self.assertIn("needs --format", self.run_fails(2, "cloud", "clip.mp4", "-o", "out.ply"))
        self.assertIn("a video is read alone", self.run_fails(2, "cloud", "clip.mp4", "photo.png", "-o", "out", "--format", "ply"))
        self.assertIn("not of a video", self.run_fails(2, "cloud", "clip.mp4", "--depth", "depth.npy", "-o", "out", "--format", "ply"))
        self.assertIn("takes photos", self.run_fails(2, "cloud", "clip.mp4", "--multi-view", "-o", "out.ply"))
        self.assertIn("--gray16 is of a .mkv", self.run_fails(2, "depth", "clip.mp4", "--gray16", "-o", "out", "--format", "png"))
        self.assertIn("is made of a video", self.run_fails(2, "depth", "photo.png", "-o", "out.mkv"))
        self.assertIn("--end 1 is before --start 2", self.run_fails(
            2, "depth", "clip.mp4", "--start", "2", "--end", "1", "-o", "out.mkv"))
        self.assertIn("no such file", self.run_fails(1, "depth", "none.mp4", "--model", "constant", "-o", "out.mkv"))

    def test_a_missing_decoder_names_its_package(self):
        os.environ["GST_PLUGIN_FEATURE_RANK"] = ",".join(f"{name}:NONE" for name in (
            "avdec_h264", "openh264dec", "nvh264dec", "vah264dec", "vaapih264dec", "v4l2h264dec"))
        self.addCleanup(os.environ.pop, "GST_PLUGIN_FEATURE_RANK")
        self.assertIn("no H.264 decoder: install gstreamer1.0-libav",
                      self.run_fails(1, "depth", "clip.mp4", "--model", "constant", "-o", "out.mkv"))

    def test_a_video_comes_over_http(self):
        handler = functools.partial(QuietHandler, directory=self.dir)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.shutdown)
            address = f"http://127.0.0.1:{server.server_port}"
            self.run_ok("depth", f"{address}/clip.mp4", "--model", "constant:2", "-o", "out.mkv")
            self.assertEqual(self.streams("out.mkv")[0]["nb_read_frames"], "25")
            line = self.run_fails(1, "depth", f"{address}/none.mp4", "--model", "constant", "-o", "out.mkv")
            self.assertIn("not found", line.lower())
            server.shutdown()

    def test_no_message_holds_a_password(self):
        line = self.run_fails(1, "depth", "rtsp://user:secret@127.0.0.1:9/live", "--model", "constant", "-o", "out.mkv")
        self.assertNotIn("secret", line)
        self.assertIn("user:***@127.0.0.1", line)

    def test_flags_without_effect_are_remarked(self):
        notes = self.run_noted("depth", "clip.mp4", "--model", "constant:2", "-o", "out.mkv", "--max-frames", "1", "--salvage")
        self.assertEqual(notes, ["--salvage has no effect: it is of photos, not of a video"])
        notes = self.run_noted("cloud", "photo.png", "--model", "constant:2", "-o", "out.ply", "--fps", "5")
        self.assertEqual(notes, ["--fps has no effect: there is no video"])


if __name__ == "__main__":
    if not has_video():
        print("skipped: this build has no video, or there is no ffmpeg")
        sys.exit(77)
    unittest.main()
