# SPDX-License-Identifier: Apache-2.0
"""`depthcloud` with a network: constant depth, and the built-in network where it matters."""

import json
import os
import pty
import re
import subprocess
import unittest

import numpy as np

from cli_case import (HAS_TORCH, PROGRAM, SAMPLE, CliCase, needs_torch, read_ply,
                      with_focal_length)

PLANE = ("--model", "constant:2")


@needs_torch
class ManyPhotos(CliCase):
    def setUp(self):
        super().setUp()
        self.photos = self.dir / "photos"
        self.photos.mkdir()
        for name in ("a.png", "B.PNG"):
            self.write_photo("photos/" + name)
        (self.photos / "c.jpeg").write_bytes(SAMPLE.read_bytes())
        (self.photos / ".hidden.png").write_text("not looked at")
        (self.photos / "folder.png").mkdir()

    def test_folder(self):
        out = self.run_ok("cloud", "photos", "-o", "clouds/", "--format", "ply", *PLANE)
        self.assertEqual(self.names("clouds"), ["B.ply", "a.ply", "c.ply"])
        self.assertEqual([line.split(":")[0] for line in out.splitlines()[::2]],
                         ["photos/B.PNG", "photos/a.png", "photos/c.jpeg"])
        for name in self.names("clouds"):
            self.assertEqual(set(read_ply(self.dir / "clouds" / name)[0][:, 2]), {2})

    def test_photos_and_folders(self):
        self.run_ok("cloud", "photo.png", "photos", SAMPLE, "-o", "clouds", "--format", "msgpack",
                    *PLANE)
        self.assertEqual(self.names("clouds"), ["B.msgpack", "a.msgpack", "c.msgpack",
                                                f"{SAMPLE.stem}.msgpack", "photo.msgpack"])

    def test_one_broken_photo_does_not_stop_the_rest(self):
        broken = (self.photos / "b.jpg")
        broken.write_bytes(SAMPLE.read_bytes()[:2000])
        done = self.run_program("cloud", "photos", "missing.jpg", "-o", "clouds", "--format", "ply",
                                *PLANE)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.names("clouds"), ["B.ply", "a.ply", "c.ply"])
        self.assertEqual(len(done.stdout.splitlines()), 2 * 3)
        errors = done.stderr.splitlines()
        self.assertEqual(len(errors), 2, done.stderr)
        self.assertRegex(errors[0], r"^depthcloud: photos/b\.jpg: decode: ")
        self.assertRegex(errors[1], r"^depthcloud: missing\.jpg: file: ")

    def test_nothing_is_made_for_a_model_that_is_not_there(self):
        self.run_fails(1, "cloud", "photos", "-o", "clouds", "--format", "ply", "--model",
                       "no-such.pt")
        self.assertNotIn("clouds", self.names())

    def test_bar_on_a_terminal(self):
        screen, terminal = pty.openpty()
        done = subprocess.run([PROGRAM, "cloud", "photos", "-o", "clouds", "--format", "ply", *PLANE],
                              cwd=self.dir, stdout=subprocess.PIPE, stderr=terminal, timeout=120,
                              check=True, text=True)
        os.close(terminal)
        shown = ""
        try:
            while part := os.read(screen, 10000):
                shown += part.decode()
        except OSError:  # how Linux says that nobody has the terminal open any more
            pass
        os.close(screen)
        self.assertIn("] 0/3", shown)
        self.assertIn("] 3/3", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), repr(shown))
        self.assertEqual(len(done.stdout.splitlines()), 2 * 3)


@needs_torch
class Depth(CliCase):
    def estimate(self, output, *flags, photo="photo.png", model=PLANE):
        return self.run_ok("depth", photo, "-o", output, *model, *flags)

    def report(self, *flags, photo="photo.png"):
        self.estimate("d.npy", "--json", "d.json", *flags, photo=photo)
        return json.loads((self.dir / "d.json").read_text())

    def test_npy_and_summary(self):
        out = self.estimate("d.npy")
        depth = np.load(self.dir / "d.npy")
        self.assertEqual(depth.dtype, np.float32)
        self.assertEqual(set(depth.ravel()), {2})
        height, width = depth.shape
        self.assertRegex(out, rf"^photo\.png: {width}x{height} depth,( [a-z]+ [0-9.]+)+ ms -> d\.npy\n"
                         r"photo\.png: camera [^\n]+ assumed, nothing is known of it\n$")
        self.assertEqual(self.estimate("d.npy", "--quiet"), "")

    def test_pfm_and_pictures(self):
        self.estimate("d.PFM")
        self.assertTrue((self.dir / "d.PFM").read_bytes().startswith(b"Pf\n"))
        header = {}
        for name, flags in (("color.png", ()), ("mm.png", ("--png16",))):
            self.estimate(name, *flags)
            data = (self.dir / name).read_bytes()
            header[name] = (data[24], data[25])  # bit depth, colour type
        self.assertEqual(header, {"color.png": (8, 2), "mm.png": (16, 0)})

    def test_millimetres_come_back_as_depth(self):
        self.estimate("mm.png", "--png16")
        self.run_ok("cloud", "photo.png", "--depth", "mm.png", "-o", "out.ply")
        self.assertEqual(set(read_ply(self.dir / "out.ply")[0][:, 2]), {2})

    def test_json(self):
        report = self.report("--intrinsics", "600,500,300,200", photo=SAMPLE)
        height, width = np.load(self.dir / "d.npy").shape
        self.assertEqual(list(report), ["width", "height", "fx", "fy", "cx", "cy",
                                        "intrinsics_source", "is_metric", "metres_from", "scale_fit",
                                        "extrinsics", "stage_ms"])
        self.assertEqual((report["width"], report["height"]), (width, height))
        self.assertAlmostEqual(report["fx"], width, places=6)  # the photo is 600 wide
        self.assertAlmostEqual(report["fy"], 500 * height / 400, places=6)
        self.assertAlmostEqual(report["cx"], width / 2, places=6)
        self.assertEqual(report["intrinsics_source"], "options")
        self.assertIs(report["is_metric"], True)
        self.assertIsNone(report["extrinsics"])
        self.assertEqual(list(report["stage_ms"]), ["decode", "preprocess", "infer"])

    def test_fov(self):
        report = self.report("--fov", "90")
        self.assertAlmostEqual(report["fx"], report["width"] / 2, places=6)
        self.assertEqual(report["intrinsics_source"], "options")
        self.assertEqual(self.report()["intrinsics_source"], "default_fov")

    def test_camera_of_the_photo(self):
        (self.dir / "photo.jpg").write_bytes(with_focal_length(SAMPLE.read_bytes(), 36))
        report = self.report(photo="photo.jpg")
        self.assertEqual(report["intrinsics_source"], "exif")
        self.assertAlmostEqual(report["fx"], report["width"], places=6)

    def test_process_res(self):
        self.assertEqual(self.report("--process-res", "140", photo=SAMPLE)["width"], 140)

    def test_full_size(self):
        report = self.report("--full-size", photo=SAMPLE)
        self.assertEqual((report["width"], report["height"]), (600, 400))

    def test_fast_decode_takes_colours_of_a_reduced_photo(self):
        def colors(*flags):
            self.run_ok("cloud", SAMPLE, "-o", "out.ply", "--process-res", "140", *PLANE, *flags)
            return read_ply(self.dir / "out.ply")[1].astype(int)
        difference = np.abs(colors() - colors("--fast-decode"))
        self.assertGreater(difference.max(), 0)
        self.assertLess(difference.mean(), 20)

    def test_usage_errors(self):
        before = self.names()
        for flags in (("-o", "d.jpg"), ("-o", "."), ("-o", "photo.png"), ("-o", "./photo.png"),
                      ("-o", "d.npy", "--png16"), ("-o", "d.npy", "--confidence-out", "c.png"),
                      ("-o", "d.npy", "--confidence-out", "d.npy"),
                      ("-o", "d.npy", "--json", "d.npy"), ("-o", "d.npy", "--json", "."),
                      ("-o", "d.npy", "--stride", "2"), ("-o", "d.npy", "--model", "constant:-1"),
                      ()):
            with self.subTest(flags=flags):
                self.run_fails(2, "depth", "photo.png", *(() if "--model" in flags else PLANE),
                               *flags)
        self.assertEqual(self.names(), before)

    def test_failures(self):
        before = self.names()
        self.assertRegex(self.run_fails(1, "depth", "no-such.jpg", "-o", "d.npy", *PLANE),
                         r"^depthcloud: no-such\.jpg: file: ")
        self.assertIn("load: ", self.run_fails(1, "depth", "photo.png", "-o", "d.npy", "--model",
                                               "no-such.pt"))
        for flags in (("-o", "no/d.npy"), ("-o", "d.npy", "--json", "no/d.json"),
                      ("-o", "d.npy", "--confidence-out", "no/c.npy")):
            self.assertIn("there is no folder 'no'",
                          self.run_fails(1, "depth", "photo.png", *PLANE, *flags))
        self.assertEqual(self.names(), before)


@needs_torch
class Info(CliCase):
    def test_text(self):
        out = self.run_ok("info", *PLANE)
        for word in ("depthcloud ", "LibTorch ", "processor ", "cpu", "precisions  f32", "threads", "BLAS", "GFLOP/s", "SIMD",
                     "constant"):
            self.assertIn(word, out)

    def test_json(self):
        report = json.loads(self.run_ok("info", "--json", *PLANE))
        self.assertEqual(list(report), ["depthcloud", "libtorch", "video", "processor", "devices", "threads", "simd",
                                        "blas", "blas_gflops", "blas_is_slow", "onednn_gflops", "model"])
        self.assertEqual(report["devices"][-1]["name"], "cpu")
        precisions = report["devices"][-1]["precisions"]
        self.assertEqual(list(precisions), ["f32", "bf16", "f16", "int8"])
        self.assertIsNone(precisions["f32"])
        self.assertGreater(report["blas_gflops"], 0)
        self.assertIs(report["model"]["metric"], True)
        self.assertEqual(report["model"]["confidence"], [1, 1])

    def test_ranges_that_filters_need(self):
        self.assertIn("confidence  none\n", self.run_ok("info", *PLANE))
        out = self.run_ok("info", "--model", "builtin")
        self.assertIn("confidence  from 0 to 1\n", out)
        self.assertIn("--edge-threshold 0.03 suits this network", out)

    def test_a_filter_that_leaves_nothing_says_what_there_was(self):
        line = self.run_fails(1, "cloud", SAMPLE, "-o", "out.ply", "--model", "builtin", "--min-confidence", 0.99)
        self.assertRegex(line, r"the filters left no point \(confidence goes from 0\.\d+ to 0\.[5-8]\d*; "
                               r"--confidence-percentile drops a share of the pixels, whatever it is\)$")

    def test_unknown_model(self):
        self.run_fails(1, "info", "--model", "no-such.pt")


@needs_torch
class IdleThreads(CliCase):
    def spin_count(self, **settings):
        """How long OpenMP says that its idle threads spin when a network is loaded."""
        mine = {name: value for name, value in os.environ.items()
                if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
        done = subprocess.run([PROGRAM, "depth", SAMPLE, "-o", "depth.npy"], cwd=self.dir,
                              env={**mine, "OMP_DISPLAY_ENV": "verbose", **settings}, text=True,
                              timeout=120, capture_output=True, check=True)
        said = re.search(r"GOMP_SPINCOUNT = '(\d+)'", done.stderr)
        if said is None:
            self.skipTest("LibTorch uses another OpenMP than GCC's")
        return int(said[1])

    def test_they_sleep_soon_unless_told_otherwise(self):
        self.assertEqual(self.spin_count(), 10000)
        self.assertEqual(self.spin_count(GOMP_SPINCOUNT="5"), 5)
        self.assertEqual(self.spin_count(OMP_WAIT_POLICY="passive"), 0)


@unittest.skipIf(HAS_TORCH, "this build has LibTorch")
class WithoutTorch(CliCase):
    def test_networks_are_unavailable(self):
        for arguments in (("cloud", "photo.png", "-o", "out.ply"),
                          ("depth", "photo.png", "-o", "out.npy"), ("info", "--model", "builtin")):
            self.assertIn("networks need libdepthcloud_torch", self.run_fails(1, *arguments))

    def test_info(self):
        self.assertIn("networks need libdepthcloud_torch", self.run_ok("info"))
        self.assertIsNone(json.loads(self.run_ok("info", "--json"))["libtorch"])


if __name__ == "__main__":
    unittest.main()
