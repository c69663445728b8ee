# SPDX-License-Identifier: Apache-2.0
"""`depthcloud` with Depth Anything checkpoints: small ones of tests/golden, and a full-size one."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

import msgpack
import numpy as np

import make_checkpoint
from cli_case import PROGRAM, SAMPLE, CliCase, needs_torch, read_ply, read_ply_as_written, write_png

GOLDEN = pathlib.Path(os.environ["DEPTHCLOUD_GOLDEN"])


def tensors_of(file):
    """The entries and arrays of a safetensors file of float32."""
    size = int.from_bytes(file[:8], "little")
    header = json.loads(file[8:8 + size])
    header.pop("__metadata__", None)
    data = file[8 + size:]
    return {name: (entry, np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).copy())
            for name, entry in header.items()}


def safetensors(tensors):
    header, data = {}, b""
    for name, (entry, array) in tensors.items():
        header[name] = {**entry, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


@needs_torch
class DepthAnything(CliCase):
    def setUp(self):
        super().setUp()
        self.model = self.checkpoint("da3_micro")

    def checkpoint(self, name):
        """The micro model as a publisher ships it."""
        folder = self.dir / name
        folder.mkdir()
        shutil.copy(GOLDEN / f"{name}.weights.safetensors", folder / "model.safetensors")
        shutil.copy(GOLDEN / f"{name}.config.json", folder / "config.json")
        return name

    def write_views(self, *sizes):
        names = []
        random = np.random.default_rng(3)
        for i, (width, height) in enumerate(sizes):
            coarse = random.integers(0, 256, (height // 7, width // 7, 3), dtype=np.uint8)
            names.append(f"view{i}.png")
            write_png(self.dir / names[-1], coarse.repeat(7, axis=0).repeat(7, axis=1))
        return names

    def scene(self, names, *flags, output="scene.ply"):
        return self.run_ok("cloud", *names, "--multi-view", "--model", self.model, "--process-res",
                           "56", "-o", output, *flags)

    def scene_json(self, names, *flags):
        self.scene(names, "--json", "scene.json", *flags)
        return json.loads((self.dir / "scene.json").read_text())


@needs_torch
class MetricModel(DepthAnything):
    def setUp(self):
        super().setUp()
        self.metric = self.checkpoint("da3mono_micro")  # its config says that it is a metric one
        self.flags = ("--model", self.model, "--process-res", "56", "--metric-model", self.metric)

    def test_depth_of_a_photo_is_in_metres(self):
        [name] = self.write_views((56, 42))
        out = self.run_ok("depth", name, *self.flags, "-o", "out.npy", "--json", "out.json")
        self.assertRegex(out, r"infer [\d.]+ metric [\d.]+ ms")
        report = json.loads((self.dir / "out.json").read_text())
        self.assertEqual((report["is_metric"], report["metres_from"]), (True, "metric_model"))
        self.assertGreater(report["stage_ms"]["metric"], 0)
        self.run_ok("depth", name, "--model", self.model, "--process-res", "56", "-o", "unit.npy")
        ratio = np.load(self.dir / "out.npy") / np.load(self.dir / "unit.npy")
        self.assertGreater(np.mean(np.abs(ratio / np.median(ratio) - 1) < 1e-5), 0.5)  # the others are sky

    def test_a_scene_and_its_cameras_are_in_metres(self):
        names = self.write_views((56, 42), (56, 42))
        relative = self.scene_json(names)
        metric = self.scene_json(names, "--metric-model", self.metric)
        self.assertEqual((metric["is_metric"], metric["metres_from"]), (True, "metric_model"))
        self.assertEqual((relative["is_metric"], relative["metres_from"]), (False, None))
        moved = [np.array(report["views"][1]["extrinsics"])[:, 3] for report in (relative, metric)]
        scale = moved[1] / moved[0]
        np.testing.assert_allclose(scale, scale[0], rtol=1e-4)
        self.assertNotAlmostEqual(scale[0], 1, places=3)
        self.scene(names, "--metric-model", self.metric, output="scene.msgpack")
        message = msgpack.unpackb((self.dir / "scene.msgpack").read_bytes())
        self.assertIs(message["is_metric"], True)
        self.assertIn("metric", message["stage_ms"])

    def test_known_depth_of_a_scene(self):
        names = self.write_views((56, 42), (56, 42))
        (self.dir / "known.csv").write_text("28,21,5\n")
        report = self.scene_json(names, "--known-depth", "known.csv")
        self.assertEqual((report["is_metric"], report["metres_from"]), (True, "known_depth"))

    def test_frames_between_carry_the_scale(self):
        names = self.write_views((56, 42))
        shutil.copy(self.dir / names[0], self.dir / "again.png")
        out = self.run_ok("depth", names[0], "again.png", *self.flags, "--metric-interval", "5", "-o", "out",
                          "--format", "npy")
        self.assertEqual(out.count(" metric "), 2)
        first, second = (np.load(self.dir / "out" / name) for name in ("view0.npy", "again.npy"))
        self.assertGreater(np.mean(np.abs(second / first - 1) < 1e-3), 0.5)

    def test_info_names_both(self):
        report = json.loads(self.run_ok("info", "--model", self.model, "--metric-model", self.metric,
                                        "--json"))
        self.assertIs(report["model"]["metric"], True)
        self.assertIn("in metres by", report["model"]["architecture"])
        self.assertTrue(report["model"]["metric_model"])

    def test_what_does_not_go_together_is_named(self):
        [name] = self.write_views((56, 42))
        for code, flags, words in (
                (2, ("--model", self.model, "--metric-model", self.model), "the metric model '.*' gives no metres"),
                (2, ("--model", "constant:2", "--metric-model", self.metric), "gives metres itself"),
                (2, ("--model", "builtin", "--metric-model", self.metric), "estimates no camera"),
                (1, ("--model", self.model, "--metric-model", "none"), "the metric model: no such"),
                (2, (*self.flags, "--metric-interval", "0"), "metric-interval"),
                (2, ("--model", self.model, "--metric-interval", "2"), "metric-model"),
                (2, (*self.flags, "--known-depth", "k.csv"), "both give metres")):
            self.assertRegex(self.run_fails(code, "depth", name, *flags, "-o", "out.npy"), words)
        self.assertRegex(self.run_fails(2, "cloud", name, *self.flags, "--multi-view", "--cameras", "c.json", "-o",
                                        "out.ply"), "both set the unit")
        self.assertIn("would be overwritten", self.run_fails(2, "depth", name, *self.flags, "-o", "out.npy", "--json",
                                                             self.metric + "/model.safetensors"))


@needs_torch
class MultiView(DepthAnything):
    def test_one_cloud_in_one_frame(self):
        names = self.write_views((56, 42), (112, 84), (56, 42))
        out = self.scene(names)
        lines = out.splitlines()
        self.assertRegex(lines[0], r"^3 views: \d+ points from 56x42 depth,.* -> scene\.ply$")
        self.assertEqual(len(lines), 1 + 3)
        for name, line in zip(names, lines[1:]):
            self.assertRegex(line, rf"^{name}: camera fx .* of 56 x 42 \(.* degrees wide\): the network's own$")
        self.assertTrue(self.scene(names[:1], output="one.ply").startswith("1 view: "))
        self.assertEqual(len(read_ply(self.dir / "scene.ply")[0]), 3 * 56 * 42)
        self.assertEqual(self.scene(names, "--quiet"), "")

    def test_cameras_unproject_to_the_cloud(self):
        names = self.write_views((56, 42), (56, 42))
        report = self.scene_json(names)
        self.assertEqual(report["num_views"], 2)
        self.assertIs(report["is_metric"], False)
        self.assertEqual([view["photo"] for view in report["views"]], names)
        points = read_ply(self.dir / "scene.ply")[0].astype(float).reshape(2, 42, 56, 3)
        v, u = np.mgrid[:42, :56]
        for view, of_view in zip(report["views"], points):
            self.assertEqual((view["width"], view["height"]), (56, 42))
            self.assertEqual(view["intrinsics_source"], "model")
            pose = np.array(view["extrinsics"])
            camera = of_view @ pose[:, :3].T + pose[:, 3]
            np.testing.assert_allclose(camera[..., 0] / camera[..., 2],
                                       (u - view["cx"]) / view["fx"], atol=1e-4)
            np.testing.assert_allclose(camera[..., 1] / camera[..., 2],
                                       (v - view["cy"]) / view["fy"], atol=1e-4)

    def test_msgpack_tells_the_number_of_views(self):
        names = self.write_views((56, 42), (56, 42))
        self.scene(names, output="scene.msgpack")
        message = msgpack.unpackb((self.dir / "scene.msgpack").read_bytes())
        self.assertEqual(message["num_views"], 2)
        self.assertEqual(message["num_points"], 2 * 56 * 42)

    def test_a_folder_is_a_scene(self):
        (self.dir / "room").mkdir()
        for name in self.write_views((56, 42), (56, 42)):
            (self.dir / name).rename(self.dir / "room" / name)
        self.assertTrue(self.scene(["room"]).startswith("2 views: "))

    def test_filters_count_for_the_whole_cloud(self):
        names = self.write_views((56, 42), (56, 42))
        self.scene(names, "--stride", "2", "--max-points", "500")
        self.assertEqual(len(read_ply(self.dir / "scene.ply")[0]), 500)

    def test_axes_count_for_the_whole_cloud(self):
        names = self.write_views((56, 42), (56, 42))
        self.scene(names)
        in_opencv = read_ply(self.dir / "scene.ply")[0]
        self.scene(names, "--axes", "ros")
        np.testing.assert_array_equal(read_ply_as_written(self.dir / "scene.ply")[0],
                                      in_opencv[:, [2, 0, 1]] * [1, -1, -1])

    def test_photos_of_two_shapes_are_cropped(self):
        wide, tall = names = self.write_views((56, 42), (42, 56))
        report = self.scene_json(names)
        positions, colors = read_ply(self.dir / "scene.ply")
        self.assertEqual(len(positions), 2 * 42 * 42)
        self.assertEqual([(view["width"], view["height"]) for view in report["views"]],
                         [(56, 42), (42, 56)])
        # The principal point of the network is the centre of the crop, and so of the photo.
        for view in report["views"]:
            self.assertAlmostEqual(view["cx"], view["width"] / 2, places=6)
            self.assertAlmostEqual(view["cy"], view["height"] / 2, places=6)
        self.run_ok("cloud", wide, "--model", self.model, "--process-res", "56", "-o", "one.ply")
        whole = read_ply(self.dir / "one.ply")[1].reshape(42, 56, 3)
        np.testing.assert_array_equal(colors[:42 * 42].reshape(42, 42, 3), whole[:, 7:49])
        self.scene(names, "--full-size")
        self.assertEqual(len(read_ply(self.dir / "scene.ply")[0]), 2 * 42 * 42)

    def test_reference_view(self):
        names = self.write_views((56, 42), (56, 42), (56, 42), (56, 42))
        clouds = []
        for strategy in ("first", "middle"):
            self.scene(names, "--reference-view", strategy)
            clouds.append(read_ply(self.dir / "scene.ply")[0])
        self.assertGreater(np.abs(clouds[0] - clouds[1]).max(), 0)

    def test_known_cameras_come_back(self):
        names = self.write_views((56, 42), (112, 84))
        report = self.scene_json(names)
        for view, x in zip(report["views"], (0.0, -250.0)):  # millimetres, say
            view["extrinsics"] = [[1, 0, 0, x], [0, 1, 0, 0], [0, 0, 1, 0]]
            view["fx"] = view["fy"] = view["width"]
        (self.dir / "known.json").write_text(json.dumps(report))
        known = self.scene_json(names, "--cameras", "known.json")
        for told, view in zip(report["views"], known["views"]):
            self.assertEqual(view["extrinsics"], told["extrinsics"])
            self.assertAlmostEqual(view["fx"], told["fx"], places=6)
            self.assertEqual(view["intrinsics_source"], "options")

    def test_flags_of_the_camera_beside_known_ones(self):
        names = self.write_views((56, 42), (56, 42))
        self.scene_json(names)
        for flags in (("--fov", 60), ("--intrinsics", "50,50,28,21")):
            self.assertEqual(self.run_noted("cloud", *names, "--multi-view", "--model", self.model,
                                            "--process-res", 56, "-o", "scene.ply", "--cameras", "scene.json",
                                            *flags),
                             [f"{flags[0]} has no effect: the cameras are known"])

    def test_one_line_tells_which_camera(self):
        names = self.write_views((56, 42), (56, 42))
        self.scene_json(names)
        for flags, origin in ((("--cameras", "scene.json"), "--cameras"), (("--fov", 70), "of the options"),
                              (("--intrinsics", "50,50,28,21"), "--intrinsics, in pixels of the photo")):
            lines = self.scene(names, *flags).splitlines()
            self.assertEqual([line.rpartition("): ")[2] for line in lines[1:]], [origin] * 2)

    def test_weights_that_are_not_numbers_are_blamed(self):
        weights = self.dir / self.model / "model.safetensors"
        data = weights.read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        weights.write_bytes(data[:start] + b"\0\0\xc0\x7f" * ((len(data) - start) // 4))
        names = self.write_views((56, 42), (56, 42))
        for command in (("cloud", names[0], "-o", "out.ply"), ("depth", names[0], "-o", "out.npy"),
                        ("cloud", *names, "--multi-view", "-o", "out.ply")):
            line = self.run_fails(1, *command, "--model", self.model, "--process-res", "56")
            self.assertIn(f"nothing was written: '{self.model}' gives no pixel a depth", line)

    def test_colours(self):
        names = self.write_views((56, 42), (56, 42))
        of_photos = self.scene_json(names)
        self.assertEqual(self.scene_json(names, "--color", "gray"), of_photos)
        self.assertEqual(len(np.unique(read_ply(self.dir / "scene.ply")[1])), 1)

    def test_cameras_that_cannot_be(self):
        names = self.write_views((56, 42), (56, 42))
        good = {"width": 56, "height": 42, "fx": 50, "fy": 50, "cx": 28, "cy": 21,
                "extrinsics": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]}
        for text, word in (("{", "not JSON"), ('{"views": 3}', "array 'views'"),
                           (json.dumps({"views": [good]}), "1 cameras for 2 photos"),
                           (json.dumps({"views": [good, {}]}), "view 1"),
                           (json.dumps({"views": [good, {**good, "fx": "x"}]}), "view 1"),
                           (json.dumps({"views": [good, {**good, "width": 0}]}), "not positive"),
                           (json.dumps({"views": [good, {**good, "width": 42, "cx": 21}]}), "another shape"),
                           (json.dumps({"views": [good, {**good, "cx": 60}]}), "not within the picture"),
                           (json.dumps({"views": [good, {**good, "fx": 5, "fy": 5}]}), "degrees wide"),
                           (json.dumps({"views": [{**good, "extrinsics": [[1]]}, good]}),
                            "view 0: extrinsics"),
                           (json.dumps({"views": [good, {**good, "fx": -1}]}), "pinhole"),
                           (json.dumps({"views": [good, {**good, "extrinsics": [[0] * 4] * 3}]}),
                            "rotation")):
            (self.dir / "known.json").write_text(text)
            with self.subTest(text=text):
                self.assertIn(word, self.run_fails(
                    1, "cloud", *names, "--multi-view", "--model", self.model, "--process-res", "56",
                    "-o", "scene.ply", "--cameras", "known.json"))
        self.assertNotIn("scene.ply", self.names())

    def test_usage_errors(self):
        names = self.write_views((56, 42), (56, 42))
        before = self.names()
        for flags in (("--json", "x.json", "-o", "a.ply"), ("--cameras", "x", "-o", "a.ply"),
                      ("--reference-view", "first", "-o", "a.ply"),
                      ("--multi-view", "-o", "clouds"), ("--multi-view", "-o", self.model),
                      ("--multi-view", "-o", "a.ply", "--format", "pcd"),
                      ("--multi-view", "-o", "a.ply", "--json", "a.ply"),
                      ("--multi-view", "-o", "a.ply", "--json", "."),
                      ("--multi-view", "-o", "a.msgpack", "--encoding", "depth"),
                      ("--multi-view", "-o", "a.ply", "--reference-view", "last"),
                      ("--multi-view", "-o", "a.ply", "--depth", "depth.npy")):
            with self.subTest(flags=flags):
                model = () if "--depth" in flags else ("--model", self.model)
                self.run_fails(2, "cloud", *names, *model, *flags)
        self.assertEqual(self.names(), before)

    def test_failures(self):
        names = self.write_views((56, 42), (56, 42))
        line = self.run_fails(1, "cloud", *names, "--multi-view", "-o", "scene.ply")
        self.assertIn("builtin sees one view at a time", line)
        self.run_fails(1, "cloud", names[0], "no.png", "--multi-view", "--model", self.model, "-o",
                       "scene.ply")
        self.assertNotIn("scene.ply", self.names())


@needs_torch
class Precisions(DepthAnything):
    def depth_in(self, precision):
        self.run_ok("depth", "photo.png", "--model", self.model, "--precision", precision,
                    "--device", "cpu", "-o", "d.npy")
        return np.load(self.dir / "d.npy").ravel()

    def test_a_precision_works_or_is_refused_at_load_as_info_says(self):
        cpu = json.loads(self.run_ok("info", "--json"))["devices"][-1]["precisions"]
        exact = self.depth_in("f32")
        for precision, obstacle in cpu.items():
            if obstacle is None:
                depth = self.depth_in(precision)
                self.assertEqual(np.array_equal(depth, exact), precision == "f32")
                self.assertGreater(np.corrcoef(depth, exact)[0, 1], 0.99)
            else:
                line = self.run_fails(1, "depth", "photo.png", "--model", self.model,
                                      "--precision", precision, "--device", "cpu", "-o", "no.npy")
                self.assertIn(f"load: precision {precision} does not work on cpu", line)
                self.assertIn(obstacle, line)

    def test_auto_takes_an_accurate_precision_and_tells_which(self):
        report = json.loads(self.run_ok("info", "--json", "--model", self.model, "--device", "cpu",
                                        "--precision", "auto"))
        self.assertIn(report["model"]["precision"], ("f32", "bf16"))
        self.assertIsNone(report["devices"][-1]["precisions"][report["model"]["precision"]])
        self.assertGreater(np.corrcoef(self.depth_in("auto"), self.depth_in("f32"))[0, 1], 0.99)


@needs_torch
class Models(DepthAnything):
    def test_info_tells_what_was_recognised(self):
        out = self.run_ok("info", "--model", self.model)
        for word in ("Depth Anything 3 any-view: ViT of 12 blocks x 32, DualDPT head, camera decoder",
                     "longer side 504", "multiples of 14", "MB of weights", "several of one scene"):
            self.assertIn(word, out)
        report = json.loads(self.run_ok("info", "--json", "--model", self.checkpoint("da2_micro")))
        self.assertIn("Depth Anything V2", report["model"]["architecture"])
        self.assertIs(report["model"]["multi_view"], False)
        self.assertGreater(report["model"]["memory_bytes"], 4 * 200_000)

    def test_resize_method(self):
        (photo,) = self.write_views((133, 98))
        sizes = []
        for method in ("upper_bound_resize", "upper_bound_crop", "lower_bound_resize",
                       "lower_bound_crop"):
            self.run_ok("depth", photo, "--model", self.model, "--process-res", "56",
                        "--resize-method", method, "-o", "d.npy")
            sizes.append(np.load(self.dir / "d.npy").shape)
        self.assertEqual(sizes, [(42, 56), (28, 56), (56, 70), (56, 70)])
        self.run_fails(2, "depth", photo, "--model", self.model, "--resize-method", "half", "-o",
                       "d.npy")

    def test_metric_depth_needs_a_known_focal_length(self):
        model = self.checkpoint("da3mono_micro")
        (photo,) = self.write_views((112, 84))

        def depth(*flags):
            self.run_ok("depth", photo, "--model", model, "--process-res", "112", "-o", "d.npy",
                        "--json", "d.json", *flags)
            return np.load(self.dir / "d.npy"), json.loads((self.dir / "d.json").read_text())

        raw, report = depth()
        self.assertIs(report["is_metric"], False)
        metres, report = depth("--intrinsics", "150,130,56,42")
        self.assertIs(report["is_metric"], True)
        np.testing.assert_allclose(metres, raw * (140 / 300), rtol=1e-5)

    def test_pickles_are_not_run(self):
        (self.dir / "weights.pth").write_bytes(b"\x80\2cos\nsystem\nX\x08\0\0\0touch ranq\0\x85R.")
        line = self.run_fails(1, "depth", "photo.png", "--model", "weights.pth", "-o", "d.npy")
        self.assertIn("Python pickle", line)
        self.assertIn(".safetensors", line)
        shutil.copy(GOLDEN / "pickle/bad_reduce_os_system.pth", self.dir / "weights.pth")
        line = self.run_fails(1, "depth", "photo.png", "--model", "weights.pth", "-o", "d.npy")
        self.assertIn("global 'os.system' is not allowed", line)

    def depth_of(self, model):
        self.run_ok("depth", "photo.png", "--model", model, "--process-res", 42, "-o", "d.npy")
        return np.load(self.dir / "d.npy")

    def test_other_files_of_the_same_weights_give_the_same_depth(self):
        expected = self.depth_of(self.checkpoint("da2_micro"))
        whole = (self.dir / "da2_micro/model.safetensors").read_bytes()
        tensors = tensors_of(whole)
        names = sorted(tensors)

        self.copy_config("da2_micro", "shards")
        halves = {"one.safetensors": names[::2], "two.safetensors": names[1::2]}
        for file, some in halves.items():
            (self.dir / "shards" / file).write_bytes(safetensors({name: tensors[name] for name in some}))
        (self.dir / "shards/model.safetensors.index.json").write_text(json.dumps(
            {"metadata": {}, "weight_map": {name: file for file, some in halves.items() for name in some}}))
        np.testing.assert_array_equal(self.depth_of("shards"), expected)
        (self.dir / "shards/two.safetensors").unlink()
        self.assertIn("two.safetensors", self.run_fails(1, "info", "--model", "shards"))

        # as Distill-Any-Depth Large is published
        self.copy_config("da2_micro", "chunked")
        (self.dir / "chunked/model.safetensors").write_bytes(safetensors(
            {name.replace("pretrained.blocks.", "backbone.blocks.0.").replace("pretrained.", "backbone."): tensor
             for name, tensor in tensors.items()}))
        np.testing.assert_array_equal(self.depth_of("chunked"), expected)

        try:
            import torch
        except ImportError:
            self.skipTest("no PyTorch (apt-get install python3-torch)")
        self.copy_config("da2_micro", "pickled")
        state = {f"module.{name}": torch.from_numpy(array) for name, (_, array) in tensors.items()}
        torch.save({"epoch": 3, "model": state}, self.dir / "pickled/weights.pth")
        np.testing.assert_array_equal(self.depth_of("pickled"), expected)
        # Other strides than row-major are copied.
        state = {name: t.to(memory_format=torch.channels_last) if t.dim() == 4 else t for name, t in state.items()}
        torch.save(state, self.dir / "pickled/weights.pth")
        np.testing.assert_array_equal(self.depth_of("pickled"), expected)

    def copy_config(self, name, folder):
        (self.dir / folder).mkdir()
        shutil.copy(GOLDEN / f"{name}.config.json", self.dir / folder / "config.json")

    def test_what_was_assumed_of_a_checkpoint_is_said(self):
        make_checkpoint.write_checkpoint("da2-vits.official", self.dir / "downloaded")
        (self.dir / "downloaded/config.json").unlink(missing_ok=True)
        remark = ("depthcloud: 'downloaded' is taken for Depth Anything V2: V1 has the same tensors, and "
                  "neither a config.json with out_features nor the name says which it is\n")
        for command in (("cloud", "photo.png", "--process-res", 42, "-o", "o.ply"),
                        ("depth", "photo.png", "--process-res", 42, "-o", "d.npy"),
                        ("cloud", "photo.png", "photo.png", "--multi-view", "-o", "o.ply"),
                        ("info",)):
            done = self.run_program(*command, "--model", "downloaded")
            self.assertEqual(done.stderr.splitlines(True)[0], remark)
        quiet = self.run_program("depth", "photo.png", "--process-res", 42, "-o", "d.npy", "-q", "--model",
                                 "downloaded")
        self.assertEqual((quiet.returncode, quiet.stdout, quiet.stderr), (0, "", ""))
        (self.dir / "downloaded/config.json").write_text(json.dumps({"model_type": "dpt"}))
        line = self.run_fails(1, "info", "--model", "downloaded")
        self.assertIn("model_type is 'dpt', only depth_anything is supported", line)

    def test_published_checkpoints_load_by_name_from_the_cache(self):
        cache = self.dir / "cache/depthcloud/models"
        make_checkpoint.write_checkpoint("da2-vits.official", cache / "Distill-Any-Depth-Small")
        environment = {**os.environ, "XDG_CACHE_HOME": str(self.dir / "cache")}

        def model(name):
            done = subprocess.run([PROGRAM, "info", "--json", "--model", name], env=environment, timeout=120,
                                  capture_output=True, check=False, cwd=self.dir)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            info = json.loads(done.stdout)["model"]
            return info["name"], info["license"], info["metric"]

        self.assertEqual(model("Distill-Any-Depth-Small"), ("distill-any-depth-small", "Apache-2.0", False))
        try:
            import torch
        except ImportError:
            self.skipTest("no PyTorch (apt-get install python3-torch)")
        # as the authors publish them: one .pth without a config
        state = {name: torch.from_numpy(array.copy()) for name, (_, array) in
                 tensors_of((cache / "Distill-Any-Depth-Small/model.safetensors").read_bytes()).items()}
        for name, file, expected in (
                ("Depth-Anything-V2-Small", "depth_anything_v2_vits", ("depth-anything-v2-small", "Apache-2.0", False)),
                ("Depth-Anything-V2-Metric-VKITTI-Small", "depth_anything_v2_metric_vkitti_vits",
                 ("depth-anything-v2-metric-small", "Apache-2.0", True))):
            (cache / name).mkdir()
            torch.save(state, cache / name / f"{file}.pth")
            self.assertEqual(model(name), expected)

    def test_a_full_size_checkpoint_runs_on_a_photo(self):
        make_checkpoint.write_checkpoint("da3-small", self.dir / "DA3-SMALL")
        published_bytes = 137_248_940
        self.assertEqual((self.dir / "DA3-SMALL/model.safetensors").stat().st_size, published_bytes)
        info = self.run_ok("info", "--model", "DA3-SMALL")
        self.assertIn("da3-small", info)
        self.assertIn("34299463 parameters", info)
        self.assertIn("Apache-2.0", info)
        out = self.run_ok("cloud", SAMPLE, "--model", "DA3-SMALL", "-o", "cloud.ply")
        self.assertIn("504x336 depth", out)
        positions = read_ply(self.dir / "cloud.ply")[0]
        self.assertEqual(len(positions), 504 * 336)
        self.assertTrue(np.isfinite(positions).all())


if __name__ == "__main__":
    unittest.main()
