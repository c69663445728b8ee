# SPDX-License-Identifier: Apache-2.0
"""Depth Anything 3 and V2 in plain PyTorch operations, step by step as their authors compute them:
what depthcloud's networks are held against. Nothing is fused, reordered or left out.

`Network(path, config)` reads a checkpoint with published key names; `network(images)` runs it and gives
every step of the way under its name in tests/golden."""

import json
import math

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

PATCH = 14
MEAN = np.array([0.485, 0.456, 0.406])
DEVIATION = np.array([0.229, 0.224, 0.225])

# Per width of the transformer: heads, out-layers, first block with camera token, norms of queries and
# keys, and rotary positions.
ANY_VIEW = {384: (6, (5, 7, 9, 11), 4), 768: (12, (5, 7, 9, 11), 4), 1024: (16, (11, 15, 19, 23), 8)}
PLAIN_V3 = {1024: (16, (4, 11, 17, 23), None)}
PLAIN_V2 = {384: (6, (2, 5, 8, 11), None), 768: (12, (2, 5, 8, 11), None),
            1024: (16, (4, 11, 17, 23), None)}


# --- files ------------------------------------------------------------------------------------------

def read_safetensors(path):
    """({name: array}, metadata); bfloat16 becomes float32."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        if entry["dtype"] == "BF16":
            bits = np.frombuffer(data[begin:end], "<u2").astype(np.uint32) << 16
            values = bits.view(np.float32)
        else:
            kind = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I64": "<i8", "I32": "<i4", "U8": "u1"}
            values = np.frombuffer(data[begin:end], kind[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def official_names(tensors):
    """Tensors of the `transformers` layout under the names of the original release."""
    result = {}

    def move(new, *old):
        for part in ("weight", "bias"):
            if f"{old[0]}.{part}" in tensors:
                result[f"{new}.{part}"] = np.concatenate([tensors[f"{name}.{part}"] for name in old])

    embeddings = "backbone.embeddings."
    for new, old in (("cls_token",) * 2, ("pos_embed", "position_embeddings")):
        result[f"pretrained.{new}"] = tensors[embeddings + old]
    move("pretrained.patch_embed.proj", embeddings + "patch_embeddings.projection")
    move("pretrained.norm", "backbone.layernorm")
    blocks = 1 + max(int(name.split(".")[3]) for name in tensors if ".encoder.layer." in name)
    for i in range(blocks):
        new, old = f"pretrained.blocks.{i}.", f"backbone.encoder.layer.{i}."
        for name in ("norm1", "norm2", "mlp.fc1", "mlp.fc2"):
            move(new + name, old + name)
        move(new + "attn.qkv", *(f"{old}attention.attention.{n}" for n in ("query", "key", "value")))
        move(new + "attn.proj", old + "attention.output.dense")
        for k in (1, 2):
            result[f"{new}ls{k}.gamma"] = tensors[f"{old}layer_scale{k}.lambda1"]
    for k in range(4):
        move(f"depth_head.projects.{k}", f"neck.reassemble_stage.layers.{k}.projection")
        move(f"depth_head.resize_layers.{k}", f"neck.reassemble_stage.layers.{k}.resize")
        move(f"depth_head.scratch.layer{k + 1}_rn", f"neck.convs.{k}")
        new, old = f"depth_head.scratch.refinenet{4 - k}.", f"neck.fusion_stage.layers.{k}."
        move(new + "out_conv", old + "projection")
        for unit in (1, 2):
            for conv in (1, 2):
                move(f"{new}resConfUnit{unit}.conv{conv}",
                     f"{old}residual_layer{unit}.convolution{conv}")
    move("depth_head.scratch.output_conv1", "head.conv1")
    move("depth_head.scratch.output_conv2.0", "head.conv2")
    move("depth_head.scratch.output_conv2.2", "head.conv3")
    return result


# --- photos -----------------------------------------------------------------------------------------

def read_photo(path):
    """Upright RGB, 8 bits."""
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def resized(image, width, height):
    if (width, height) == image.shape[1::-1]:
        return image
    grows = width > image.shape[1] or height > image.shape[0]
    return cv2.resize(image, (width, height),
                      interpolation=cv2.INTER_CUBIC if grows else cv2.INTER_AREA)


def normalized(image):
    values = (image.astype(np.float32) / np.float32(255) - MEAN.astype(np.float32)) \
        / DEVIATION.astype(np.float32)
    return torch.from_numpy(values.transpose(2, 0, 1).copy())


def prepare_v3(image, process_res=504, method="upper_bound_resize"):
    """([3, H, W], matrix from pixels of the photo to pixels of the grid)."""
    height, width = image.shape[:2]
    bound = max(width, height) if method.startswith("upper") else min(width, height)
    scale = process_res / bound
    bounded = resized(image, max(1, round(width * scale)), max(1, round(height * scale)))
    rows, columns = bounded.shape[:2]
    to_grid = np.diag([columns / width, rows / height, 1.0])
    if method.endswith("crop"):
        new_rows, new_columns = rows // PATCH * PATCH, columns // PATCH * PATCH
        top, left = (rows - new_rows) // 2, (columns - new_columns) // 2
        to_grid[:2, 2] -= left, top
        return normalized(bounded[top:top + new_rows, left:left + new_columns]), to_grid

    def nearest(side):
        down = side // PATCH * PATCH
        return down + PATCH if down + PATCH - side <= side - down else down

    new_rows, new_columns = nearest(rows), nearest(columns)
    to_grid = np.diag([new_columns / columns, new_rows / rows, 1.0]) @ to_grid
    return normalized(resized(bounded, new_columns, new_rows)), to_grid


def prepare_v2(image, size=518):
    height, width = image.shape[:2]
    scale = max(size / height, size / width)

    def side(length):
        nearest = PATCH * round(scale * length / PATCH)
        return PATCH * math.ceil(scale * length / PATCH) if nearest < size else nearest

    unit = cv2.resize(image / 255.0, (side(width), side(height)), interpolation=cv2.INTER_CUBIC)
    return torch.from_numpy(((unit - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1).copy())


# --- the network ------------------------------------------------------------------------------------

def rotate(x, rows, columns):
    """Rotary positions: the first half of the channels of x [.., T, D] by row, the second by column."""
    parts = []
    for part, position in zip(x.chunk(2, -1), (rows, columns)):
        width = part.shape[-1]
        frequencies = 1 / 100 ** (torch.arange(0, width, 2).float() / width)
        angles = torch.outer(position.float(), frequencies)
        angles = torch.cat([angles, angles], -1)
        first, second = part.chunk(2, -1)
        parts.append(part * angles.cos() + torch.cat([-second, first], -1) * angles.sin())
    return torch.cat(parts, -1)


def uv_embedding(channels, rows, columns, aspect):
    """[channels, rows, columns] of sinusoids of where a pixel lies in an image of an aspect ratio."""
    diagonal = math.hypot(aspect, 1)
    omega = 100 ** -(torch.arange(channels // 4).double() / (channels // 4))

    def line(extent, count):
        last = extent * (count - 1) / count
        angles = torch.outer(torch.linspace(-last, last, count).double(), omega)
        return torch.cat([angles.sin(), angles.cos()], -1).T

    u = line(aspect / diagonal, columns)[:, None, :].expand(-1, rows, -1)
    v = line(1 / diagonal, rows)[:, :, None].expand(-1, -1, columns)
    return torch.cat([u, v])


def bilinear(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=True)


def inverse_pose(pose):
    """Of [.., 3, 4] world to camera, or back."""
    rotation, translation = pose[..., :3, :3], pose[..., :3, 3:]
    transposed = rotation.transpose(-1, -2)
    return torch.cat([transposed, -transposed @ translation], -1)


def rotation_of(quaternion):
    x, y, z, w = quaternion.unbind(-1)
    s = 2 / (quaternion * quaternion).sum(-1)
    return torch.stack([1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w),
                        s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w),
                        s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)],
                       -1).unflatten(-1, (3, 3))


def quaternion_of(rotation):
    """(x, y, z, w) with w >= 0 of one rotation matrix."""
    m = rotation
    a = torch.stack([1 + m[0, 0] + m[1, 1] + m[2, 2], 1 + m[0, 0] - m[1, 1] - m[2, 2],
                     1 - m[0, 0] + m[1, 1] - m[2, 2], 1 - m[0, 0] - m[1, 1] + m[2, 2]])
    a = a.clamp(min=0).sqrt()
    rows = [[a[0] ** 2, m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], a[1] ** 2, m[1, 0] + m[0, 1], m[0, 2] + m[2, 0]],
            [m[0, 2] - m[2, 0], m[1, 0] + m[0, 1], a[2] ** 2, m[1, 2] + m[2, 1]],
            [m[1, 0] - m[0, 1], m[2, 0] + m[0, 2], m[2, 1] + m[1, 2], a[3] ** 2]]
    k = int(a.argmax())
    w, x, y, z = torch.stack(rows[k]) / (2 * a[k].clamp(min=0.1))
    return torch.stack([x, y, z, w]) * (-1 if w < 0 else 1)


def reference_view(tokens):
    """`saddle_balanced`, by the class tokens [S, C] of the views."""
    norms = tokens.norm(dim=-1)
    u = tokens / norms[:, None]
    count = len(tokens)
    scores = ((u @ u.T - torch.eye(count)).sum(1) / (count - 1), norms, u.var(-1, unbiased=True))
    return int(sum(((m - m.min()) / (m.max() - m.min() + 1e-8) - 0.5).abs() for m in scores).argmin())


class Network:
    def __init__(self, path, config=None, max_depth=None, ray_branch=True):
        """`max_depth` in metres makes a V2 checkpoint whose config.json does not say so a metric one.
        Without `ray_branch` what the authors compute and nobody reads is left out."""
        tensors, self.aliases = read_safetensors(path)
        config = config or {}
        if "backbone.embeddings.cls_token" in tensors:
            tensors = official_names(tensors)
        self.v3 = "model.backbone.pretrained.cls_token" in tensors
        self.any_view = "model.head.norm.weight" in tensors
        self.vit, self.head = (("model.backbone.pretrained.", "model.head.") if self.v3
                               else ("pretrained.", "depth_head."))
        self.weights = {name: torch.tensor(values).float() for name, values in tensors.items()}
        self.ray_branch = ray_branch and self.any_view
        self.dim = self[self.vit + "cls_token"].shape[-1]
        self.blocks = 1 + max(int(name[len(self.vit):].split(".")[1]) for name in tensors
                              if name.startswith(self.vit + "blocks."))
        if config.get("depth_estimation_type") == "metric":
            max_depth = config["max_depth"]
        self.max_depth = max_depth
        hparams = config.get("hparams", {})  # of the small models of tests/golden
        table = ANY_VIEW if self.any_view else PLAIN_V3 if self.v3 else PLAIN_V2
        if self.dim in table:
            self.heads, self.out_layers, self.start = table[self.dim]
        elif "out_layers" in hparams:
            self.heads, self.out_layers = hparams["num_heads"], hparams["out_layers"]
            self.start = hparams["alt_start"] if self.any_view else None
        else:
            backbone = config["backbone_config"]
            self.heads, self.start = backbone["num_attention_heads"], None
            self.out_layers = [index - 1 for index in backbone["out_indices"]]
        self.trace = {}

    def __getitem__(self, name):
        return self.weights[name if name in self.weights else self.aliases[name]]

    def linear(self, name, x):
        return F.linear(x, self[name + ".weight"], self[name + ".bias"])

    def norm(self, name, x, epsilon):
        return F.layer_norm(x, x.shape[-1:], self[name + ".weight"], self[name + ".bias"], epsilon)

    def conv(self, name, x, **options):
        return F.conv2d(x, self[name + ".weight"], self.weights.get(name + ".bias"), **options)

    def position_embedding(self, rows, columns):
        stored = self[self.vit + "pos_embed"]
        side = math.isqrt(stored.shape[1] - 1)
        if (rows, columns) == (side, side):
            return stored
        grid = stored[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, scale_factor=((rows + 0.1) / side, (columns + 0.1) / side),
                             mode="bicubic", align_corners=False)
        return torch.cat([stored[:, :1], grid.flatten(2).transpose(1, 2)], 1)

    def block(self, name, x, heads, epsilon=1e-6, positions=None, qk_norm=False):
        batch, tokens, dim = x.shape
        qkv = self.linear(name + "attn.qkv", self.norm(name + "norm1", x, epsilon))
        q, k, v = qkv.view(batch, tokens, 3, heads, dim // heads).permute(2, 0, 3, 1, 4)
        if qk_norm:
            q = self.norm(name + "attn.q_norm", q, 1e-5)
            k = self.norm(name + "attn.k_norm", k, 1e-5)
        if positions is not None:
            q, k = rotate(q, *positions), rotate(k, *positions)
        scores = (q @ k.transpose(-1, -2) / math.sqrt(dim // heads)).softmax(-1)
        mixed = (scores @ v).transpose(1, 2).flatten(2)
        x = x + self[name + "ls1.gamma"] * self.linear(name + "attn.proj", mixed)
        hidden = F.gelu(self.linear(name + "mlp.fc1", self.norm(name + "norm2", x, epsilon)))
        return x + self[name + "ls2.gamma"] * self.linear(name + "mlp.fc2", hidden)

    def positions(self, views, rows, columns, across):
        """(row, column) of each token."""
        if across:
            one_view = torch.cat([torch.zeros(1), torch.ones(rows * columns)])
            return (one_view.repeat(views),) * 2
        row = torch.arange(1, rows + 1)[:, None].expand(rows, columns)
        column = torch.arange(1, columns + 1)[None].expand(rows, columns)
        return tuple(torch.cat([torch.zeros(1), axis.flatten()]) for axis in (row, column))

    def backbone(self, images, camera_tokens=None):
        """[S, 3, H, W] to the features and camera features of the four out-layers."""
        views, _, height, width = images.shape
        rows, columns = height // PATCH, width // PATCH
        patches = self.conv(self.vit + "patch_embed.proj", images, stride=PATCH)
        patches = patches.flatten(2).transpose(1, 2)
        self.trace["pos_embed"] = self.position_embedding(rows, columns)
        x = torch.cat([self[self.vit + "cls_token"].expand(views, -1, -1), patches], 1)
        x = self.trace["tokens"] = x + self.trace["pos_embed"]
        order = list(range(views))
        local = x
        features, cameras = [], []
        for i in range(self.blocks):
            started = self.start is not None and i >= self.start
            if self.start is not None and i == self.start - 1 and views >= 3 and camera_tokens is None:
                first = reference_view(x[:, 0])
                self.trace["ref_view_index"] = torch.tensor([first])
                order = [first] + [view for view in order if view != first]
                x = x[order]
            if i == self.start:
                tokens = camera_tokens
                if tokens is None:
                    tokens = self[self.vit + "camera_token"][0, [0] + [1] * (views - 1)]
                x = torch.cat([tokens[:, None], x[:, 1:]], 1)
            across = started and i % 2 == 1
            positions = self.positions(views, rows, columns, across) if started else None
            sequence = x.reshape(1, -1, self.dim) if across else x
            sequence = self.block(f"{self.vit}blocks.{i}.", sequence, self.heads,
                                  positions=positions, qk_norm=started)
            x = sequence.reshape(x.shape)
            self.trace[f"block.{i:02}"] = x
            if not across:
                local = x
            if i in self.out_layers:
                back = np.argsort(order)
                here, before = x[back], local[back]
                feature = self.norm(self.vit + "norm", here, 1e-5 if self.v3 else 1e-6)[:, 1:]
                camera = here[:, 0]
                if self.any_view:
                    feature = torch.cat([before[:, 1:], feature], -1)
                    camera = torch.cat([before[:, 0], camera], -1)
                self.trace[f"feat.{len(features)}"] = feature
                self.trace[f"feat_cls.{len(features)}"] = camera
                features.append(feature)
                cameras.append(camera)
        return features, cameras

    def with_positions(self, x, aspect):
        if not self.any_view:
            return x
        return x + 0.1 * uv_embedding(*x.shape[1:], aspect).float()

    def unit(self, name, x):
        hidden = self.conv(name + ".conv1", F.relu(x), padding=1)
        return x + self.conv(name + ".conv2", F.relu(hidden), padding=1)

    def fused(self, laterals, suffix=""):
        """The chain of fusion blocks, coarsest first."""
        sizes = [lateral.shape[2:] for lateral in laterals]
        sizes = [tuple(2 * side for side in sizes[0]), *sizes[:3]]
        x = laterals[3]
        for k in (4, 3, 2, 1):
            name = f"{self.head}scratch.refinenet{k}{suffix}."
            if k < 4:
                x = x + self.unit(name + "resConfUnit1", laterals[k - 1])
            x = self.unit(name + "resConfUnit2", x)
            x = self.conv(name + "out_conv", bilinear(x, sizes[k - 1]))
            self.trace[f"head.refinenet{k}{suffix}"] = x
        return x

    def dpt(self, features, height, width):
        """Logits of depth (and confidence), and of the sky."""
        aspect = width / height
        scratch = self.head + "scratch."
        laterals = []
        for k, x in enumerate(features):
            if self.any_view:
                x = self.trace[f"head.norm.{k}"] = self.norm(self.head + "norm", x, 1e-5)
            x = x.transpose(1, 2).unflatten(2, (height // PATCH, width // PATCH))
            x = self.trace[f"head.projects.{k}"] = self.conv(f"{self.head}projects.{k}", x)
            x = self.with_positions(x, aspect)
            resize = f"{self.head}resize_layers.{k}"
            if k < 2:
                x = F.conv_transpose2d(x, self[resize + ".weight"], self[resize + ".bias"],
                                       stride=(4, 2)[k])
            elif k == 3:
                x = self.conv(resize, x, stride=2, padding=1)
            self.trace[f"head.resize_layers.{k}"] = x
            laterals.append(self.conv(f"{scratch}layer{k + 1}_rn", x, padding=1))
            self.trace[f"head.layer{k + 1}_rn"] = laterals[-1]
        x = self.conv(scratch + "output_conv1", self.fused(laterals), padding=1)
        self.trace["head.output_conv1"] = x
        x = self.with_positions(bilinear(x, (height, width)), aspect)
        self.trace["head.output_conv2.in"] = x
        logits = self.output("output_conv2", x)
        sky = self.output("sky_output_conv2", x) if self.v3 and not self.any_view else None
        if self.ray_branch:
            self.rays(laterals, aspect)
        return logits, sky

    def output(self, name, x):
        stem = f"{self.head}scratch.{name}."
        logits = self.conv(stem + "2", F.relu(self.conv(stem + "0", x, padding=1)))
        self.trace[f"head.{name}.logits"] = logits
        return logits

    def rays(self, laterals, aspect):
        """The second branch, which the authors' inference computes too."""
        stem = self.head + "scratch."
        x = self.fused(laterals, "_aux")
        for j in range(5):
            x = self.conv(f"{stem}output_conv1_aux.3.{j}", x, padding=1)
        self.trace["head.output_conv1_aux.3"] = x
        x = self.conv(stem + "output_conv2_aux.3.0", self.with_positions(x, aspect), padding=1)
        x = self.norm(stem + "output_conv2_aux.3.2", x.permute(0, 2, 3, 1), 1e-5).permute(0, 3, 1, 2)
        x = self.conv(stem + "output_conv2_aux.3.5", F.relu(x))
        self.trace["head.output_conv2_aux.3.logits"] = x
        self.trace["ray"] = x[:, :6].permute(0, 2, 3, 1)
        self.trace["ray_conf"] = x[:, 6].exp() + 1

    def decoded_cameras(self, feature, height, width):
        """(extrinsics [S, 3, 4], intrinsics [S, 3, 3])."""
        x = F.relu(self.linear("model.cam_dec.backbone.0", feature))
        x = F.relu(self.linear("model.cam_dec.backbone.2", x))
        translation = self.linear("model.cam_dec.fc_t", x)
        quaternion = self.linear("model.cam_dec.fc_qvec", x)
        fov = F.relu(self.linear("model.cam_dec.fc_fov.0", x))
        self.trace["pose_enc"] = torch.cat([translation, quaternion, fov], -1)
        to_world = torch.cat([rotation_of(quaternion), translation[..., None]], -1)
        intrinsics = torch.zeros(len(feature), 3, 3)
        tangents = (fov / 2).tan().clamp(min=1e-6)
        intrinsics[:, 0, 0] = width / 2 / tangents[:, 1]
        intrinsics[:, 1, 1] = height / 2 / tangents[:, 0]
        intrinsics[:, 0, 2], intrinsics[:, 1, 2], intrinsics[:, 2, 2] = width / 2, height / 2, 1
        return inverse_pose(to_world), intrinsics

    def encoded_cameras(self, extrinsics, intrinsics, height, width):
        """Tokens [S, C] of known cameras."""
        to_world = inverse_pose(extrinsics)
        fov = 2 * torch.stack([(height / 2 / intrinsics[:, 1, 1]).atan(),
                               (width / 2 / intrinsics[:, 0, 0]).atan()], -1)
        quaternions = torch.stack([quaternion_of(pose[:, :3]) for pose in to_world])
        code = self.trace["in_pose_enc"] = torch.cat([to_world[..., 3], quaternions, fov], -1)
        stem = "model.cam_enc."
        x = self.linear(stem + "pose_branch.fc2", F.gelu(self.linear(stem + "pose_branch.fc1", code)))
        x = self.norm(stem + "token_norm", x, 1e-5)[None]
        for i in range(4):
            x = self.block(f"{stem}trunk.{i}.", x, heads=16, epsilon=1e-5)
        x = self.trace["cam_token"] = self.norm(stem + "trunk_norm", x, 1e-5)[0]
        return x

    @torch.inference_mode()
    def __call__(self, images, extrinsics=None, intrinsics=None):
        """What the network says of the views [S, 3, H, W] of one scene, whose cameras may be known:
        depth, depth_conf, sky, extrinsics and intrinsics, as far as the model has them, and all steps
        before."""
        self.trace = {}
        height, width = images.shape[2:]
        tokens = None
        if extrinsics is not None:
            tokens = self.encoded_cameras(extrinsics, intrinsics, height, width)
        features, cameras = self.backbone(images, tokens)
        logits, sky = self.dpt(features, height, width)
        out = self.trace
        if not self.v3:
            out["depth"] = (F.relu(logits[:, 0]) if self.max_depth is None
                            else self.max_depth * logits[:, 0].sigmoid())
            return out
        out["depth"] = logits[:, 0].exp()
        if self.any_view:
            out["depth_conf"] = logits[:, 1].exp() + 1
            out["extrinsics"], out["intrinsics"] = self.decoded_cameras(cameras[-1], height, width)
        if sky is not None:
            out["sky"] = F.relu(sky[:, 0])
            out["depth_raw"] = out["depth"]
            out["depth"] = with_filled_sky(out["depth"], out["sky"])
        return out


def with_filled_sky(depth, sky):
    ground = sky < 0.3
    if ground.sum() <= 10 or (~ground).sum() <= 10:
        return depth
    far = np.quantile(depth[ground].double().numpy(), 0.99)
    return torch.where(ground, depth, torch.tensor(far, dtype=torch.float32))
