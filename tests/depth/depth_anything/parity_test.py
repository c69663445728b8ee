# SPDX-License-Identifier: Apache-2.0
"""Full-size networks with random weights on photos, `depthcloud` beside plain PyTorch operations
(reference.py): depth within 2e-4 of itself, the other outputs likewise.

DEPTHCLOUD_PARITY_MODELS names the networks, MODEL[:MAX_DEPTH] of tests/golden/keys, and "all" those
that docs/models.md tells of; the default is what takes seconds. The largest errors are printed."""

import json
import os
import pathlib
import shutil
import sys
import unittest

import numpy as np

import make_checkpoint
from cli_case import SAMPLE, CliCase, needs_torch, read_ply

try:
    import torch
    from PIL import Image

    import reference
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

GOLDEN = pathlib.Path(os.environ["DEPTHCLOUD_GOLDEN"])
TOLERANCE = 2e-4
SCENE_RES = 252  # of several views: full-size networks, smaller images
SEED = 20
FEW = "da3-small da2-vits.hf"
ALL = (FEW + " da3-base da3-large da3metric-large da3mono-large da2-vits.official da2-vitb.hf:80"
       " da2-vitl.hf:20")
MODELS = os.environ.get("DEPTHCLOUD_PARITY_MODELS", FEW)
MODELS = (ALL if MODELS == "all" else MODELS).split()

ORIENTATION = 0x0112
TURNED_RIGHT = 6  # the camera stood upright: rows of the file are columns of the photo


def error(ours, expected, floor=1e-3):
    """The largest, relative to the value itself or to this part of the largest one."""
    ours, expected = np.asarray(ours, np.float64), np.asarray(expected, np.float64)
    return (np.abs(ours - expected)
            / np.maximum(np.abs(expected), floor * np.abs(expected).max())).max()


class Reference(unittest.TestCase):
    """The reference itself gives what the authors' code gave."""

    def test_every_golden_tensor(self):
        for name in ("da3_micro", "da3mono_micro", "da2_micro", "da2metric_micro"):
            with self.subTest(name):
                self.assertGreater(self.check(name), 10)

    def check(self, name):
        tensors, _ = reference.read_safetensors(GOLDEN / f"{name}.io.safetensors")
        config = json.loads((GOLDEN / f"{name}.config.json").read_text())
        weights = GOLDEN / f"{name}.weights.safetensors"
        network = reference.Network(weights, config, config["hparams"].get("max_depth"))
        count = 0
        for case in sorted({key.split("/")[0] for key in tensors if "/input" in key}):
            golden = {key.split("/")[1]: torch.tensor(values) for key, values in tensors.items()
                      if key.startswith(case + "/")}
            images = golden.pop("input").flatten(0, -4)
            steps = network(images)
            for step in steps.keys() & golden.keys():
                count += 1
                expected = golden[step]
                difference = (steps[step].reshape(expected.shape) - expected).abs().max()
                self.assertLessEqual(difference, 1e-5 * expected.abs().max(), f"{case}/{step}")
        return count


@needs_torch
class FullSize(CliCase):
    def setUp(self):
        super().setUp()
        photo = Image.open(SAMPLE)
        self.turned = self.write_jpeg("turned.jpg", photo.resize((1280, 960)), TURNED_RIGHT)
        views = [photo.resize((641, 427)), photo.crop((100, 0, 400, 400)), photo.crop((0, 0, 600, 390))]
        self.view_sizes = [view.size for view in views]
        self.views = [self.write_jpeg(f"view{i}.jpg", view) for i, view in enumerate(views)]

    def write_jpeg(self, name, image, orientation=1):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        image.save(self.dir / name, quality=90, exif=exif)
        return self.dir / name

    def test_parity(self):
        for model in MODELS:
            with self.subTest(model):
                name, _, max_depth = model.partition(":")
                folder = self.dir / "checkpoint"
                make_checkpoint.write_checkpoint(name, folder, SEED,
                                                 max_depth=float(max_depth) if max_depth else None)
                config = folder / "config.json"
                self.model = model
                self.network = reference.Network(
                    folder / "model.safetensors",
                    json.loads(config.read_text()) if config.exists() else {}, ray_branch=False)
                self.check_photo()
                if self.network.any_view:
                    self.check_scene()
                    self.check_known_cameras()
                shutil.rmtree(folder)

    def agree(self, what, **pairs):
        errors = {name: error(*pair) for name, pair in pairs.items()}
        print(f"{self.model}, {what}:", ", ".join(f"{k} {e:.1e}" for k, e in errors.items()),
              flush=True)
        for name, value in errors.items():
            self.assertLess(value, TOLERANCE, name)

    def check_photo(self):
        """A photo that lies on its side in its file, and a camera that is known."""
        photo = reference.read_photo(self.turned)
        self.assertEqual(photo.shape, (1280, 960, 3))  # upright
        camera = np.array([[900.0, 0, 470], [0, 950.0, 620], [0, 0, 1]])
        known = []
        if self.network.v3:
            image, to_grid = reference.prepare_v3(photo)
            if not self.network.any_view:
                known = ["--intrinsics", "900,950,470,620"]
        else:
            image = reference.prepare_v2(photo)
        expected = self.network(image[None])
        self.run_ok("depth", self.turned, "--model", "checkpoint", "--threads", "1", "-o", "d.npy",
                    "--confidence-out", "c.npy", "--json", "d.json", "--quiet", *known)
        depth = np.load(self.dir / "d.npy")
        report = json.loads((self.dir / "d.json").read_text())
        values = expected["depth"][0].numpy()
        floor = 1e-3
        if not self.network.v3 and self.network.max_depth is None:
            # Inverse depth comes from a ReLU: near zero it has no relative accuracy.
            depth, floor = np.where(np.isinf(depth), 0, 1 / depth), 0.1
        if known and self.model.startswith("da3metric"):
            k = to_grid @ camera
            values = values * (k[0, 0] + k[1, 1]) / 2 / 300
            self.assertIs(report["is_metric"], True)
            self.agree("camera", fx=(report["fx"], k[0, 0]), fy=(report["fy"], k[1, 1]),
                       cx=(report["cx"], k[0, 2]), cy=(report["cy"], k[1, 2]))
        pairs = {"depth": (depth, values, floor)}
        if self.network.any_view:
            self.assertEqual(report["intrinsics_source"], "model")
            k = expected["intrinsics"][0].numpy()
            pairs.update(confidence=(np.load(self.dir / "c.npy"), expected["depth_conf"][0]),
                         intrinsics=([report[key] for key in ("fx", "fy", "cx", "cy")],
                                     [k[0, 0], k[1, 1], k[0, 2], k[1, 2]]),
                         extrinsics=(report["extrinsics"], expected["extrinsics"][0]))
        self.agree(f"{depth.shape[1]}x{depth.shape[0]}", **pairs)

    def prepared_views(self):
        """Images cropped around their centres to the smallest width and height, and matrices from
        pixels of the photos to pixels of the crops."""
        prepared = [reference.prepare_v3(reference.read_photo(view), SCENE_RES)
                    for view in self.views]
        height, width = (min(image.shape[axis] for image, _ in prepared) for axis in (1, 2))
        images, matrices = [], []
        for image, to_grid in prepared:
            top, left = (image.shape[1] - height) // 2, (image.shape[2] - width) // 2
            images.append(image[:, top:top + height, left:left + width])
            to_grid[:2, 2] -= left, top
            matrices.append(to_grid)
        return torch.stack(images), np.stack(matrices)

    def scene(self, *flags):
        """(depth of each view, what the program says of it): depth from the points of the cloud."""
        self.run_ok("cloud", *self.views, "--multi-view", "--model", "checkpoint", "--process-res",
                    SCENE_RES, "--threads", "1", "-o", "scene.ply", "--json", "scene.json", *flags)
        views = json.loads((self.dir / "scene.json").read_text())["views"]
        points = read_ply(self.dir / "scene.ply")[0].astype(np.float64)
        depths = []
        for view, of_view in zip(views, np.split(points, len(views))):
            pose = np.array(view["extrinsics"])
            depths.append(of_view @ pose[2, :3] + pose[2, 3])
        return np.stack(depths), views

    def check_scene(self):
        """Three views, of which the network chooses the one that the others are seen from."""
        images, to_grid = self.prepared_views()
        expected = self.network(images)
        depths, views = self.scene()
        ours = np.array([[[v["fx"], 0, v["cx"]], [0, v["fy"], v["cy"]], [0, 0, 1]] for v in views])
        self.agree("3 views", depth=(depths, expected["depth"].flatten(1)),
                   intrinsics=(to_grid @ ours, expected["intrinsics"]),
                   extrinsics=([view["extrinsics"] for view in views], expected["extrinsics"]))

    def check_known_cameras(self):
        images, to_grid = self.prepared_views()
        poses = np.array([turned_about_y(0.0, (5.0, 1.0, 2.0)), turned_about_y(0.3, (8.0, 1.0, 2.0)),
                          turned_about_y(-0.2, (5.0, 4.0, 3.0))])
        cameras = np.array([[[500.0, 0, 320], [0, 510.0, 210], [0, 0, 1]],
                            [[520.0, 0, 150], [0, 520.0, 200], [0, 0, 1]],
                            [[480.0, 0, 300], [0, 490.0, 220], [0, 0, 1]]])
        told = [{"width": width, "height": height, "fx": k[0, 0], "fy": k[1, 1], "cx": k[0, 2],
                 "cy": k[1, 2], "extrinsics": pose.tolist()}
                for (width, height), k, pose in zip(self.view_sizes, cameras, poses)]
        (self.dir / "known.json").write_text(json.dumps({"views": told}))
        expected = self.network(images, torch.tensor(normalized_poses(poses)).float(),
                                torch.tensor(to_grid @ cameras).float())
        scale = alignment_scale(centres(poses), centres(expected["extrinsics"].double().numpy()))
        depths, views = self.scene("--cameras", "known.json")
        self.agree("3 known cameras", depth=(depths, expected["depth"].flatten(1) / scale),
                   extrinsics=([view["extrinsics"] for view in views], poses))


def turned_about_y(angle, centre):
    """World to camera, [3, 4]."""
    c, s = np.cos(angle), np.sin(angle)
    rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return np.column_stack([rotation, -rotation @ centre])


def centres(poses):
    return np.array([-pose[:, :3].T @ pose[:, 3] for pose in poses])


def normalized_poses(poses):
    """Seen from the first, in units of the median distance from it."""
    square = [np.vstack([pose, [0, 0, 0, 1]]) for pose in poses]
    result = np.array([(pose @ np.linalg.inv(square[0]))[:3] for pose in square])
    distances = np.sort(np.linalg.norm(centres(result), axis=1))
    result[:, :, 3] /= max(0.1, distances[(len(distances) - 1) // 2])
    return result


def alignment_scale(given, predicted):
    """Umeyama, 1991: of the similarity that takes the given points to the predicted ones."""
    x, y = given - given.mean(0), predicted - predicted.mean(0)
    u, d, vt = np.linalg.svd(y.T @ x / len(x))
    if np.linalg.det(u) * np.linalg.det(vt) < 0:
        d[2] = -d[2]
    return d.sum() / (x ** 2).sum(1).mean()


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
