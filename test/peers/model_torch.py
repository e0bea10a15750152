"""The VAE and its scores in PyTorch, written from the paper and the model folder's documentation alone.

usage: model_torch.py MODEL_FOLDER < tiles.json > scores.json

tiles.json: {"count": n, "tiles": base64 of n*C*64*64 bytes, "valid": base64 of n*64*64 flags}
"""

import base64
import json
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

SIZE = 64


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


class Vae:
    def __init__(self, weights):
        self.w = weights

    def norm_relu(self, name, x):
        w = self.w
        return F.relu(
            F.batch_norm(
                x,
                w[f"{name}.norm.running_mean"],
                w[f"{name}.norm.running_var"],
                w[f"{name}.norm.weight"],
                w[f"{name}.norm.bias"],
                training=False,
                eps=1e-5,
            )
        )

    def encode(self, x):
        for i, stride in enumerate([2, 1, 2, 1]):
            x = self.norm_relu(f"encoder.{i}", F.conv2d(x, self.w[f"encoder.{i}.weight"], stride=stride, padding=1))
        return F.linear(x.flatten(1), self.w["mu.weight"], self.w["mu.bias"])

    def decode(self, z):
        w = self.w
        x = F.relu(F.linear(z, w["decoder.dense.weight"], w["decoder.dense.bias"])).view(-1, 128, 16, 16)
        for i, stride in enumerate([1, 2, 1, 2]):
            last = i == 3
            x = F.conv_transpose2d(
                x,
                w[f"decoder.{i}.weight"],
                w["decoder.3.bias"] if last else None,
                stride=stride,
                padding=1,
                output_padding=stride - 1,
            )
            x = torch.sigmoid(x) if last else self.norm_relu(f"decoder.{i}", x)
        return x


def blur(images, sigma, radius=3):
    """Separable Gaussian with zero padding; [n, h, w]."""
    at = torch.arange(-radius, radius + 1, dtype=torch.float32)
    line = torch.exp(-(at**2) / (2 * sigma**2))
    line = line / line.sum()
    x = F.conv2d(images[:, None], line.view(1, 1, 1, -1), padding=(0, radius))
    return F.conv2d(x, line.view(1, 1, -1, 1), padding=(radius, 0))[:, 0]


def score(vae, tiles, valid):
    x = tiles.float() / 255
    mask = valid.float()
    mu = vae.encode(x)
    error = (x - vae.decode(mu)) * mask
    scale = SIZE * SIZE / mask.sum(dim=(1, 2, 3)).clamp(min=1)
    return {
        "l2": torch.sqrt((error**2).sum(dim=(1, 2, 3)) * scale).tolist(),
        "muNorm": torch.linalg.vector_norm(mu, dim=1).tolist(),
        "bright": blur(error.mean(dim=1), 0.8).amax(dim=(1, 2)).tolist(),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    job = json.load(sys.stdin)
    n = job["count"]

    def array(name):
        flat = np.frombuffer(base64.b64decode(job[name]), dtype=np.uint8)
        return torch.from_numpy(flat.reshape(n, -1, SIZE, SIZE).copy())

    with torch.inference_mode():
        scores = score(Vae(read_safetensors(folder / "weights.safetensors")), array("tiles"), array("valid"))
    json.dump({"torch": torch.__version__, **scores}, sys.stdout)


main()
