#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a MoGe-2 checkpoint of a published variant with random weights, laid out as published: a folder
with model.pt, which holds `model_config` and `model`. Without the published weights it shows that such a
file loads and runs.

    make_moge.py moge2-vits-normal FOLDER [--seed 1]

The models are those of tests/golden/keys."""

import argparse
import json
import math
import pathlib
import zlib

import numpy as np

KEYS = pathlib.Path(__file__).resolve().parents[2] / "golden" / "keys"


def random_weight(name, shape, seed):
    """Of a size that keeps activations of order 1, points in front of the camera and most of the mask
    set."""
    if name == "encoder.image_mean":
        return np.float32([0.485, 0.456, 0.406]).reshape(shape)
    if name == "encoder.image_std":
        return np.float32([0.229, 0.224, 0.225]).reshape(shape)
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    values = random.standard_normal(shape, dtype=np.float32)
    if "norm" in name and name.endswith("weight") and len(shape) == 1:
        return 1 + 0.1 * values
    if name == "mask_head.output_blocks.4.bias":
        return np.ones(shape, np.float32)
    if name.startswith("scale_head.4"):
        return 0.1 * values / np.float32(max(1, math.prod(shape)) ** 0.5)
    if ".output_blocks." in name and name.endswith("weight"):
        return 0.3 * values / np.float32(shape[1] ** 0.5)
    if len(shape) > 1 and shape[0] > 1:
        fan_in = shape[0] if ".resamplers." in name and shape[-1] == 2 else math.prod(shape[1:])
        gain = 0.5 if ".res_blocks." in name or ".input_blocks." in name else 1.0
        return gain * values / np.float32(math.sqrt(fan_in))
    return 0.1 * values


def make_tensors(model, seed=1):
    """({name: array}, model_config)."""
    keys = json.loads((KEYS / f"{model}.keys.json").read_text())
    tensors = {name: random_weight(name, shape, seed) for name, shape in keys["tensors"].items()}
    return tensors, keys["model_config"]


def write_checkpoint(model, folder, seed=1):
    import torch
    tensors, config = make_tensors(model, seed)
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({"model_config": config,
                "model": {name: torch.from_numpy(value) for name, value in tensors.items()}},
               folder / "model.pt")
    return tensors, config


def main():
    models = sorted(path.name.removesuffix(".keys.json") for path in KEYS.glob("moge2-*.keys.json"))
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=models)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write_checkpoint(arguments.model, arguments.folder, arguments.seed)


if __name__ == "__main__":
    main()
