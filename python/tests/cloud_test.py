# SPDX-License-Identifier: Apache-2.0
"""Clouds: from depth, merged, packed, in files, and as arrays of other packages."""

import gc

from case import PHOTO, SMALL, Case, main, np, without

import depthcloud
from depthcloud import CloudOptions, ScaleModel


class Metres(Case):
    def test_points_and_images_scale_depth(self):
        [depth] = depthcloud.Model("constant:2").estimate([depthcloud.decode(SMALL)])
        self.assertEqual(depth.metres_source, "model")
        fit = depth.fit_scale([[0, 0, 5], [1, 1, 5.1], [2, 2, 99]])
        self.assertEqual((fit.model, fit.points, fit.inliers, fit.shift), (ScaleModel.SCALE, 3, 2, 0))
        scaled = depth.apply_scale(fit)
        np.testing.assert_allclose(scaled.depth, 2 * fit.scale, rtol=1e-6)
        self.assertEqual((scaled.is_metric, scaled.metres_source), (True, "known_depth"))
        sparse = np.zeros((3, 4), np.uint16)
        sparse[1, 1] = 7000
        self.assertAlmostEqual(depth.fit_scale(image=sparse).scale, 3.5)
        self.assertAlmostEqual(depth.fit_scale(image=sparse, depth_scale=0.01).scale, 35)
        self.assertAlmostEqual(depth.fit_scale(image=sparse.astype(np.float32)).scale, 3500)
        frame = depthcloud.Model("constant:2").pipeline().process(SMALL)
        self.assertAlmostEqual(frame.fit_scale([[0, 0, 5]]).scale, 2.5)

    def test_what_does_not_fit_is_named(self):
        [depth] = depthcloud.Model("constant:2").estimate([depthcloud.decode(SMALL)])
        self.refuses(TypeError, "points or image", depth.fit_scale)
        self.refuses(TypeError, "points or image", depth.fit_scale, [[0, 0, 1]], image=np.ones((2, 2)))
        self.refuses(ValueError, r"\(N, 3\)", depth.fit_scale, [0, 0, 1])
        self.refuses(ValueError, "image is uint8", depth.fit_scale, image=np.ones((2, 2), np.uint8))
        self.refuses(ValueError, "model", depth.fit_scale, [[0, 0, 1]], model="shift")
        self.refuses(depthcloud.DepthcloudError, "inlier_error", depth.fit_scale, [[0, 0, 1]], inlier_error=2)
        self.refuses(depthcloud.DepthcloudError, "needs 2", depth.fit_scale, [[0, 0, 1]], model="depth")
        self.refuses(TypeError, "fit is a", depth.apply_scale, 2)


class FromDepth(Case):
    def cloud(self, **options):
        return depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera, CloudOptions(**options))

    def test_points(self):
        cloud = self.cloud()
        self.assertEqual(len(cloud), 12)
        np.testing.assert_allclose(cloud.positions[0], [-1, -0.5, 2])
        np.testing.assert_array_equal(cloud.colors, self.rgb.reshape(-1, 3))

    def test_depth_alone_has_no_colors(self):
        cloud = depthcloud.cloud_from_depth(self.depth, None, self.camera)
        np.testing.assert_array_equal(cloud.positions, self.cloud().positions)
        self.assertEqual(cloud.colors.shape, (0, 3))

    def test_options(self):
        self.assertEqual(self.cloud(stride=2).positions.shape, (4, 3))
        with self.assertWarns(UserWarning):
            self.assertEqual(self.cloud(min_depth=3.0).positions.shape, (0, 3))
        with self.assertWarns(UserWarning):
            self.assertEqual(len(self.cloud(max_depth=1.0)), 0)
        self.assertEqual(len(self.cloud(max_points=5)), 5)
        self.assertEqual(self.cloud(axes="opengl").positions[0, 2], -2)
        self.assertEqual(self.cloud(axes=depthcloud.Axes.V1).axes, depthcloud.Axes.V1)
        np.testing.assert_allclose(self.cloud(intrinsics=(8, 8, 2, 1)).positions[0], [-0.5, -0.25, 2])

    def test_filters(self):
        confidence = np.arange(12, dtype=np.float32).reshape(3, 4)

        def points(**options):
            return len(depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera, CloudOptions(**options),
                                                   confidence=confidence))
        self.assertEqual(points(min_confidence=6), 6)
        self.assertLess(points(confidence_percentile=50), 12)
        self.assertEqual(points(), 12)
        depth = self.depth.copy()
        depth[:, 2:] = 4
        self.assertLess(len(depthcloud.cloud_from_depth(depth, self.rgb, self.camera,
                                                        CloudOptions(edge_threshold=0.1))), 12)
        clear = np.dstack([self.rgb, np.zeros((3, 4), np.uint8)])
        for keep, left in ((False, 0), (True, 12)):
            self.assertEqual(len(depthcloud.cloud_from_depth(self.depth, clear, self.camera,
                                                             CloudOptions(keep_transparent=keep))), left)

    def test_views_are_the_same_memory_and_outlive_their_cloud(self):
        cloud = self.cloud()
        positions, again = cloud.positions, cloud.positions
        self.assertTrue(np.shares_memory(positions, again))
        self.assertFalse(positions.flags.owndata or positions.flags.writeable)
        cloud.close()
        del cloud, again
        gc.collect()
        np.testing.assert_allclose(positions[:, 2], 2)

    def test_intrinsics_as_a_matrix(self):
        matrix = depthcloud.Intrinsics(*self.camera).matrix
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, matrix)
        np.testing.assert_array_equal(cloud.positions, self.cloud().positions)

    def test_errors_of_the_library(self):
        with self.assertRaisesRegex(depthcloud.DepthcloudError, "stride") as caught:
            self.cloud(stride=-1)
        self.assertEqual((caught.exception.status, caught.exception.code), (-1, "invalid_argument"))


class Units(Case):
    """Integers are millimetres, floats are metres, unless depth_scale says otherwise."""

    def z(self, depth, **options):
        return depthcloud.cloud_from_depth(depth, self.rgb, self.camera, **options).positions[:, 2]

    def test_integers_are_millimetres(self):
        for kind in ("u2", "i2", ">u2", ">i2", "u4", "i4", "u8", "i8"):
            np.testing.assert_allclose(self.z((self.depth * 1000).astype(kind)), 2, rtol=1e-6, err_msg=kind)
        for kind in ("f2", "f4", "f8", ">f4"):
            np.testing.assert_array_equal(self.z(self.depth.astype(kind)), 2, err_msg=kind)
        wide = np.full((6, 8), 2000, np.uint16)
        for depth in (wide[::2, ::2], np.asfortranarray(wide)[3:, 4:], wide[:3, :4]):
            np.testing.assert_allclose(self.z(depth), 2)

    def test_depth_scale(self):
        for kind in ("u1", "i1", "u2", "i4", "f4", "f8"):
            np.testing.assert_allclose(self.z((self.depth * 50).astype(kind), depth_scale=0.01), 1, rtol=1e-6,
                                       err_msg=kind)
        for kind in (np.uint8, np.int8):
            self.refuses(ValueError, "depth is u?int8, whose unit could be anything; say depth_scale", self.z,
                         self.depth.astype(kind))
        for scale in (0, -1, np.nan, np.inf):
            self.refuses(ValueError, "depth_scale is", self.z, self.depth, depth_scale=scale)
        self.refuses(TypeError, "depth_scale is 'mm'", self.z, self.depth, depth_scale="mm")

    def test_uint16_is_read_in_place(self):
        from depthcloud import _inputs
        depth = (self.depth * 1000).astype(np.uint16)
        self.assertTrue(np.shares_memory(_inputs.depth_plane(depth, None).values, depth))
        self.assertTrue(np.shares_memory(_inputs.depth_plane(self.depth, None).values, self.depth))

    def test_no_depth(self):
        with self.assertWarnsRegex(UserWarning, "no depth is finite and above 0"):
            self.assertEqual(len(self.z(np.zeros((3, 4), np.uint16))), 0)
        with self.assertWarnsRegex(UserWarning, "max_depth=1 is nearer than all depth, which is 2 to 2"):
            self.z(np.full((3, 4), 2000, np.uint16), options=CloudOptions(max_depth=1))


class Alignment(Case):
    """A plane at 2 m, seen by a camera of twice the resolution, and by one 1 m to the left of it."""

    def align(self, *arguments, **options):
        return depthcloud.align_depth(self.depth, *arguments, **{"intrinsics": self.camera, **options})

    def test_another_size(self):
        aligned = self.align((8, 6), (8, 8, 4.5, 2.5))
        self.assertEqual((aligned.shape, aligned.intrinsics), ((6, 8), (8, 8, 4.5, 2.5)))
        np.testing.assert_array_equal(aligned.depth, np.full((6, 8), 2, np.float32))
        sparse = self.align((8, 6), (8, 8, 4.5, 2.5), splat=False)
        self.assertEqual((sparse.depth == 2).sum(), 12)
        millimetres = depthcloud.align_depth(np.full((3, 4), 500, np.uint16), (4, 3), self.camera, depth_scale=0.002,
                                             intrinsics=self.camera)
        np.testing.assert_allclose(millimetres.depth, 1)

    def test_another_place(self):
        moved = np.eye(4)
        moved[0, 3] = 1  # 4 pixels a metre at 1 m, so 2 at 2 m
        for pose in (moved, moved[:3]):
            aligned = self.align((4, 3), self.camera, pose)
            np.testing.assert_array_equal(aligned.depth, [[0, 0, 2, 2]] * 3)

    def test_of_a_depth_map(self):
        [depth] = depthcloud.Model("constant:2").estimate([self.rgb])
        height, width = depth.shape
        aligned = depthcloud.align_depth(depth, (width, height), depth.intrinsics)
        np.testing.assert_allclose(aligned.depth, depth.depth)
        self.refuses(TypeError, "DepthMap knows its own", depthcloud.align_depth, depth, (4, 3), self.camera, depth_scale=1)

    def test_arguments(self):
        self.refuses(TypeError, "size is 4, must be", self.align, 4, self.camera)
        self.refuses(TypeError, "intrinsics is None", self.align, (4, 3), self.camera, intrinsics=None)
        self.refuses(ValueError, "camera has the focal lengths", self.align, (4, 3), (0, 0, 0, 0))
        self.refuses(ValueError, "extrinsics", self.align, (4, 3), self.camera, np.eye(3))
        self.refuses(TypeError, "splat", self.align, (4, 3), self.camera, splat="no")


class Shapes(Case):
    def test_another_aspect_is_refused(self):
        def fits(depth, image, **options):
            depthcloud.cloud_from_depth(np.ones(depth, np.float32), np.zeros((*image, 3), np.uint8), (9, 9, 0.5, 0.5), **options)
        for depth, image in (((480, 640), (240, 320)), ((378, 504), (480, 640)), ((3, 4), (48, 64)), ((48, 65), (480, 640)),
                             ((480, 640), (476, 640)), ((1, 9), (1, 18)), ((280, 504), (720, 1280))):
            fits(depth, image)
        self.refuses(ValueError, "depth of 640 x 480 does not fit the image of 480 x 640: one of them lies on its side",
                     fits, (480, 640), (640, 480))
        for image in ((480, 848), (100, 640), (500, 500), (458, 640)):
            self.refuses(ValueError, "differ in shape, .*stretch=True", fits, (480, 640), image)
            fits((480, 640), image, stretch=True)


class Views(Case):
    def test_merge(self):
        moved = np.eye(3, 4)
        moved[0, 3] = -1  # a camera one unit to the right of the world
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        both = depthcloud.merge([cloud, cloud], [np.eye(4), np.vstack([moved, [0, 0, 0, 1]])])
        np.testing.assert_allclose(both.positions[:12], cloud.positions)
        np.testing.assert_allclose(both.positions[12:], cloud.positions + [1, 0, 0])
        self.assertEqual((both.num_views, cloud.num_views), (2, 0))
        self.assertEqual(len(depthcloud.merge([cloud, cloud], [moved, moved], max_points=6)), 6)
        self.assertEqual(depthcloud.merge([cloud], [moved], axes="v1").axes, depthcloud.Axes.V1)
        self.assertEqual(len(depthcloud.merge([], [])), 0)


class OtherPackages(Case):
    def setUp(self):
        self.cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)

    def test_numpy(self):
        array = np.asarray(self.cloud)
        self.assertTrue(np.shares_memory(array, self.cloud.positions))
        self.assertEqual(np.asarray(self.cloud, np.float64).dtype, np.float64)
        self.assertFalse(np.shares_memory(self.cloud.__array__(copy=True), array))
        self.assertTrue(np.shares_memory(np.from_dlpack(self.cloud), array))

    def test_dlpack_of_nothing(self):
        with self.assertWarnsRegex(UserWarning, "min_depth=9 is beyond all depth, which is 2 to 2"):
            nothing = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera, CloudOptions(min_depth=9))
        self.assertEqual(np.from_dlpack(nothing).shape, (0, 3))

    def test_dlpack_keeps_the_memory(self):
        tensor = np.from_dlpack(depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera))
        gc.collect()
        np.testing.assert_array_equal(tensor, self.cloud.positions)

    def test_torch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("python3-torch is missing")
        tensor = torch.from_dlpack(self.cloud)
        self.assertEqual((tuple(tensor.shape), tensor.data_ptr()), ((12, 3), self.cloud.positions.ctypes.data))
        with self.assertRaisesRegex(TypeError, "image is float32"):
            depthcloud.cloud_from_depth(self.depth, torch.zeros(3, 4, 3), self.camera)
        cloud = depthcloud.cloud_from_depth(torch.full((3, 4), 2.0), torch.from_numpy(self.rgb.copy()), self.camera)
        np.testing.assert_array_equal(cloud.colors, self.cloud.colors)

    def test_open3d(self):
        try:
            import open3d  # noqa: F401
        except ImportError:
            self.skipTest("python3-open3d is missing")
        cloud = self.cloud.to_open3d()
        np.testing.assert_allclose(np.asarray(cloud.points), self.cloud.positions)
        np.testing.assert_allclose(np.asarray(cloud.colors) * 255, self.cloud.colors)

    def test_open3d_is_missing(self):
        with without("open3d"):
            self.refuses(ImportError, "python3-open3d", self.cloud.to_open3d)


class Files(Case):
    def test_ply_and_pcd(self):
        folder, cloud = self.folder(), depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        cloud.write_ply(folder / "cloud.ply")
        cloud.write_pcd(str(folder / "cloud.pcd"))
        self.assertIn(b"element vertex 12", (folder / "cloud.ply").read_bytes())
        self.assertIn(b"POINTS 12", (folder / "cloud.pcd").read_bytes())
        self.refuses(depthcloud.DepthcloudError, "no/such", cloud.write_ply, folder / "no/such/cloud.ply")

    def test_suffixes(self):
        folder, cloud = self.folder(), depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        for write, name in ((cloud.write_ply, "a.pcd"), (cloud.write_pcd, "a.ply"), (cloud.write_ply, "a.msgpack"),
                            (cloud.write_pcd, "A.PLY")):
            self.refuses(ValueError, f"path is '.*{name}', and this writes .p", write, folder / name)
        for name in ("a.txt", "a", "a.msgpack"):
            self.refuses(ValueError, "must end in .ply or .pcd", cloud.write, folder / name)
        self.assertEqual(list(folder.iterdir()), [])
        cloud.write_ply(folder / "a")
        cloud.write_pcd(folder / "a.b")
        cloud.write(str(folder / "A.PLY"))
        cloud.write(folder / "a.pcd", axes="ros")
        self.assertTrue((folder / "A.PLY").read_bytes().startswith(b"ply\n"))
        self.assertIn(b"# axes ros\n", (folder / "a.pcd").read_bytes())

    def test_read(self):
        folder, cloud = self.folder(), depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        for name, axes in (("a.ply", "opengl"), ("a.pcd", "ros"), ("b.ply", "opencv")):
            cloud.write(folder / name, axes=axes)
            read = depthcloud.read_cloud(folder / name)
            self.assertEqual((read.axes.name.lower(), read.num_views), (axes, 0))
            np.testing.assert_array_equal(read.colors, cloud.colors)
            back = folder / f"back{(folder / name).suffix}"
            read.write(back, axes=axes)
            self.assertEqual(back.read_bytes(), (folder / name).read_bytes())
        np.testing.assert_array_equal(depthcloud.read_cloud(str(folder / "b.ply")).positions, cloud.positions)
        plain = folder / "plain.ply"
        plain.write_text("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
                         "property float z\nend_header\n1 2 3\n")
        read = depthcloud.read_cloud(plain)
        self.assertEqual((read.positions.tolist(), read.colors.shape), ([[1, 2, 3]], (0, 3)))
        read.write_pcd(folder / "plain.pcd")
        self.refuses(FileNotFoundError, "no/such.ply", depthcloud.read_cloud, "no/such.ply")
        self.refuses(IsADirectoryError, str(folder), depthcloud.read_cloud, folder)
        (folder / "bad.ply").write_bytes(b"ply")
        self.refuses(depthcloud.DepthcloudError, "bad.ply", depthcloud.read_cloud, folder / "bad.ply")
        self.refuses(TypeError, "path is an int", depthcloud.read_cloud, 5)
        for path, options, code in ((PHOTO, {}, "unsupported"), (folder / "a.ply", {"max_bytes": 99}, "limit_exceeded")):
            with self.assertRaisesRegex(depthcloud.DepthcloudError, path.name) as caught:
                depthcloud.read_cloud(path, **options)
            self.assertEqual(caught.exception.code, code)

    def test_axes(self):
        folder, cloud = self.folder(), depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        right, down, forward = cloud.positions.T
        for axes, expected in (("opencv", (right, down, forward)), ("opengl", (right, -down, -forward)),
                               ("v1", (right, -down, forward)), (depthcloud.Axes.ROS, (forward, -right, -down))):
            cloud.write_ply(folder / "cloud.ply", axes=axes)
            head, body = (folder / "cloud.ply").read_bytes().split(b"end_header\n")
            self.assertIn(f"comment axes {depthcloud.Axes.of(axes, 'axes').name.lower()}\n".encode(), head)
            points = np.frombuffer(body, [("xyz", "<f4", 3), ("rgb", "u1", 3)])["xyz"]
            np.testing.assert_array_equal(points, np.stack(expected, axis=1))
        cloud.write_pcd(folder / "cloud.pcd", axes="ros")
        self.assertIn(b"# axes ros\n", (folder / "cloud.pcd").read_bytes())
        cloud.write_pcd(folder / "cloud.pcd")
        self.assertIn(b"# axes opengl\n", (folder / "cloud.pcd").read_bytes())
        self.refuses(ValueError, "axes", cloud.write_ply, folder / "cloud.ply", axes="up")

    def test_voxels(self):
        options = depthcloud.CloudOptions(voxel_size=1e6)
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera, options=options)
        self.assertLessEqual(len(cloud), 4)  # one in each of the cubes that meet on the optical axis
        whole = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        pose = np.eye(4)[:3]
        self.assertLess(len(depthcloud.merge([whole, whole], [pose, pose], voxel_size=1e-3)), 2 * len(whole))


class Messages(Case):
    def test_pack_and_unpack(self):
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        packet = cloud.pack(depthcloud.WireFormat(encoding="q16"), frame_id=7, capture_ts=1.5)
        self.assertEqual((bytes(packet), len(packet)), (packet.data.tobytes(), packet.data.size))
        for message in (packet, packet.data, bytes(packet), bytearray(bytes(packet)), memoryview(packet.data)):
            read = depthcloud.unpack(message)
            self.assertEqual((len(read), read.axes), (12, depthcloud.Axes.V1))
            self.assertEqual((read.encoding, read.frame_id, read.capture_ts), (depthcloud.Encoding.Q16, 7, 1.5))
            self.assertRegex(read.timestamp, r"^\d{4}-\d\d-\d\dT")
        path = self.folder() / "cloud.msgpack"
        path.write_bytes(bytes(packet))
        for given in (path, str(path)):
            np.testing.assert_array_equal(depthcloud.unpack(given).positions, depthcloud.unpack(packet).positions)
        self.refuses(FileNotFoundError, "no/such", depthcloud.unpack, "no/such")
        with self.assertRaises(depthcloud.DepthcloudError) as caught:
            depthcloud.unpack(path, limits=depthcloud.UnpackLimits(max_bytes=len(packet) - 1))
        self.assertEqual(caught.exception.code, "limit_exceeded")
        path.write_bytes(b"no message")
        self.refuses(depthcloud.DepthcloudError, "cloud.msgpack: ", depthcloud.unpack, path)
        read = depthcloud.unpack(cloud.pack())
        self.assertEqual((read.encoding, read.frame_id, read.capture_ts), (depthcloud.Encoding.F32, None, None))

    def test_camera_and_unit(self):
        for encoding in ("f32", "q16", "depth"):
            wire = depthcloud.WireFormat(encoding=encoding)
            frame = depthcloud.Model("constant:2").pipeline(wire=wire).process(self.rgb)
            read = depthcloud.unpack(frame.packet)
            height, width = frame.depth.shape
            self.assertEqual((read.width, read.height, read.is_metric), (width, height, frame.is_metric), encoding)
            self.assertEqual(read.intrinsics, frame.intrinsics, encoding)
        cloud = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera)
        read = depthcloud.unpack(depthcloud.merge([cloud], [np.eye(4)]).pack())
        self.assertEqual((read.width, read.height, read.intrinsics, read.is_metric), (None, None, None, None))
        read.close()
        self.refuses(ValueError, "closed", lambda: read.is_metric)

    def test_limits(self):
        packet = depthcloud.cloud_from_depth(self.depth, self.rgb, self.camera).pack()
        for limit in ("max_bytes", "max_points", "max_keys", "max_depth", "max_string"):
            limits = depthcloud.UnpackLimits(**{limit: 1})
            message = b"\x81\xa1x\x91\x91\x90" if limit == "max_depth" else packet  # {"x": [[[]]]}
            with self.assertRaises(depthcloud.DepthcloudError, msg=limit) as caught:
                depthcloud.unpack(message, limits=limits)
            self.assertEqual(caught.exception.code, "limit_exceeded", limit)

    def test_colours_that_the_reader_kept(self):
        wire = depthcloud.WireFormat(encoding="depth", grid_colors="client")
        pixels = np.zeros((48, 64, 3), np.uint8)
        pixels[...] = (255, 128, 0)
        frame = depthcloud.Model("constant:2").pipeline(wire=wire).process(pixels)
        self.assertTrue((depthcloud.unpack(frame.packet).colors == 255).all())
        read = depthcloud.unpack(frame.packet, kept=pixels[..., ::-1], format="bgr")
        np.testing.assert_array_equal(read.colors[0], (255, 128, 0))


class Photos(Case):
    def test_decode(self):
        pixels = depthcloud.decode(PHOTO.read_bytes())
        self.assertEqual((pixels.ndim, pixels.shape[2], pixels.dtype), (3, 3, np.uint8))
        self.assertGreater(pixels.std(), 10)
        np.testing.assert_array_equal(depthcloud.decode(str(PHOTO)), pixels)
        np.testing.assert_array_equal(depthcloud.decode(PHOTO, format="bgr"), pixels[..., ::-1])
        self.assertEqual(depthcloud.decode(PHOTO, format="gray").shape, (*pixels.shape[:2], 1))
        for wrong in (100, (1, 2, 3), "x"):
            self.refuses(TypeError, "min_size is .*, must be \\(width, height\\)", depthcloud.decode, PHOTO, min_size=wrong)
        small = depthcloud.decode(PHOTO, min_size=(pixels.shape[1] // 2, pixels.shape[0] // 2))
        self.assertEqual(small.shape, (pixels.shape[0] // 2, pixels.shape[1] // 2, 3))

    def test_options(self):
        cut = PHOTO.read_bytes()[:20000]
        salvage = depthcloud.DecodeOptions(salvage=True)
        self.refuses(depthcloud.DepthcloudError, ".", depthcloud.decode, cut)
        self.assertEqual(depthcloud.decode(cut, options=salvage).ndim, 3)
        for options in (depthcloud.DecodeOptions(max_pixels=100),
                        depthcloud.DecodeOptions(formats=depthcloud.PhotoFormat.PNG)):
            self.refuses(depthcloud.DepthcloudError, ".", depthcloud.decode, PHOTO, options=options)


if __name__ == "__main__":
    main()
