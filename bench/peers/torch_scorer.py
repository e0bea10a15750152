"""The shipped model in PyTorch as one would write it to be fast: autoencoder, learned scorer of hardware, and all scores.

Modes:
  eager          float32, modules as they are, what most people run
  channels_last  float32, batch norms folded, channels last
  compile        the same through torch.compile
  compile_bf16   the same with bfloat16 autocast
  freeze_bf16    the same with the weights frozen into the compiled graph
"""

import json
import math
import os
import pathlib
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

SIZE = 64
BODY_CELLS = 16
MODES = ("eager", "channels_last", "compile", "compile_bf16", "freeze_bf16")


def read_safetensors(path):
    """Tensors of a safetensors file: an 8-byte header length, a JSON header, then the data."""
    raw = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    data = raw[8 + length :]
    types = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        array = np.frombuffer(data[start:end], dtype=types[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.astype(np.float32))
    return tensors


def norm_of(weights, name):
    norm = nn.BatchNorm2d(len(weights[f"{name}.norm.weight"]), eps=1e-5)
    norm.weight.data = weights[f"{name}.norm.weight"]
    norm.bias.data = weights[f"{name}.norm.bias"]
    norm.running_mean = weights[f"{name}.norm.running_mean"]
    norm.running_var = weights[f"{name}.norm.running_var"]
    return norm


def linear(weights, name):
    weight = weights[f"{name}.weight"]
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data, layer.bias.data = weight, weights[f"{name}.bias"]
    return layer


def block(weights, name, stride, padding, fold, transposed=False):
    """Convolution, batch norm, ReLU; a transposed one of stride 1 is a convolution with its kernel turned."""
    kernel = weights[f"{name}.weight"]
    bias = weights.get(f"{name}.bias")
    side = kernel.shape[-1]
    if transposed and stride == 1:
        kernel = kernel.transpose(0, 1).flip(2, 3).contiguous()
        transposed = False
    if transposed:
        layer = nn.ConvTranspose2d(
            kernel.shape[0], kernel.shape[1], side, stride, padding, stride - 1, bias=bias is not None
        )
    else:
        layer = nn.Conv2d(kernel.shape[1], kernel.shape[0], side, stride, padding, bias=bias is not None)
    layer.weight.data = kernel
    if bias is not None:
        layer.bias.data = bias
        return layer
    norm = norm_of(weights, name)
    layer.eval()
    norm.eval()
    if fold:
        return nn.Sequential(fuse_conv_bn_eval(layer, norm, transpose=transposed), nn.ReLU())
    return nn.Sequential(layer, norm, nn.ReLU())


class Same(nn.Module):
    """Padding as TensorFlow's `same`: what is odd of it goes to the far side."""

    def __init__(self, kernel, stride):
        super().__init__()
        before = (kernel - stride) // 2
        after = kernel - stride - before
        self.sides = (before, after, before, after)

    def forward(self, x):
        return F.pad(x, self.sides)


def gaussian(sigma, radius):
    at = torch.arange(-radius, radius + 1, dtype=torch.float64)
    line = torch.exp(-(at**2) / (2 * sigma**2))
    return (line / line.sum()).float()


class Scorer(nn.Module):
    def __init__(self, folder, fold):
        super().__init__()
        w = read_safetensors(pathlib.Path(folder) / "weights.safetensors")
        self.encoder = nn.Sequential(*[block(w, f"encoder.{i}", s, 1, fold) for i, s in enumerate([2, 1, 2, 1])])
        self.mu = linear(w, "mu")
        self.dense = linear(w, "decoder.dense")
        self.decoder = nn.Sequential(*[block(w, f"decoder.{i}", s, 1, fold, True) for i, s in enumerate([1, 2, 1, 2])])
        self.register_buffer("line", gaussian(0.8, 3))
        reach = torch.arange(-2, 3)
        self.register_buffer("reach_y", reach.repeat_interleave(5))
        self.register_buffer("reach_x", reach.repeat(5))
        layers = []
        for i in range(6):
            kernel = w[f"hardware.{i}.weight"].shape[-1]
            stride = 2 if i in (0, 2) else 1
            layers += [Same(kernel, stride), block(w, f"hardware.{i}", stride, 0, fold)]
        self.trunk = nn.Sequential(*layers)
        self.branch = nn.Sequential(
            Same(3, 2), block(w, "hardware.tracks.0", 2, 0, fold), Same(3, 1), block(w, "hardware.tracks.1", 1, 0, fold)
        )
        self.bodies = block(w, "hardware.bodies", 1, 0, fold)
        self.tracks = block(w, "hardware.track_head", 1, 0, fold)

    def reconstruct(self, x):
        mu = self.mu(self.encoder(x).flatten(1))
        code = F.relu(self.dense(mu)).view(-1, 128, 16, 16)
        if self.decoder[0][0].weight.is_contiguous(memory_format=torch.channels_last):
            code = code.contiguous(memory_format=torch.channels_last)
        return torch.sigmoid(self.decoder(code)).float(), mu.float()

    def planes(self, x, octant):
        level = F.avg_pool2d(x, (17, 1), 1, (8, 0), count_include_pad=False)
        level = F.avg_pool2d(level, (1, 17), 1, (0, 8), count_include_pad=False)
        contrast = (x - level) / level.clamp(min=0.08)
        deviation = contrast.square().mean(dim=(1, 2, 3), keepdim=True).sqrt().clamp(min=0.01)
        standard = contrast / deviation
        plane = torch.zeros_like(contrast) + octant
        return torch.cat([contrast, contrast * octant, standard, standard * octant, plane], dim=1)

    def forward(self, tiles, peaks, octant):
        """tiles uint8 [n, 1, 64, 64], turned already in `tiles[1]`; peaks int64 [n, 2] (x, y) in the unturned tile."""
        plain, turned = tiles
        x = plain.float() / 255
        reconstruction, mu = self.reconstruct(x)
        error = x - reconstruction
        blurred = F.conv2d(error, self.line.view(1, 1, 1, -1), padding=(0, 3))
        blurred = F.conv2d(blurred, self.line.view(1, 1, -1, 1), padding=(3, 0))
        at_x = (peaks[:, :1] + self.reach_x).clamp(0, SIZE - 1)
        at_y = (peaks[:, 1:] + self.reach_y).clamp(0, SIZE - 1)
        code = self.trunk(self.planes(turned.float() / 255, octant))
        bodies = self.bodies(code).float()[:, :, 1:-1, 1:-1].flatten(2)
        lander, cell = bodies[:, 0].max(dim=1)
        return torch.stack(
            [
                error.square().sum(dim=(1, 2, 3)).sqrt(),
                torch.linalg.vector_norm(mu, dim=1),
                blurred.amax(dim=(1, 2, 3)),
                blurred.flatten(1).gather(1, at_y * SIZE + at_x).amax(dim=1),
                lander,
                bodies[:, 1].amax(dim=1),
                self.tracks(self.branch(code)).float().amax(dim=(1, 2, 3)),
                cell.float(),
            ],
            dim=1,
        )


def turn_of(away):
    """Flips and transposition after which a direction lies between +x and the diagonal, and where it lies, -1..1."""
    x, y = abs(away[0]), abs(away[1])
    angle = math.degrees(math.atan2(min(x, y), max(x, y)))
    return (away[0] < 0, away[1] < 0, y > x), 2 * angle / 45 - 1


def turned(tiles, turn):
    flips = [3] * turn[0] + [2] * turn[1]
    tiles = tiles.flip(flips) if flips else tiles
    return (tiles.transpose(2, 3) if turn[2] else tiles).contiguous()


class Runner:
    """Scores any number of uint8 tiles in batches of one size; the last batch is filled up, so that one graph serves."""

    def __init__(self, folder, mode, batch, away):
        if mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode}")
        self.batch = batch
        self.bf16 = mode.endswith("bf16")
        self.turn, octant = turn_of(away)
        self.octant = torch.tensor(octant)
        self.model = Scorer(folder, fold=mode != "eager").eval()
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        self.call = self.model
        if mode != "eager":
            self.model = self.model.to(memory_format=torch.channels_last)
        if mode.startswith(("compile", "freeze")):
            if mode.startswith("freeze"):
                import torch._inductor.config as inductor

                inductor.freezing = True
            self.call = torch.compile(self.model, dynamic=False)

    def __call__(self, tiles, peaks):
        """tiles uint8 [n, 64, 64], peaks [n, 2] -> float32 [n, 8]: l2, mu_norm, bright, bright_peak, lander, small, tracks, cell."""
        count = len(tiles)
        out = np.empty((count, 8), dtype=np.float32)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            for start in range(0, count, self.batch):
                end = min(start + self.batch, count)
                part, places = tiles[start:end], peaks[start:end]
                if end - start < self.batch:
                    fill = ((0, self.batch - (end - start)), (0, 0))
                    part, places = np.pad(part, (*fill, (0, 0))), np.pad(places, fill)
                plain = torch.from_numpy(part)[:, None]
                scores = self.call((plain, turned(plain, self.turn)), torch.from_numpy(places).long(), self.octant)
                out[start:end] = scores.numpy()[: end - start]
        return out

    def cell_places(self, cells):
        """Middles of cells of the turned tile, in the unturned one: [n] -> [n, 2], pixels."""
        inner = BODY_CELLS - 2
        cells = cells.astype(np.int64)
        x, y = cells % inner + 1, cells // inner + 1
        mirror_x, mirror_y, transpose = self.turn
        if transpose:
            x, y = y, x
        x = BODY_CELLS - 1 - x if mirror_x else x
        y = BODY_CELLS - 1 - y if mirror_y else y
        side = SIZE // BODY_CELLS
        return np.stack([x, y], axis=1) * side + side // 2


def use_cache(folder):
    """Compiled kernels are kept: compiling is not what is measured."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(pathlib.Path(folder) / "inductor"))
