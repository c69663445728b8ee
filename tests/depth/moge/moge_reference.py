# SPDX-License-Identifier: Apache-2.0
"""MoGe-2 in plain PyTorch operations, step by step as its authors compute it: what depthcloud's network
is held against. Nothing is fused, reordered or left out.

`Network(tensors, config)` takes a checkpoint with published key names and its `model_config`;
`network(image, tokens)` runs it on an [H, W, 3] array of uint8 and gives every step of the way under its
name in tests/golden; `infer()` goes on to metric depth."""

import math

import numpy as np
import torch
import torch.nn.functional as F

PATCH = 14
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
SAMPLES = 64


def token_grid(tokens, width, height):
    """Rows and columns."""
    aspect = width / height
    return round((tokens / aspect) ** 0.5), round((tokens * aspect) ** 0.5)


def view_plane(height, width, aspect):
    """[2, height, width]: pixel centres in units of half the image's diagonal."""
    diagonal = math.hypot(1, aspect)
    u, v = aspect / diagonal * (width - 1) / width, 1 / diagonal * (height - 1) / height
    rows, columns = torch.linspace(-v, v, height), torch.linspace(-u, u, width)
    v, u = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([u, v])


class Network:
    def __init__(self, tensors, config, heads=None):
        self.weights = {name: torch.tensor(np.array(value, np.float32)) for name, value in tensors.items()}
        self.config = config
        backbone = "encoder.backbone."
        self.dim = self.weights[backbone + "cls_token"].shape[-1]
        self.blocks = 1 + max(int(name.split(".")[3]) for name in self.weights
                              if name.startswith(backbone + "blocks."))
        self.heads = heads or self.dim // 64
        layers = config["encoder"]["intermediate_layers"]
        self.layers = (sorted(layers) if isinstance(layers, list)
                       else list(range(self.blocks - layers, self.blocks)))

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, (self.dim,), self.weights[name + ".weight"], self.weights[name + ".bias"],
                            1e-6)

    def conv(self, name, x):
        weight = self.weights[name + ".weight"]
        if weight.shape[-1] == 3:
            x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        return F.conv2d(x, weight, self.weights[name + ".bias"])

    def block(self, name, x):
        head_dim = self.dim // self.heads
        qkv = self.linear(name + "attn.qkv", self.norm(name + "norm1", x))
        q, k, v = qkv.view(1, x.shape[1], 3, self.heads, head_dim).permute(2, 0, 3, 1, 4)
        scores = (q * head_dim ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
        mixed = (scores @ v).transpose(1, 2).reshape(x.shape)
        x = x + self.linear(name + "attn.proj", mixed) * self.weights[name + "ls1.gamma"]
        hidden = F.gelu(self.linear(name + "mlp.fc1", self.norm(name + "norm2", x)))
        return x + self.linear(name + "mlp.fc2", hidden) * self.weights[name + "ls2.gamma"]

    def encode(self, image, steps):
        rows, columns = image.shape[1] // PATCH, image.shape[2] // PATCH
        name = "encoder.backbone."
        patches = F.conv2d(image[None], self.weights[name + "patch_embed.proj.weight"],
                           self.weights[name + "patch_embed.proj.bias"], stride=PATCH)
        x = torch.cat([self.weights[name + "cls_token"], patches.flatten(2).transpose(1, 2)], 1)
        position = self.weights[name + "pos_embed"]
        side = math.isqrt(position.shape[1] - 1)
        if (rows, columns) != (side, side):
            grid = position[:, 1:].view(1, side, side, self.dim).permute(0, 3, 1, 2)
            grid = F.interpolate(grid, scale_factor=((rows + 0.1) / side, (columns + 0.1) / side),
                                 mode="bicubic")
            position = torch.cat([position[:, :1], grid.flatten(2).transpose(1, 2)], 1)
        steps["pos_embed"] = position[0]
        x = x + position
        steps["tokens"] = x[0]
        features = []
        for i in range(self.blocks):
            x = self.block(f"{name}blocks.{i}.", x)
            steps[f"block.{i:02}"] = x[0]
            if i in self.layers:
                features.append(self.norm(name + "norm", x))
        maps = [self.conv(f"encoder.output_projections.{k}",
                          y[:, 1:].transpose(1, 2).reshape(1, self.dim, rows, columns))
                for k, y in enumerate(features)]
        steps.update({f"feat.{k}": y[0, 1:] for k, y in enumerate(features)})
        steps["encoder"], steps["cls_token"] = sum(maps)[0], features[-1][0, 0]
        return sum(maps), features[-1][:, 0]

    def stack(self, name, inputs):
        config, outputs, x = self.config[name], [], None
        for level, given in enumerate(inputs):
            y = self.conv(f"{name}.input_blocks.{level}", given)
            x = y if x is None else x + y
            for j in range(config["num_res_blocks"][level]):
                layers = f"{name}.res_blocks.{level}.{j}.layers."
                x = x + self.conv(layers + "5", F.relu(self.conv(layers + "2", F.relu(x))))
            outputs.append(x)
            if level == 4:
                break
            resampler = f"{name}.resamplers.{level}."
            if config["resamplers"][level] == "conv_transpose":
                x = F.conv_transpose2d(x, self.weights[resampler + "0.weight"],
                                       self.weights[resampler + "0.bias"], stride=2)
            else:
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = self.conv(resampler + "1", x)
        return outputs

    def remap(self, raw):
        """Of [3, ..]."""
        kind, xy, z = self.config["remap_output"], raw[:2], raw[2:]
        if kind == "exp":
            return torch.cat([xy * z.exp(), z.exp()])
        if kind == "sinh_exp":
            return torch.cat([xy.sinh(), z.exp()])
        return raw.sinh() if kind == "sinh" else raw

    @torch.no_grad()
    def __call__(self, image, tokens, with_normals=True):
        height, width = image.shape[:2]
        rows, columns = token_grid(tokens, width, height)
        unit = torch.tensor(np.array(image)).permute(2, 0, 1).float() / 255
        resized = F.interpolate(unit[None], (PATCH * rows, PATCH * columns), mode="bilinear",
                                align_corners=False, antialias=True)[0]
        steps = {"resized": resized, "input": (resized - MEAN) / DEVIATION}
        features, class_token = self.encode(steps["input"], steps)
        uv = [view_plane(rows << level, columns << level, width / height)[None] for level in range(5)]
        steps.update({f"uv.{level}": map[0] for level, map in enumerate(uv)})
        neck = self.stack("neck", [torch.cat([features, uv[0]], 1), *uv[1:]])
        steps.update({f"neck.{level}": map[0] for level, map in enumerate(neck)})

        def head(name):
            x = self.conv(name + ".output_blocks.4", self.stack(name, neck)[-1])
            steps[name] = x[0]
            return F.interpolate(x, (height, width), mode="bilinear", align_corners=False)[0]

        steps["points"] = self.remap(head("points_head")).permute(1, 2, 0)
        if "mask_head" in self.config:
            steps["mask_prob"] = head("mask_head")[0].sigmoid()
        if "normal_head" in self.config and with_normals:
            steps["normal"] = F.normalize(head("normal_head"), dim=0, eps=1e-12).permute(1, 2, 0)
        if "scale_head" in self.config:
            x = class_token
            for i in (0, 2, 4):
                x = self.linear(f"scale_head.{i}", x if i == 0 else F.relu(x))
            steps["scale_head"], steps["metric_scale"] = x[0], x[0, 0].exp()
        return steps

    def infer(self, image, tokens, fov_x=None):
        """Steps, and depth (0 where there is none), focal (half diagonals), normalised fx, mask."""
        steps = self(image, tokens)
        height, width = image.shape[:2]
        aspect = width / height
        points = steps["points"].numpy().astype(np.float64)
        mask = steps["mask_prob"].numpy() > 0.5
        known = None if fov_x is None else aspect / math.hypot(1, aspect) / math.tan(math.radians(fov_x) / 2)
        rows, columns = (np.arange(SAMPLES) * size // SAMPLES for size in (height, width))
        uv = view_plane(height, width, aspect).numpy().astype(np.float64)[:, rows][:, :, columns]
        inside = mask[rows][:, columns]
        focal, shift = recover(points[rows][:, columns][inside], uv[:, inside].T, known)
        depth = points[..., 2] + shift
        steps["mask"] = mask & (depth > 0)
        steps["depth"] = np.where(steps["mask"], depth * float(steps["metric_scale"]), 0)
        steps["focal"], steps["shift"] = focal, shift
        steps["fx"] = focal / 2 * math.hypot(1, aspect) / aspect
        return steps


def recover(points, uv, known=None):
    """Focal length and shift as SciPy's least_squares(method="lm", ftol=1e-3) finds them."""
    from scipy.optimize import least_squares
    if len(points) < 2:
        return (known or 1.0), 0.0

    def focal_at(p):
        return known or (p * uv).sum() / (p * p).sum()

    def residuals(shift):
        p = points[:, :2] / (points[:, 2:] + shift)
        return (focal_at(p) * p - uv).ravel()

    shift = float(np.float32(least_squares(residuals, x0=0, ftol=1e-3, method="lm").x[0]))
    return focal_at(points[:, :2] / (points[:, 2:] + shift)), shift
