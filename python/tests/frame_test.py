# SPDX-License-Identifier: Apache-2.0
"""Models, pipelines and frames, of every kind of photo, one by one and in folders."""

import contextlib
import io
import mmap
import sys
import types
from unittest import mock

from case import PHOTO, SMALL, Case, main, np, without

import depthcloud
from depthcloud import CloudOptions, ModelOptions, WireFormat


class Frames(Case):
    def test_frame(self):
        frame = depthcloud.Model("constant:2").pipeline(cloud=CloudOptions(stride=1)).process(
            PHOTO, frame_id=3, capture_ts=0.5)
        self.assertEqual(len(frame.positions), frame.depth.size)
        self.assertEqual(frame.colors.shape, frame.positions.shape)
        np.testing.assert_array_equal(frame.positions[:, 2], 2)
        self.assertEqual(frame.confidence.shape, frame.depth.shape)
        self.assertEqual((frame.is_metric, frame.extrinsics, frame.sky), (True, None, None))
        self.assertEqual((frame.intrinsics_source, frame.region), ("default_fov", (0, 0, 1, 1)))
        self.assertAlmostEqual(frame.intrinsics.matrix[0, 2], frame.depth.shape[1] / 2)
        self.assertIn(b"pointcloud", frame.packet.tobytes())
        self.assertEqual((frame.frame_id, frame.capture_ts), (3, 0.5))
        self.assertEqual(list(frame.stage_ms), ["decode", "preprocess", "infer", "cloud", "pack"])
        self.assertGreater(frame.stage_ms["decode"], 0)

    def test_no_tag(self):
        frame = depthcloud.Model("constant").pipeline().process(SMALL)
        self.assertEqual((frame.frame_id, frame.capture_ts), (None, None))

    def test_options_of_a_pipeline(self):
        model = depthcloud.Model("constant:2")
        self.assertEqual(model.pipeline(packet=False).process(SMALL).packet.shape, (0,))
        self.refuses(depthcloud.DepthcloudError, "coffee.jpg",
                     model.pipeline(decode=depthcloud.DecodeOptions(max_pixels=10)).process, PHOTO)
        fast = model.pipeline(fast_decode=True, cloud=CloudOptions(stride=1)).process(PHOTO)
        whole = model.pipeline(cloud=CloudOptions(stride=1)).process(PHOTO)
        self.assertEqual(len(fast), len(whole))
        pipeline = model.pipeline()
        half = len(pipeline.process(SMALL))
        pipeline.set_cloud_options(CloudOptions(stride=1))
        pipeline.set_wire_format(WireFormat(encoding="q16"))
        frame = pipeline.process(SMALL)
        self.assertGreater(len(frame), half)
        self.assertEqual(depthcloud.unpack(frame.packet).encoding, depthcloud.Encoding.Q16)
        self.assertEqual(pipeline.latency("infer").count, 2)
        self.refuses(ValueError, "stage", pipeline.latency, "inference")

    def test_each_encoding_keeps_its_bound(self):
        model, sizes = depthcloud.Model("constant:2"), []
        for encoding, bound in (("f32", 0), ("q16", 1e-4), ("depth", 0.01)):
            wire = WireFormat(encoding=encoding, relative_error=0.01)
            frame = model.pipeline(wire=wire, cloud=CloudOptions(axes="v1")).process(PHOTO)
            off = np.abs(depthcloud.unpack(frame.packet).positions - frame.positions)
            self.assertLessEqual(off.max(), bound * 2)
            sizes.append(len(frame.packet))
        self.assertGreater(sizes[0], sizes[1])
        self.assertGreater(sizes[1], sizes[2])

    def test_quality(self):
        sizes = [len(depthcloud.Model("constant:2").pipeline(
            wire=WireFormat(encoding="depth", jpeg_quality=quality)).process(PHOTO).packet) for quality in (20, 95)]
        self.assertLess(sizes[0], sizes[1])

    def test_pipe(self):
        frame = depthcloud.pipe(SMALL, "constant:4", options=ModelOptions(fov_degrees=90),
                                cloud=CloudOptions(stride=1))
        self.assertEqual(frame.depth[0, 0], 4)
        self.assertAlmostEqual(frame.intrinsics.fx, frame.depth.shape[1] / 2)

    def empty(self, words, **options):
        with self.assertWarnsRegex(UserWarning, f"^the cloud has no point: {words}") as caught:
            frame = depthcloud.Model("constant:2").pipeline(cloud=CloudOptions(**options)).process(SMALL)
        self.assertEqual(caught.filename, __file__)
        return frame

    def test_a_filter_that_leaves_nothing_is_told(self):
        self.empty("max_depth=1 is nearer than all depth, which is 2 to 2", max_depth=1)
        self.empty("min_confidence=99 is above all confidence, which is 1 to 1", min_confidence=99)
        frame = self.empty("min_depth=3 is beyond all depth, which is 2 to 2", min_depth=3)
        path = self.folder() / "cloud.ply"
        for write in (frame.write_ply, frame.write):
            self.refuses(ValueError, "no point, and no file is written; allow_empty=True", write, path)
        self.assertFalse(path.exists())
        frame.write_ply(path, allow_empty=True)
        self.assertIn(b"element vertex 0\n", path.read_bytes())
        pipeline = depthcloud.Model("constant:2").pipeline()
        pipeline.set_cloud_options(CloudOptions(max_depth=1))
        with self.assertWarnsRegex(UserWarning, "max_depth=1"):
            pipeline.process(SMALL)
        depth = depthcloud.Model("constant:2").estimate([self.rgb])[0]
        with self.assertWarnsRegex(UserWarning, "min_depth=9"):
            depth.cloud(self.rgb, CloudOptions(min_depth=9))


class Models(Case):
    def test_info(self):
        model = depthcloud.Model("constant:2")
        self.assertEqual((model.info.name, model.info.is_metric, model.info.is_multi_view), ("constant", True, False))
        self.assertIsNone(model.info.confidence)
        self.assertEqual(model.info.edge_threshold, 0.1)
        self.assertEqual((model.info.has_sky, model.info.metric_model), (False, ""))
        self.refuses(depthcloud.DepthcloudError, "gives metres itself", depthcloud.Model, "constant",
                     ModelOptions(metric_model="constant"))
        self.refuses(depthcloud.DepthcloudError, "no metric model", depthcloud.Model, "constant",
                     ModelOptions(metric_interval=2))
        self.refuses(depthcloud.DepthcloudError, "between 1 and 1000", depthcloud.Model, "constant",
                     ModelOptions(metric_interval=-1))
        try:
            info = depthcloud.Model("builtin").info
        except depthcloud.DepthcloudError:
            pass  # a build without networks
        else:
            self.assertEqual(info.edge_threshold, 0.03)
            self.assertLess(info.confidence[0], info.confidence[1])
        model.warm_up(64, 48)
        self.assertIn("cpu", [device.name for device in depthcloud.devices()])
        self.assertRegex(depthcloud.version(), r"^\d+\.\d+\.\d+$")

    def test_errors_say_code_and_stage(self):
        with self.assertRaises(depthcloud.DepthcloudError) as caught:
            depthcloud.Model("no/such/model")
        self.assertIn(caught.exception.code, ("not_found", "unsupported", "unavailable"))
        self.assertEqual(caught.exception.stage, "load")

    def test_precisions(self):
        for precision in depthcloud.Precision:
            depthcloud.Model("constant:2", ModelOptions(device="cpu", precision=precision))
            depthcloud.Model("constant:2", ModelOptions(device="cpu", precision=precision.name.lower()))

    def test_camera(self):
        for options in (ModelOptions(fov_degrees=90.0), ModelOptions(intrinsics=(32, 32, 32, 24))):
            frame = depthcloud.Model("constant:3", options).pipeline().process(np.zeros((48, 64, 3), np.uint8))
            self.assertAlmostEqual(frame.intrinsics.fx, frame.depth.shape[1] / 2)
            self.assertEqual(frame.intrinsics_source, "options")

    def test_cancel(self):
        model = depthcloud.Model("constant")
        model.cancel()
        with self.assertRaises(depthcloud.DepthcloudError) as caught:
            model.pipeline().process(SMALL)
        self.assertEqual(caught.exception.code, "cancelled")

    def test_depth_of_several_images(self):
        model = depthcloud.Model("constant:3", ModelOptions(device="cpu", fov_degrees=90.0))
        photo = depthcloud.decode(PHOTO)
        maps = model.estimate([photo, photo[:100, :300]])
        self.assertEqual([depth.depth[0, 0] for depth in maps], [3, 3])
        self.assertNotEqual(maps[0].shape, maps[1].shape)
        self.assertAlmostEqual(maps[0].intrinsics.fx, maps[0].shape[1] / 2)
        self.assertTrue(np.shares_memory(np.asarray(maps[0]), maps[0].depth))
        self.assertTrue(np.shares_memory(np.from_dlpack(maps[0]), maps[0].depth))
        self.assertTrue(maps[0].is_metric and maps[0].extrinsics is None)
        self.assertEqual(maps[1].resized(300, 100).depth.shape, (100, 300))
        cloud = maps[0].cloud(photo, CloudOptions(stride=2))
        self.assertTrue(np.all(cloud.positions[:, 2] == 3))
        self.assertEqual(model.estimate([]), [])
        self.assertEqual(len(model.estimate(np.zeros((2, 8, 8, 3), np.uint8))), 2)

    def test_views(self):
        model, photo = depthcloud.Model("constant"), np.zeros((8, 8, 3), np.uint8)
        with self.assertRaises(depthcloud.DepthcloudError) as caught:
            model.estimate_views([photo], intrinsics=[(8, 8, 4, 4)], extrinsics=[np.eye(3, 4)],
                                 reference_view="first")
        self.assertEqual(caught.exception.code, "unsupported")
        self.refuses(ValueError, "both or neither", model.estimate_views, [photo], intrinsics=[(8, 8, 4, 4)])
        self.refuses(ValueError, "intrinsics has 2", model.estimate_views, [photo],
                     intrinsics=[(8, 8, 4, 4)] * 2, extrinsics=[np.eye(4)])
        self.refuses(ValueError, "extrinsics", model.estimate_views, [photo],
                     intrinsics=[(8, 8, 4, 4)], extrinsics=[np.eye(4)] * 2)


class KindsOfPhotos(Case):
    def setUp(self):
        self.pipeline = depthcloud.Model("constant:2").pipeline(cloud=CloudOptions(stride=1))
        self.pixels = depthcloud.decode(SMALL)
        self.colors = self.pipeline.process(SMALL).colors

    def same(self, photo, **options):
        np.testing.assert_array_equal(self.pipeline.process(photo, **options).colors, self.colors)

    def test_encoded(self):
        data = SMALL.read_bytes()
        for photo in (str(SMALL), SMALL, data, bytearray(data), memoryview(data), np.frombuffer(data, np.uint8),
                      memoryview(bytearray(b"".join(bytes([b, 0]) for b in data)))[::2]):
            self.same(photo)
        with open(SMALL, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            self.same(mapped)

    def test_arrays_in_every_order_of_memory(self):
        pixels = self.pixels
        bgr, alpha = np.ascontiguousarray(pixels[..., ::-1]), np.full((*pixels.shape[:2], 1), 255, np.uint8)
        wide = np.zeros((pixels.shape[0] * 2, pixels.shape[1] + 9, 3), np.uint8)
        wide[::2, 4:-5] = pixels
        self.same(pixels)
        self.same(bgr, format="bgr")
        self.same(bgr[..., ::-1])
        self.same(pixels[..., ::-1], format="bgr")
        self.same(pixels[::-1][::-1])
        self.same(np.ascontiguousarray(pixels[::-1])[::-1])
        self.same(np.ascontiguousarray(pixels[:, ::-1])[:, ::-1])
        self.same(np.asfortranarray(pixels))
        self.same(wide[::2, 4:-5])
        self.same(memoryview(pixels))
        self.same(np.concatenate([pixels, alpha], 2))
        self.same(np.concatenate([pixels, alpha], 2), format="rgba")
        self.same(np.concatenate([bgr, alpha], 2), format="bgra")

    def test_gray(self):
        gray = self.pixels[..., 1]
        expected = self.pipeline.process(np.repeat(gray[..., None], 3, 2)).colors
        for photo in (gray, gray[..., None], np.ascontiguousarray(gray)):
            np.testing.assert_array_equal(self.pipeline.process(photo).colors, expected)
            np.testing.assert_array_equal(self.pipeline.process(photo, format="gray").colors, expected)

    def test_broadcast(self):
        row = self.pixels[5]
        np.testing.assert_array_equal(self.pipeline.process(np.broadcast_to(row, (40, *row.shape))).colors,
                                      self.pipeline.process(np.repeat(row[None], 40, 0)).colors)

    def test_pil(self):
        try:
            import PIL.Image
        except ImportError:
            self.skipTest("python3-pil is missing")
        image = PIL.Image.fromarray(self.pixels)
        self.same(image)
        self.same(image.convert("RGBA"))
        gray = image.convert("L")
        np.testing.assert_array_equal(self.pipeline.process(gray).colors,
                                      self.pipeline.process(np.asarray(gray)).colors)
        for mode in ("P", "CMYK", "YCbCr", "LA", "1"):
            self.assertEqual(self.pipeline.process(image.convert("L" if mode == "LA" else "RGB").convert(mode)).depth.shape,
                             self.pipeline.process(self.pixels).depth.shape)
        for mode in ("F", "I"):
            self.refuses(ValueError, "8 bits", self.pipeline.process, image.convert(mode))
        self.refuses(ValueError, "format", self.pipeline.process, image, format="bgr")
        exif = image.getexif()
        exif[0x0112] = 6  # to be turned to the right
        stored = io.BytesIO()
        image.save(stored, "PNG", exif=exif)
        turned = self.pipeline.process(PIL.Image.open(stored))
        np.testing.assert_array_equal(turned.colors, self.pipeline.process(np.rot90(self.pixels, -1)).colors)

    def test_missing_file(self):
        self.refuses(FileNotFoundError, "no/such.jpg", self.pipeline.process, "no/such.jpg")

    def test_bad_photo(self):
        self.refuses(depthcloud.DepthcloudError, ".", self.pipeline.process, b"no photo")
        self.refuses(depthcloud.DepthcloudError, ".", self.pipeline.process, b"")
        self.same(SMALL)  # the pipeline goes on


class CameraFrames(Case):
    """YUV of one colour: its RGB is BT.601's or BT.709's, of limited or full range."""

    def color(self, format, y, u, v):
        if format.startswith("yuyv"):
            pixels = np.tile(np.uint8([[y, u], [y, v]]), (48, 32, 1))
        else:
            pixels = np.vstack([np.full((48, 64), y, np.uint8), np.tile(np.uint8([u, v]), (24, 32))])
        frame = depthcloud.Model("constant").pipeline().process(pixels, format=format)
        self.assertEqual(frame.depth.shape[1] * 3, frame.depth.shape[0] * 4)
        self.assertEqual(frame.colors.std(0).max(), 0)
        return frame.colors[0].astype(int)

    def test_colours(self):
        for layout in ("yuyv", "nv12"):
            for suffix, rgb in (("", (255, 0, 0)), (":bt709", (255, 24, 2))):  # red of BT.601
                np.testing.assert_allclose(self.color(layout + suffix, 81, 90, 240), rgb, atol=4)
            np.testing.assert_allclose(self.color(layout, 16, 128, 128), 0, atol=1)
            for suffix in (":full", ":bt709:full"):
                np.testing.assert_allclose(self.color(layout + suffix, 16, 128, 128), 16, atol=1)
            self.assertFalse(np.array_equal(self.color(layout + ":full", 81, 90, 200),
                                            self.color(layout + ":bt709:full", 81, 90, 200)))

    def test_streams_take_them(self):
        pixels = np.full((72, 64), 128, np.uint8)
        [frame] = depthcloud.Model("constant").stream().feed([pixels], format="nv12", wait=True)
        self.assertGreater(len(frame), 0)

    def test_other_shapes(self):
        process = depthcloud.Model("constant").pipeline().process
        for format, shape in (("yuyv", (48, 64, 3)), ("yuyv", (48, 63, 2)), ("yuyv", (48, 64)), ("nv12", (72, 64, 1)),
                              ("nv12", (71, 64)), ("nv12", (72, 63)), ("nv12", (0, 64))):
            self.refuses(ValueError, f"photo has shape .*format '{format}' is", process, np.zeros(shape, np.uint8),
                         format=format)
        self.refuses(ValueError, "format is 'nv21', must be one of .*'nv12:bt709:full'", process,
                     np.zeros((72, 64), np.uint8), format="nv21")
        self.refuses(ValueError, "format is 'nv12'", depthcloud.decode, SMALL, format="nv12")

    def test_channels_first(self):
        self.refuses(ValueError, r"photo\.transpose\(1, 2, 0\)", depthcloud.Model("constant").pipeline().process,
                     np.zeros((3, 48, 64), np.uint8))


class Folders(Case):
    def setUp(self):
        self.pipeline = depthcloud.Model("constant:2").pipeline()
        self.photos = self.folder()
        for name in ("b.jpg", "a.JPEG"):
            (self.photos / name).write_bytes(SMALL.read_bytes())
        (self.photos / "notes.txt").write_text("no photo")
        (self.photos / "folder.jpg").mkdir()

    def test_process_all(self):
        frames = list(self.pipeline.process_all(iter([SMALL, depthcloud.decode(SMALL)])))
        self.assertEqual([frame.frame_id for frame in frames], [0, 1])
        frames = list(self.pipeline.process_all([depthcloud.decode(SMALL, format="bgr")], format="bgr"))
        np.testing.assert_array_equal(frames[0].colors, self.pipeline.process(depthcloud.decode(SMALL)).colors)

    def test_process_folder(self):
        found = list(self.pipeline.process_folder(str(self.photos)))
        self.assertEqual([path.name for path, _ in found], ["a.JPEG", "b.jpg"])
        self.assertTrue(all(len(frame) for _, frame in found))
        self.refuses(FileNotFoundError, "no photo", self.pipeline.process_folder, self.folder())
        self.refuses(FileNotFoundError, "such", self.pipeline.process_folder, self.photos / "such")

    def test_failures(self):
        (self.photos / "b.jpg").write_bytes(b"no photo")
        self.refuses(depthcloud.DepthcloudError, "b.jpg", list, self.pipeline.process_folder(self.photos))
        failed = []
        found = list(self.pipeline.process_folder(self.photos, on_failure=lambda *what: failed.append(what)))
        self.assertEqual(([path.name for path, _ in found], [path.name for path, _ in failed]), (["a.JPEG"], ["b.jpg"]))

    def shown(self, **options):
        shown = io.StringIO()
        with contextlib.redirect_stderr(shown), without("tqdm", "tqdm.auto"):
            list(self.pipeline.process_folder(self.photos, **options))
        return shown.getvalue()

    def test_progress(self):
        self.assertIn("1/2", self.shown(progress=True))
        self.assertRegex(self.shown(progress=True), r"\r *\r$")
        self.assertEqual(self.shown(progress=False), "")
        self.assertEqual(self.shown(), "")  # no terminal

    def test_progress_by_tqdm(self):
        seen = []
        auto = types.SimpleNamespace(tqdm=lambda items, unit: seen.append((len(items), unit)) or items)
        with mock.patch.dict(sys.modules, {"tqdm": types.SimpleNamespace(auto=auto), "tqdm.auto": auto}):
            self.assertEqual(len(list(self.pipeline.process_folder(self.photos, progress=True))), 2)
        self.assertEqual(seen, [(2, "photo")])


class Shown(Case):
    def setUp(self):
        self.model = depthcloud.Model("constant:2")
        self.frame = self.model.pipeline().process(SMALL)
        self.map = self.model.estimate([depthcloud.decode(SMALL)])[0]

    def test_repr(self):
        self.assertEqual(repr(self.frame), f"<depthcloud.Frame of {len(self.frame)} points, opencv>")
        self.assertIn("constant on cpu", repr(self.model))
        self.assertRegex(repr(self.map), r"DepthMap of \d+ x \d+, metres")
        for thing in (self.frame, self.model, self.map, self.model.pipeline(), self.frame.pack()):
            thing.close()
            self.assertIn("closed", repr(thing))

    def test_html(self):
        for thing, word in ((self.frame, "decode"), (self.map, "default_fov"), (self.model, "constant")):
            self.assertIn(word, thing._repr_html_())
            self.assertEqual("data:image/png" in thing._repr_html_(), thing is not self.model)
            thing.close()
            self.assertIn("closed", thing._repr_html_())

    def test_picture_of_depth(self):
        from depthcloud import _show
        depth = np.array([[1, 2], [np.nan, 4]], np.float32)
        levels = _show.nearness(depth)
        self.assertEqual((levels[0, 0], levels[1, 0]), (255, 0))
        self.assertGreater(levels[0, 1], levels[1, 1])
        np.testing.assert_array_equal(depthcloud.decode(_show._png(levels), format="gray")[..., 0], levels)
        self.assertEqual(_show.nearness(np.zeros((2, 2), np.float32)).max(), 0)

    def test_plots(self):
        try:
            import matplotlib
        except ImportError:
            self.skipTest("python3-matplotlib is missing")
        matplotlib.use("Agg")
        import matplotlib.pyplot as pyplot
        folder = self.folder()
        for name, ax in (("cloud", self.frame.plot(max_points=100)), ("depth", self.frame.plot_depth()),
                         ("map", self.map.plot_depth())):
            ax.figure.savefig(folder / f"{name}.png")
            self.assertGreater((folder / f"{name}.png").stat().st_size, 1000)
        self.refuses(ValueError, "max_points is 0", self.frame.plot, max_points=0)
        self.refuses(TypeError, "three dimensions", self.frame.plot, pyplot.figure().add_subplot())
        ax = pyplot.figure().add_subplot()
        self.assertIs(self.map.plot_depth(ax, cmap="gray"), ax)
        pyplot.close("all")

    def test_plots_without_matplotlib(self):
        with without("matplotlib", "matplotlib.pyplot"):
            self.refuses(ImportError, "python3-matplotlib", self.frame.plot)
            self.refuses(ImportError, "python3-matplotlib", self.frame.plot_depth)

    def test_help_stands_alone(self):
        self.assertIn("depthcloud.pipe", depthcloud.__doc__)
        for name in depthcloud.__all__:
            self.assertTrue(getattr(depthcloud, name).__doc__, name)
            for member in vars(getattr(depthcloud, name)).items() if isinstance(getattr(depthcloud, name), type) else ():
                if not member[0].startswith("_") and (callable(member[1]) or isinstance(member[1], property)):
                    self.assertTrue(member[1].__doc__, f"{name}.{member[0]}")


if __name__ == "__main__":
    main()
