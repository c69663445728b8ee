#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a checkpoint of a published architecture with random weights: its key names, shapes and
metadata, in full size. Without the published weights it shows that such a file loads and runs.

    make_checkpoint.py da3-small FOLDER [--seed 1] [--type F32|F16|BF16] [--max-depth METRES]

The models are those of tests/golden/keys. FOLDER gets model.safetensors and, where the publisher
ships one, config.json. --max-depth makes a V2 `-hf` checkpoint a metric one."""

import argparse
import json
import math
import pathlib
import zlib

import numpy as np

KEYS = pathlib.Path(__file__).resolve().parents[2] / "golden" / "keys"
ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2}


def random_weight(name, shape, seed):
    """Of a size that keeps activations of order 1."""
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    values = random.standard_normal(shape, dtype=np.float32)
    if "norm" in name and name.endswith("weight"):
        return 1 + 0.1 * values
    if "fc_fov" in name:  # fields of view near one radian, as cameras have
        return 1 + 0.1 * values if len(shape) == 1 else 0.1 * values / np.float32(shape[1] ** 0.5)
    if len(shape) > 1 and shape[0] > 1:
        return values / np.float32(math.sqrt(math.prod(shape) / shape[0]))
    return 0.1 * values


def to_bytes(values, kind):
    values = np.ascontiguousarray(values, dtype=np.float32)
    if kind == "F16":
        return values.astype("<f2").tobytes()
    if kind == "BF16":
        bits = values.view(np.uint32)
        return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes()
    return values.astype("<f4").tobytes()


def transformers_config(shapes, max_depth):
    """What the publisher's config.json of a V2 `-hf` repository says."""
    dim = shapes["backbone.embeddings.cls_token"][-1]
    blocks = 1 + max(int(name.split(".")[3]) for name in shapes if ".encoder.layer." in name)
    out = [3, 6, 9, 12] if blocks == 12 else [5, 12, 18, 24]
    neck = [shapes[f"neck.reassemble_stage.layers.{k}.projection.weight"][0] for k in range(4)]
    metric = {"depth_estimation_type": "metric", "max_depth": max_depth} if max_depth else {}
    return {"model_type": "depth_anything", **metric,
            "backbone_config": {"model_type": "dinov2", "hidden_size": dim,
                                "num_attention_heads": dim // 64, "num_hidden_layers": blocks,
                                "out_indices": out, "image_size": 518, "patch_size": 14},
            "neck_hidden_sizes": neck, "fusion_hidden_size": shapes["neck.convs.0.weight"][0],
            "head_hidden_size": 32}


def metadata(model, shapes):
    """The one norm of the ray branch's levels under its other names; what transformers writes."""
    stem = "model.head.scratch.output_conv2_aux."
    if stem + "0.2.weight" in shapes:
        return {f"{stem}{level}.2.{part}": f"{stem}0.2.{part}"
                for level in (1, 2, 3) for part in ("weight", "bias")}
    return {"format": "pt"} if model.endswith(".hf") else {}


def write_checkpoint(model, folder, seed=1, kind="F32", max_depth=None):
    shapes = json.loads((KEYS / f"{model}.keys.json").read_text())["tensors"]
    shapes = dict(sorted(shapes.items()))
    header = {"__metadata__": metadata(model, shapes)}
    if not header["__metadata__"]:
        del header["__metadata__"]
    offset = 0
    for name, shape in shapes.items():
        size = math.prod(shape) * ITEM_BYTES[kind]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, shape in shapes.items():
            file.write(to_bytes(random_weight(name, shape, seed), kind))
    config = KEYS / f"{model}.config.json"
    if config.exists():
        (folder / "config.json").write_bytes(config.read_bytes())
    elif model.endswith(".hf"):
        (folder / "config.json").write_text(
            json.dumps(transformers_config(shapes, max_depth), indent=2))


def main():
    models = sorted(path.name.removesuffix(".keys.json") for path in KEYS.glob("*.keys.json"))
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=models)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--type", choices=ITEM_BYTES, default="F32")
    parser.add_argument("--max-depth", type=float)
    arguments = parser.parse_args()
    write_checkpoint(arguments.model, arguments.folder, arguments.seed, arguments.type,
                     arguments.max_depth)


if __name__ == "__main__":
    main()
