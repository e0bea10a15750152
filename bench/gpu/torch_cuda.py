"""Scores tiles by the VAE on CUDA with PyTorch's best settings, for as long as it is told to.

usage: torch_cuda.py BATCH LATENT PRECISION   (PRECISION: bf16, fp16 or fp32)

Prints one JSON object when it is warm: {"torch", "device", "precision"}. Then reads seconds, one number a line, and
answers each with the tiles a second of that time. Tiles come from pinned memory as uint8 and only scores go back.
"""

import contextlib
import json
import sys
import time

import torch
import torch.nn as nn

SIZE = 64


def block(layer, channels):
    return [layer, nn.BatchNorm2d(channels), nn.ReLU()]


class Vae(nn.Module):
    """The network of the paper's section 2.2, one channel; its speed does not depend on its weights."""

    def __init__(self, latent):
        super().__init__()
        wide = [(1, 32, 2), (32, 64, 1), (64, 128, 2), (128, 128, 1)]
        down = [block(nn.Conv2d(i, o, 3, s, 1, bias=False), o) for i, o, s in wide]
        self.encoder = nn.Sequential(*sum(down, []))
        self.mu = nn.Linear(128 * 16 * 16, latent)
        self.dense = nn.Linear(latent, 128 * 16 * 16)
        up = [
            block(nn.ConvTranspose2d(o, i, 3, s, 1, s - 1, bias=False), i)
            for i, o, s in reversed(wide[1:])
        ]
        self.decoder = nn.Sequential(*sum(up, []), nn.ConvTranspose2d(32, 1, 3, 2, 1, 1), nn.Sigmoid())

    def forward(self, tiles):
        x = (tiles.float() / 255).contiguous(memory_format=torch.channels_last)
        mu = self.mu(self.encoder(x).flatten(1))
        picture = self.decoder(torch.relu(self.dense(mu)).view(-1, 128, 16, 16))
        error = x - picture.float()
        l2 = error.square().sum((1, 2, 3)).sqrt()
        return torch.stack([l2, mu.float().norm(dim=1), error.amax((1, 2, 3))], 1)


def main():
    batch, latent, precision = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if not torch.cuda.is_available():
        sys.exit("PyTorch finds no CUDA device")
    model = Vae(latent).cuda().eval().to(memory_format=torch.channels_last)
    model = torch.compile(model, mode="max-autotune")
    kinds = {"bf16": torch.bfloat16, "fp16": torch.float16}
    cast = torch.autocast("cuda", kinds[precision]) if precision in kinds else contextlib.nullcontext()
    host = torch.randint(0, 256, (batch, 1, SIZE, SIZE), dtype=torch.uint8).pin_memory()

    def run(seconds):
        tiles, pending = 0, None
        torch.cuda.synchronize()
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            scores = model(host.cuda(non_blocking=True)).clone()
            if pending is not None:
                pending.cpu()
                tiles += batch
            pending = scores
        torch.cuda.synchronize()
        return tiles / (time.perf_counter() - started)

    with torch.inference_mode(), cast:
        run(3)
        about = {"torch": torch.__version__, "device": torch.cuda.get_device_name(), "precision": precision}
        print(json.dumps(about), flush=True)
        for line in sys.stdin:
            print(run(float(line)), flush=True)


main()
