# SPDX-License-Identifier: Apache-2.0
"""Full-size MoGe-2 networks with random weights on a photo, `depthcloud` beside plain PyTorch operations
(moge_reference.py): depth and focal length within 3e-4, normals within 0.2 degrees.

DEPTHCLOUD_PARITY_MODELS names the networks of tests/golden/keys, and "all" all of them. The largest
errors are printed."""

import json
import os
import pathlib
import shutil
import sys
import unittest

import numpy as np

from cli_case import SAMPLE, CliCase, needs_torch

sys.path.insert(0, str(pathlib.Path(__file__).parent))
try:
    import scipy.optimize  # noqa: F401
    import torch
    from PIL import Image

    import make_moge
    import moge_reference
    import reference
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

GOLDEN = pathlib.Path(os.environ["DEPTHCLOUD_GOLDEN"])
ALL = "moge2-vits-normal moge2-vitb-normal moge2-vitl moge2-vitl-normal"
MODELS = os.environ.get("DEPTHCLOUD_PARITY_MODELS", "moge2-vits-normal")
MODELS = (ALL if MODELS == "all" else MODELS).split()
TOKENS = 1200


class Reference(unittest.TestCase):
    """The reference itself gives what the authors' code gave."""

    def test_every_golden_tensor(self):
        for name in ("moge2_micro", "moge2_micro_nonormal"):
            config = json.loads((GOLDEN / f"{name}.config.json").read_text())
            weights, _ = reference.read_safetensors(GOLDEN / f"{name}.weights.safetensors")
            network = moge_reference.Network(weights, config["model_config"], config["hparams"]["num_heads"])
            tensors = self.read_case_tensors(name)
            count = 0
            for case in sorted({key.split("/")[0] for key in tensors if key.endswith("/points_head")}):
                golden = {key.split("/")[1]: value for key, value in tensors.items() if key.startswith(case + "/")}
                tokens = int(golden["num_tokens"])
                steps = network.infer(golden["image_u8"], tokens)
                self.assertAlmostEqual(steps["focal"] / float(golden["auto.focal"]), 1, delta=1e-5)
                for step in steps.keys() & golden.keys():
                    count += 1
                    expected = torch.as_tensor(golden[step])
                    difference = (torch.as_tensor(steps[step]).reshape(expected.shape) - expected).abs().max()
                    self.assertLessEqual(difference, 2e-5 * expected.abs().max(), f"{case}/{step}")
            self.assertGreater(count, 30)

    @staticmethod
    def read_case_tensors(name):
        data = (GOLDEN / f"{name}.io.safetensors").read_bytes()
        size = int.from_bytes(data[:8], "little")
        kinds = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1", "BOOL": "?"}
        return {key: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])],
                                   kinds[entry["dtype"]]).reshape(entry["shape"])
                for key, entry in json.loads(data[8:8 + size]).items() if key != "__metadata__"}


@needs_torch
class FullSize(CliCase):
    def test_parity(self):
        photo = Image.open(SAMPLE).convert("RGB").resize((900, 598))
        photo.save(self.dir / "photo.jpg", quality=90)
        image = np.asarray(Image.open(self.dir / "photo.jpg").convert("RGB"))
        for model in MODELS:
            with self.subTest(model):
                tensors, config = make_moge.write_checkpoint(model, self.dir / model, seed=20)
                network = moge_reference.Network(tensors, config)
                self.check(model, network, image, {})
                self.check(model, network, image, {"fov_x": 55.0})
                shutil.rmtree(self.dir / model)

    def check(self, model, network, image, known):
        expected = network.infer(image, TOKENS, **known)
        flags = ["--fov", known["fov_x"]] if known else []
        if "normal_head" in network.config:
            flags += ["--normals-out", "n.npy"]
        self.run_ok("depth", "photo.jpg", "--model", model, "--tokens", TOKENS, "--threads", "1", "-o", "d.npy",
                    "--json", "d.json", "-q", *flags)
        depth = np.load(self.dir / "d.npy")
        report = json.loads((self.dir / "d.json").read_text())
        decided = np.abs(expected["mask_prob"].numpy() - 0.5) > 1e-4
        np.testing.assert_array_equal((depth > 0)[decided], expected["mask"][decided])
        both = (depth > 0) & expected["mask"]
        self.assertGreater(both.mean(), 0.2)
        error = (np.abs(depth - expected["depth"])[both] / expected["depth"][both]).max()
        focal = abs(report["fx"] / image.shape[1] / expected["fx"] - 1)
        line = f"{model} {known}: depth {error:.1e}, focal length {focal:.1e}"
        if "normal_head" in network.config:
            ours, theirs = np.load(self.dir / "n.npy")[both], expected["normal"].numpy()[both]
            # The chord, for the arc cosine has no digits near 1.
            angles = np.degrees(2 * np.arcsin(np.linalg.norm(ours - theirs, axis=-1) / 2))
            line += f", normals {angles.max():.1e} degrees"
            self.assertLess(angles.max(), 0.2)
        print(line, flush=True)
        self.assertLess(error, 3e-4)
        self.assertLess(focal, 3e-4)
        self.assertIs(report["is_metric"], True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
