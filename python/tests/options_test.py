# SPDX-License-Identifier: Apache-2.0
"""Options: unknown names are refused by Python itself, and values that C would cut off or take for a default."""

import dataclasses
import pathlib
import pickle

from case import Case, main, np

import depthcloud

KINDS = (depthcloud.ModelOptions, depthcloud.CloudOptions, depthcloud.WireFormat, depthcloud.DecodeOptions,
         depthcloud.GateOptions, depthcloud.UnpackLimits)


class Options(Case):
    def test_unknown_names(self):
        self.refuses(TypeError, "min_confidance", depthcloud.CloudOptions, min_confidance=99)
        self.refuses(TypeError, "fov", depthcloud.ModelOptions, fov=90)
        self.refuses(TypeError, "encodng", depthcloud.WireFormat, encodng=2)
        model = depthcloud.Model("constant")
        self.refuses(TypeError, "min_confidance", model.pipeline, min_confidance=99)
        self.refuses(TypeError, "fov", depthcloud.Model, "constant", fov=90)
        self.refuses(TypeError, "wire is a dict, must be a depthcloud.WireFormat", model.pipeline, wire={"encodng": 2})

    def test_keywords_only(self):
        for kind in KINDS:
            self.refuses(TypeError, "positional", kind, 1)
            self.assertEqual(kind(), kind())
            self.assertIn(dataclasses.fields(kind)[0].name, kind.__doc__)
            for field in dataclasses.fields(kind):
                self.assertIn(field.name, kind.__doc__)
            with self.assertRaises(dataclasses.FrozenInstanceError):
                setattr(kind(), dataclasses.fields(kind)[0].name, 1)

    def test_options_may_be_copied(self):
        options = depthcloud.CloudOptions(stride=2, intrinsics=np.eye(3))
        self.assertEqual(pickle.loads(pickle.dumps(options)), options)
        self.assertEqual(dataclasses.replace(options, stride=3).stride, 3)

    def test_wrong_kinds_of_options(self):
        model = depthcloud.Model("constant")
        for name in ("cloud", "wire", "decode"):
            self.refuses(TypeError, f"{name} is a ", model.pipeline, **{name: depthcloud.GateOptions()})
        self.refuses(TypeError, "gate", model.stream, gate=depthcloud.CloudOptions())
        self.refuses(TypeError, "options", depthcloud.Model, "constant", depthcloud.CloudOptions())
        self.refuses(TypeError, "options", depthcloud.cloud_from_depth, self.depth, self.rgb, self.camera,
                     depthcloud.WireFormat())
        self.refuses(TypeError, "options", depthcloud.decode, b"", options=depthcloud.ModelOptions())
        self.refuses(TypeError, "limits", depthcloud.unpack, b"", limits=depthcloud.ModelOptions())

    def test_values_that_c_would_cut_off(self):
        self.refuses(ValueError, "stride is 4294967297", depthcloud.CloudOptions, stride=2**32 + 1)
        self.refuses(ValueError, "max_points is -1", depthcloud.CloudOptions, max_points=-1)
        self.refuses(ValueError, "max_pixels", depthcloud.DecodeOptions, max_pixels=2**63)
        self.refuses(TypeError, "stride is 1.5", depthcloud.CloudOptions, stride=1.5)
        self.refuses(TypeError, "stride is '2'", depthcloud.CloudOptions, stride="2")
        self.refuses(TypeError, "min_depth is 'near'", depthcloud.CloudOptions, min_depth="near")
        model = depthcloud.Model("constant")
        self.refuses(ValueError, "frame_id is -1", model.pipeline().process, self.rgb, frame_id=-1)
        self.refuses(TypeError, "capture_ts", model.pipeline().process, self.rgb, capture_ts="now")
        self.refuses(ValueError, "width is ", model.warm_up, 2**32 + 64, 48)

    def test_zero_is_no_default(self):
        for kind, names in ((depthcloud.CloudOptions, ("stride", "max_points", "max_depth")),
                            (depthcloud.WireFormat, ("relative_error", "jpeg_quality")),
                            (depthcloud.DecodeOptions, ("max_pixels", "max_scans")),
                            (depthcloud.ModelOptions, ("process_res", "tokens", "threads", "fov_degrees")),
                            (depthcloud.GateOptions, ("max_in_flight", "max_fps", "max_age_s")),
                            (depthcloud.UnpackLimits, ("max_bytes",))):
            for name in names:
                self.refuses(ValueError, f"{name} is 0", kind, **{name: 0})

    def test_enumerations(self):
        self.refuses(ValueError, "axes is 'opencl', must be of Axes, or one of 'opencv', 'opengl', 'v1'",
                     depthcloud.CloudOptions, axes="opencl")
        self.refuses(TypeError, "encoding is 2", depthcloud.WireFormat, encoding=2)
        self.refuses(TypeError, "precision", depthcloud.ModelOptions, precision=depthcloud.Encoding.F32)
        self.refuses(TypeError, "formats", depthcloud.DecodeOptions, formats=1)
        self.refuses(TypeError, "salvage is 'yes'", depthcloud.DecodeOptions, salvage="yes")
        self.refuses(TypeError, "packet is None", depthcloud.Model("constant").pipeline, packet=None)

    def test_resolution_level(self):
        for level in (-1, 10):
            self.refuses(ValueError, f"resolution_level is {level}", depthcloud.ModelOptions, resolution_level=level)
        self.refuses(TypeError, "resolution_level is 1.5", depthcloud.ModelOptions, resolution_level=1.5)
        lowest = depthcloud.ModelOptions(resolution_level=0, tokens=8)
        self.refuses(depthcloud.DepthcloudError, "more than one of", depthcloud.Model, "constant", lowest)

    def test_cameras(self):
        for value in ((1, 2, 3), np.eye(4), "abcd", (1, 2, 3, None), ((1, 2), (3,))):
            with self.assertRaisesRegex((TypeError, ValueError), "intrinsics"):
                depthcloud.CloudOptions(intrinsics=value)
        self.refuses(ValueError, "skew", depthcloud.CloudOptions, intrinsics=[[4, 1, 2], [0, 4, 1], [0, 0, 1]])
        self.assertEqual(depthcloud.CloudOptions(intrinsics=np.float32([4, 4, 2, 1])).intrinsics, (4, 4, 2, 1))

    def test_texts_are_no_numbers(self):
        for value in ("2", b"2", np.str_("2")):
            self.refuses(TypeError, "min_depth is ", depthcloud.CloudOptions, min_depth=value)
            self.refuses(TypeError, "max_fps is ", depthcloud.GateOptions, max_fps=value)
            self.refuses(TypeError, "fov_degrees is ", depthcloud.ModelOptions, fov_degrees=value)
        self.assertEqual(depthcloud.CloudOptions(min_depth=np.float32(2)).min_depth, 2)

    def test_cameras_that_there_are_not(self):
        for kind in (depthcloud.ModelOptions, depthcloud.CloudOptions):
            self.refuses(ValueError, "intrinsics has the focal lengths 0 and 0", kind, intrinsics=(0, 0, 0, 0))
            self.refuses(ValueError, "focal lengths 4 and -4", kind, intrinsics=(4, -4, 2, 1))
            self.refuses(ValueError, "finite", kind, intrinsics=(4, 4, float("nan"), 1))
        for degrees in (-1, 180, 1000, float("nan")):
            self.refuses(ValueError, "fov_degrees is .*above 0 and below 180", depthcloud.ModelOptions, fov_degrees=degrees)
        self.refuses(ValueError, "set one of them", depthcloud.ModelOptions, fov_degrees=60, intrinsics=(4, 4, 2, 1))
        for camera in ((4, 4, 5, 1), (4, 4, 2, -1)):
            self.refuses(ValueError, "principal point.*4 x 3", depthcloud.cloud_from_depth, self.depth, self.rgb, camera)
            self.refuses(ValueError, "principal point.*4 x 3", depthcloud.cloud_from_depth, self.depth, self.rgb,
                         self.camera, depthcloud.CloudOptions(intrinsics=camera))

    def test_articles(self):
        self.refuses(TypeError, "wire is an int, must be", depthcloud.Model("constant").pipeline, wire=2)
        self.refuses(TypeError, "source is None, must be", depthcloud.Model, None)

    def test_version(self):
        self.assertEqual(depthcloud.__version__, depthcloud.version())

    def test_a_model_by_its_path(self):
        self.refuses(depthcloud.DepthcloudError, "no/such", depthcloud.Model, pathlib.Path("no/such"))
        options = depthcloud.ModelOptions(metric_model=pathlib.Path("no/such"))
        self.assertEqual(options._struct().metric_model, b"no/such")
        self.refuses(ValueError, "zero byte", depthcloud.Model, pathlib.Path("no\0such"))

    def test_strings(self):
        self.refuses(ValueError, "source has a zero byte", depthcloud.Model, "constant\0:9")
        self.refuses(TypeError, "source", depthcloud.Model, b"constant")
        self.refuses(TypeError, "device", depthcloud.ModelOptions, device=0)
        self.refuses(TypeError, "metric_model", depthcloud.ModelOptions, metric_model=0)
        self.refuses(ValueError, "metric_interval", depthcloud.ModelOptions, metric_interval=0)


if __name__ == "__main__":
    main()
