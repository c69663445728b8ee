# SPDX-License-Identifier: Apache-2.0
"""`depthcloud cloud --depth`: what depth means, and how it is laid on its photo."""

import json
import pickle
import unittest

import numpy as np

from cli_case import CliCase, read_ply, with_orientation, write_png

CAMERA = ("--intrinsics", "10,20,4,3")


def depth_of(positions, width, height):
    return positions[:, 2].reshape(height, width)


class Rgbd(CliCase):
    def made(self, *flags, photo="photo.png", depth="depth.npy"):
        """Positions, colours and what was said."""
        out = self.run_ok("cloud", photo, "--depth", depth, "-o", "out.ply", *flags)
        return (*read_ply(self.dir / "out.ply"), out)

    def refused(self, *flags, photo="photo.png", depth="depth.npy", code=1):
        line = self.run_fails(code, "cloud", photo, "--depth", depth, "-o", "out.ply", *flags)
        self.assertNotIn("out.ply", self.names())
        return line

    def save(self, name, depth, dtype="f4"):
        np.save(self.dir / name, np.asarray(depth).astype(dtype))


class Kinds(Rgbd):
    def test_z_is_the_default(self):
        np.testing.assert_array_equal(self.made()[0], self.made("--depth-kind", "z")[0])

    def test_distances_along_the_rays_of_a_wall(self):
        v, u = np.mgrid[:6, :8]
        rays = 2 * np.sqrt(1 + ((u - 4) / 10) ** 2 + ((v - 3) / 20) ** 2)
        self.save("ray.npy", rays)
        self.save("ray_mm.npy", 1000 * rays, "u2")
        for name in ("ray.npy", "ray_mm.npy"):
            z = self.made("--depth-kind", "ray", *CAMERA, depth=name)[0][:, 2]
            np.testing.assert_allclose(z, 2, rtol=1e-3)

    def test_inverse_depth_of_floats_and_of_bytes(self):
        self.save("inverse.npy", 1 / self.depth)
        z = self.made("--depth-kind", "inverse", depth="inverse.npy")[0][:, 2]
        np.testing.assert_allclose(z, self.depth.ravel(), rtol=1e-6)
        write_png(self.dir / "inverse.png", 300 / self.depth)
        z = self.made("--depth-kind", "inverse", "--depth-scale", 1 / 300, depth="inverse.png")[0][:, 2]
        np.testing.assert_allclose(z, self.depth.ravel(), rtol=1e-6)
        self.save("bytes.npy", 60 / self.depth, "u1")
        z = self.made("--depth-kind", "inverse", depth="bytes.npy")[0][:, 2]
        np.testing.assert_allclose(z, self.depth.ravel() / 60, rtol=1e-6)

    def test_disparity(self):
        self.save("d.npy", 10 * 0.5 / self.depth)
        flags = ("--depth-kind", "disparity", "--baseline", 0.5, *CAMERA)
        z = self.made(*flags, depth="d.npy")[0][:, 2]
        np.testing.assert_allclose(z, self.depth.ravel(), rtol=1e-6)
        self.save("d.npy", 10 * 0.5 / self.depth + 1)
        z = self.made(*flags, "--disparity-offset", -1, depth="d.npy")[0][:, 2]
        np.testing.assert_allclose(z, self.depth.ravel(), rtol=1e-5)

    def test_disparity_in_whole_numbers_as_kitti_has_it(self):
        write_png(self.dir / "d.png", np.round(256 * 10 * 0.5 / self.depth))
        z = self.made("--depth-kind", "disparity", "--baseline", 0.5, "--depth-scale", 1 / 256,
                      *CAMERA, depth="d.png")[0][:, 2]
        np.testing.assert_allclose(z, self.depth.ravel(), rtol=1e-2)

    def test_disparity_needs_baseline_and_focal_length(self):
        self.assertIn("needs --baseline", self.refused("--depth-kind", "disparity", *CAMERA, code=2))
        line = self.refused("--depth-kind", "disparity", "--baseline", 1)
        self.assertRegex(line, r"^depthcloud: depth\.npy: disparities need the focal length")
        for flags in (("--baseline", 1), ("--disparity-offset", 2), ("--disparity-offset", 0),
                      ("--depth-kind", "ray", "--baseline", 1)):
            self.assertIn("are of --depth-kind disparity", self.refused(*flags, code=2))
        for flags in (("--baseline", 0), ("--baseline", "nan"), ("--disparity-offset", "inf"),
                      ("--depth-kind", "depth")):
            self.refused(*flags, code=2)


class Orientation(Rgbd):
    """A photo of 32 x 24 as it is stored, each pixel of another colour, and depth of 8 x 6 that
    is another for each pixel, too."""

    def setUp(self):
        super().setUp()
        self.photo = self.dir / "photo.png"
        self.turn_photo(1)
        self.depth = 1 + np.arange(48).reshape(6, 8) / 50
        self.save("depth.npy", self.depth)
        self.upright_depth = {1: self.depth, 2: self.depth[:, ::-1], 3: self.depth[::-1, ::-1],
                              4: self.depth[::-1], 5: self.depth.T, 6: self.depth.T[:, ::-1],
                              7: self.depth.T[::-1, ::-1], 8: self.depth.T[::-1]}

    def turn_photo(self, orientation):
        v, u = np.mgrid[:24, :32]
        write_png(self.photo, np.stack([u * 7, v * 7, 0 * u], -1))
        self.photo.write_bytes(with_orientation(self.photo.read_bytes(), orientation))

    def check_turned(self, orientation, positions, colors):
        depth = self.upright_depth[orientation]
        height, width = depth.shape
        np.testing.assert_allclose(depth_of(positions, width, height), depth, rtol=1e-6)
        # each point has the colour of its own pixel, which tells where it was
        order = np.argsort(positions[:, 2])
        u, v = np.meshgrid(np.arange(8), np.arange(6))
        expected = np.stack([u.ravel() * 28, v.ravel() * 28], -1)
        self.assertLess(np.abs(colors[order, :2].astype(int) - expected).max(), 28)

    def test_depth_is_turned_with_a_photo_on_its_side(self):
        for orientation in (5, 6, 7, 8):
            self.turn_photo(orientation)
            positions, colors, out = self.made(*CAMERA)
            self.check_turned(orientation, positions, colors)
            self.assertIn("turned upright with its photo", out)

    def test_the_camera_is_turned_too(self):
        flat = self.made(*CAMERA)[0]
        self.turn_photo(6)
        x, y, z = self.made(*CAMERA)[0].T
        order = np.argsort(z)  # as the pixels were stored
        np.testing.assert_allclose(np.stack([y, -x, z], -1)[order], flat, rtol=1e-5, atol=1e-6)

    def test_depth_that_is_upright_stays(self):
        self.turn_photo(6)
        self.save("depth.npy", self.upright_depth[6])
        positions, colors, out = self.made("--intrinsics", "10,20,3,4")
        self.check_turned(6, positions, colors)
        self.assertNotIn("turned", out)

    def test_half_turns_must_be_said(self):
        for orientation in (2, 3, 4):
            self.turn_photo(orientation)
            line = self.refused()
            self.assertIn("--depth-orientation stored or upright", line)
            positions, colors, _ = self.made("--depth-orientation", "stored", *CAMERA)
            self.check_turned(orientation, positions, colors)
            self.save("upright.npy", self.upright_depth[orientation])
            positions, colors, _ = self.made("--depth-orientation", "upright", *CAMERA,
                                             depth="upright.npy")
            self.check_turned(orientation, positions, colors)
            (self.dir / "out.ply").unlink()

    def test_square_photos_must_be_said(self):
        self.write_photo("photo.png", 16, 16)
        self.save("depth.npy", np.ones((8, 8)))
        self.assertEqual(len(self.made()[0]), 64)
        (self.dir / "out.ply").unlink()
        self.photo.write_bytes(with_orientation(self.photo.read_bytes(), 6))
        self.assertIn("--depth-orientation", self.refused())

    def test_other_shapes_are_refused(self):
        for height, width in ((48, 200), (8, 8), (6, 12), (3, 8)):
            self.save("other.npy", np.ones((height, width)))
            line = self.refused(depth="other.npy")
            self.assertRegex(line, r"^depthcloud: other\.npy: depth of .* does not fit the photo of 32 x 24")
        self.save("side.npy", np.ones((8, 6)))
        self.assertIn("lies on its side", self.refused(depth="side.npy"))
        self.turn_photo(6)
        self.assertIn("does not fit the upright photo of 24 x 32", self.refused(depth="other.npy"))
        self.assertIn("photo as it was stored of 32 x 24",
                      self.refused("--depth-orientation", "stored", depth="side.npy"))

    def test_stretch_takes_other_shapes(self):
        self.save("other.npy", np.ones((8, 8)))
        self.assertEqual(len(self.made("--stretch", depth="other.npy")[0]), 64)

    def test_nearly_the_same_shape_is_taken(self):
        self.write_photo("photo.png", 1000, 667)
        self.save("depth.npy", np.ones((336, 504)))
        self.assertEqual(len(self.made()[0]), 336 * 504)


class Camera(Rgbd):
    def setUp(self):
        super().setUp()
        self.write_photo("photo.png", 32, 24)

    def check_same(self, a, b):
        np.testing.assert_allclose(a[0], b[0], rtol=1e-5, atol=1e-6)

    def test_intrinsics_of_the_photo_are_scaled(self):
        expected = self.made("--intrinsics", "10,10,4,3")
        scaled = self.made("--intrinsics", "40,40,16,12")
        self.check_same(scaled, expected)
        self.assertIn("scaled from the photo's 32 x 24", scaled[2])
        self.assertIn("in pixels of the depth map", expected[2])

    def test_intrinsics_of_a_named_size(self):
        expected = self.made("--intrinsics", "10,10,4,3")
        for size, values in (("32x24", "40,40,16,12"), ("16x12", "20,20,8,6"), ("8x6", "10,10,4,3"),
                             ("1x1", f"{10 / 8},{10 / 6},0.5,0.5")):
            named = self.made("--intrinsics", values, "--intrinsics-size", size)
            self.check_same(named, expected)
            self.assertIn("scaled from " + size.replace("x", " x "), named[2])

    def test_intrinsics_of_a_photo_that_is_stretched(self):
        self.save("square.npy", np.ones((8, 8)))
        a = self.made("--stretch", "--intrinsics", "40,40,16,12", "--intrinsics-size", "32x24",
                      depth="square.npy")
        b = self.made("--stretch", "--intrinsics", f"10,{40 / 3},4,4", depth="square.npy")
        self.check_same(a, b)

    def test_intrinsics_of_the_upright_photo_are_turned_back(self):
        self.photo.write_bytes(with_orientation(self.photo.read_bytes(), 6))
        stored = self.made("--intrinsics", "10,11,4.2,3.1")  # of the depth map in its file
        upright = f"{11 * 4},{10 * 4},{(5 - 3.1) * 4},{4.2 * 4}"
        self.check_same(self.made("--intrinsics", upright), stored)
        self.check_same(self.made("--intrinsics", upright, "--intrinsics-size", "24x32"), stored)
        self.check_same(self.made("--intrinsics", "40,44,16.8,12.4"), stored)

    def test_cameras_that_fit_nothing_are_refused(self):
        for values in ("10,10,100,3", "40,40,7,5", "0.8,0.8,0.5,0.5", "1e-3,1e-3,4,3", "1e6,1e6,4,3"):
            line = self.refused("--intrinsics", values)
            self.assertRegex(line, r"^depthcloud: depth\.npy: --intrinsics ")
            self.assertIn("--intrinsics-size", line)
        for size in ("32x32", "6x8"):
            self.assertIn("another shape", self.refused(*CAMERA, "--intrinsics-size", size))

    def test_a_camera_of_a_smaller_picture_is_refused(self):
        self.write_photo("photo.png", 256, 192)
        self.save("depth.npy", np.ones((192, 256)))
        for values, reason in (("50,50,32,24", "far from the centre, as in a smaller or larger picture"),
                               ("100,100,64,48", "far from the centre"),
                               ("100,100,66,50", "far from the centre"),
                               ("400,400,256,192", "not within it"),
                               ("25,25,16,12", "158 degrees wide"),
                               ("25,25,128,96", "158 degrees wide"),
                               ("4000,4000,128,96", "3.67 degrees wide"),
                               ("200,20,128,96", "10 times the other"),
                               ("20,200,128,96", "degrees wide"),
                               ("100,400,128,96", "4 times the other")):
            lines = {self.refused("--intrinsics", values),
                     self.run_fails(1, "cloud", "--depth", "depth.npy", "-o", "out.ply", "--intrinsics", values)}
            for line in lines:
                self.assertRegex(line, r"^depthcloud: depth\.npy: --intrinsics [0-9,]+ make no likely camera in "
                                       r"pixels of the depth map \(256 x 192\)")
                self.assertIn(reason, line)
                self.assertIn("say in which picture's with --intrinsics-size WxH", line)
        for values in ("200,200,128,96", "200,210,150,80", "200,200,90,96", "40,40,128,96", "2000,2000,128,96",
                       "200,600,128,96"):
            self.made("--intrinsics", values)

    def test_a_named_size_is_checked_too(self):
        self.write_photo("photo.png", 256, 192)
        self.save("depth.npy", np.ones((192, 256)))
        for values, size in (("200,200,128,96", "1x1"), ("200,200,128,96", "128x96"), ("25,25,16,12", "256x192"),
                             ("200,20,128,96", "256x192"), ("1,1,1,0.5", "1x1"), ("200,200,-1,96", "256x192"),
                             ("9000,9000,128,96", "256x192")):
            line = self.refused("--intrinsics", values, "--intrinsics-size", size)
            self.assertRegex(line, r"^depthcloud: depth\.npy: --intrinsics \S+ make no likely camera of a picture of "
                                   + size.replace("x", " x "))

    def test_a_crop_must_be_said(self):
        self.save("depth.npy", np.ones((24, 32)))
        self.refused("--intrinsics", "40,40,28,6")
        for flags in (("40,40,28,6", "32x24"), ("1.25,1.6,0.875,0.25", "1x1")):
            notes = self.run_noted("cloud", "photo.png", "--depth", "depth.npy", "-o", "out.ply",
                                   "--intrinsics", flags[0], "--intrinsics-size", flags[1])
            self.assertEqual(notes, ["photo.png: the principal point of --intrinsics is far from the centre of "
                                     f"the picture of {flags[1].replace('x', ' x ')}, as in a crop"])
            x, y, z = read_ply(self.dir / "out.ply")[0][0]
            np.testing.assert_allclose((x / z, y / z), (-28 / 40, -6 / 40 * 40 / 38.4 if "." in flags[0]
                                                        else -6 / 40), rtol=1e-5)

    def test_a_camera_of_the_stored_photo_is_turned_with_upright_depth(self):
        self.save("stored.npy", np.ones((24, 32)))
        flat = self.made("--intrinsics", "30,33,16.5,12", depth="stored.npy")[0]
        self.photo.write_bytes(with_orientation(self.photo.read_bytes(), 6))
        self.save("upright.npy", np.ones((32, 24)))
        for flags in (("30,33,16.5,12",), ("30,33,16.5,12", "--intrinsics-size", "32x24"),
                      ("60,66,33,24", "--intrinsics-size", "64x48")):
            positions, _, out = self.made("--intrinsics", *flags, depth="upright.npy")
            x, y, z = positions.reshape(32, 24, 3).transpose(2, 0, 1)
            # as the photo was stored: x runs down the upright picture, y to its left
            as_stored = np.stack([y, -x, z], -1)[:, ::-1].transpose(1, 0, 2)
            np.testing.assert_allclose(as_stored.reshape(-1, 3), flat, rtol=1e-5, atol=1e-6)
            if len(flags) == 1:
                self.assertIn("turned from the photo's 32 x 24", out)
        out = self.made("--intrinsics", "33,30,12,16", depth="upright.npy")[2]
        self.assertIn("in pixels of the depth map", out)

    def test_cameras_that_fit_both_are_refused(self):
        self.write_photo("photo.png", 9, 7)
        self.assertIn("may count", self.refused("--intrinsics", "9,9,4.5,3.5"))
        self.made("--intrinsics", "9,9,4,3")

    def test_a_size_needs_intrinsics(self):
        for flags in (("--intrinsics-size", "8x6"), ("--fov", 60, "--intrinsics-size", "8x6")):
            self.refused(*flags, code=2)
        for size in ("8", "8x", "8x0", "-8x6", "axb", "8x6x2"):
            self.refused(*CAMERA, "--intrinsics-size", size, code=2)

    def test_one_line_tells_which_camera(self):
        self.assertRegex(self.made()[2], r"\nphoto\.png: camera fx 6\.9282 fy 6\.9282 cx 4 cy 3 of 8 x 6 "
                                         r"\(60\.0 degrees wide\): assumed, nothing is known of it\n$")
        self.assertIn("(90.0 degrees wide): --fov\n", self.made("--fov", 90)[2])
        self.assertEqual(self.made("-q")[2], "")


class CameraOfANetwork(Rgbd):
    """The same for photos whose depth a network makes."""

    def setUp(self):
        super().setUp()
        self.write_photo("photo.png", 256, 192)

    def commands(self, *flags):
        for command, output in (("cloud", "out.ply"), ("depth", "out.npy")):
            yield (command, "photo.png", "-o", output, "--model", "constant:2", *flags)

    def test_a_camera_of_another_picture_is_refused(self):
        for values in ("277,277,10,10", "50,50,32,24", "400,400,256,192", "25,25,128,96", "200,20,128,96"):
            for command in self.commands("--intrinsics", values):
                line = self.run_fails(1, *command)
                self.assertRegex(line, r"^depthcloud: photo\.png: --intrinsics [0-9,]+ make no likely camera in "
                                       r"pixels of the photo \(256 x 192\), ")
                self.assertIn("--intrinsics-size", line)
        self.assertNotIn("out.npy", self.names())

    def test_a_camera_of_a_named_size_is_scaled(self):
        expected = None
        for values, size in (("200,200,128,96", "256x192"), ("50,50,32,24", "64x48"),
                             (f"{200 / 256},{200 / 192},0.5,0.5", "1x1")):
            self.run_ok("depth", "photo.png", "-o", "out.npy", "--model", "constant:2", "--json", "out.json",
                        "--intrinsics", values, "--intrinsics-size", size)
            report = json.loads((self.dir / "out.json").read_text())
            camera = [report[key] for key in ("fx", "fy", "cx", "cy")]
            expected = expected or camera
            np.testing.assert_allclose(camera, expected)
            for command in self.commands("--intrinsics", values, "--intrinsics-size", size):
                self.assertIn("--intrinsics, scaled from " + size.replace("x", " x "), self.run_ok(*command))
        out = self.run_ok(*next(self.commands("--intrinsics", "200,200,128,96")))
        self.assertIn("--intrinsics, in pixels of the photo\n", out)
        for size in ("192x256", "100x100"):
            line = self.run_fails(1, *next(self.commands("--intrinsics", "200,200,128,96", "--intrinsics-size", size)))
            self.assertIn("of another shape than the photo of 256 x 192", line)

    def test_a_crop_must_be_said(self):
        for command in self.commands("--intrinsics", "200,200,240,96", "--intrinsics-size", "256x192"):
            (note,) = self.run_noted(*command)
            self.assertIn("photo.png: the principal point of --intrinsics is far from the centre", note)

    def test_a_camera_of_the_photo_before_it_was_turned(self):
        self.photo.write_bytes(with_orientation(self.photo.read_bytes(), 6))
        for size in ((), ("--intrinsics-size", "256x192")):
            for command in self.commands("--intrinsics", "200,210,128,96", *size):
                line = self.run_fails(1, *command)
                self.assertIn("fit the photo as it was stored, of 256 x 192, which EXIF turned: of the upright "
                              "one, of 192 x 256, they are 210,200,95,128", line)
        for command in self.commands("--intrinsics", "210,200,95,128"):
            self.run_ok(*command)


class Blame(Rgbd):
    def test_the_file_at_fault_is_named(self):
        (self.dir / "broken.npy").write_bytes(b"\x93NUMPY\x01\x00")
        (self.dir / "text.npy").write_text("no numbers")
        (self.dir / "photo.txt").write_text("no photo")
        for name in ("broken.npy", "text.npy", "no-such.npy"):
            line = self.refused(depth=name)
            self.assertTrue(line.startswith(f"depthcloud: {name}: file: "), line)
        self.assertRegex(self.refused(photo="photo.txt"), r"^depthcloud: photo\.txt: decode: ")
        self.assertRegex(self.refused(photo="no-such.png"), r"^depthcloud: no-such\.png: file: ")
        self.save("void.npy", np.ones((0, 8)))
        self.assertRegex(self.refused(depth="void.npy"), r"^depthcloud: void\.npy: file: ")

    def test_what_to_do_about_another_kind_of_file(self):
        (self.dir / "d.npy").write_bytes(pickle.dumps(self.depth, protocol=4))
        self.assertRegex(self.refused(depth="d.npy"), "a Python pickle: .*save what it holds as .npy or .pfm")
        (self.dir / "d.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(40))
        self.assertIn("an HDF5 file: save the array in it as .npy or .pfm", self.refused(depth="d.h5"))
        self.assertIn("this is a NumPy array (.npy): save what it holds as JPEG or PNG, or give it as depth if "
                      "it is that", self.refused(photo="depth.npy"))

    def test_a_limit_of_pixels_is_one_of_depth_too(self):
        np.savez_compressed(self.dir / "large.npz", np.ones((1500, 2000), np.float32))
        line = self.refused("--max-pixels", 2999999, depth="large.npz")
        self.assertRegex(line, r"^depthcloud: large\.npz: file: .*2000 x 1500 pixels are above the limit of 2999999")
        self.run_ok("cloud", "--depth", "large.npz", "--max-pixels", 3000000, "--stride", 50, "-o", "out.ply")
        self.run_ok("cloud", "--depth", "large.npz", "--stride", 50, "-o", "out.ply")

    def test_an_output_at_fault_is_named(self):
        (self.dir / "out.ply").mkdir()
        (self.dir / "folder").mkdir()
        (self.dir / "folder" / "photo.ply").mkdir()
        line = self.run_fails(1, "cloud", "photo.png", "--depth", "depth.npy", "-o", "folder",
                              "--format", "ply")
        self.assertRegex(line, r"^depthcloud: folder/photo\.ply: file: ")


if __name__ == "__main__":
    unittest.main()
