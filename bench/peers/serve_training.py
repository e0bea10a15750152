"""Trains the VAE of 2020 when asked, so that a bench can take turns with it.

usage: serve_training.py TASK.json   (pixels, channels, latent, batch, beta, threads, channels_last, fused_adam)

`pixels` are raw 8-bit tiles [n, 64, 64, channels]. Requests are lines of JSON: {"steps": n} takes so many steps of
Adam and answers {"tiles", "seconds", "loss"}. Batches are drawn and turned at random as a training does: flips and
quarter turns.
"""

import json
import os
import sys
import time

task = json.load(open(sys.argv[1], encoding="utf-8"))
os.environ["OMP_NUM_THREADS"] = str(task["threads"])

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torch.nn as nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(task["threads"])


def down(inputs, outputs, stride):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def up(inputs, outputs, stride):
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 3, stride, 1, stride - 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Vae(nn.Module):
    def __init__(self, channels, latent):
        super().__init__()
        self.encoder = nn.Sequential(down(channels, 32, 2), down(32, 64, 1), down(64, 128, 2), down(128, 128, 1))
        self.mu = nn.Linear(32768, latent)
        self.logvar = nn.Linear(32768, latent)
        self.dense = nn.Linear(latent, 32768)
        self.decoder = nn.Sequential(
            up(128, 128, 1), up(128, 64, 2), up(64, 32, 1), nn.ConvTranspose2d(32, channels, 3, 2, 1, 1)
        )

    def forward(self, x):
        code = self.encoder(x).flatten(1)
        mu, logvar = self.mu(code), self.logvar(code)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        code = F.relu(self.dense(z)).view(-1, 128, 16, 16)
        if task["channels_last"]:
            code = code.contiguous(memory_format=torch.channels_last)
        return torch.sigmoid(self.decoder(code)), mu, logvar


torch.manual_seed(1)
random = np.random.default_rng(1)
tiles = np.fromfile(task["pixels"], dtype=np.uint8).reshape(-1, 64, 64, task["channels"])
model = Vae(task["channels"], task["latent"]).train()
if task["channels_last"]:
    model = model.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=task["fused_adam"] or None)


def batch():
    picked = tiles[random.integers(0, len(tiles), task["batch"])]
    turned = [np.rot90(tile[::-1] if way & 4 else tile, way & 3) for tile, way in zip(picked, random.integers(0, 8, len(picked)))]
    x = torch.from_numpy(np.stack(turned)).permute(0, 3, 1, 2).float().div_(255)
    return x.contiguous(memory_format=torch.channels_last if task["channels_last"] else torch.contiguous_format)


def step():
    x = batch()
    picture, mu, logvar = model(x)
    error = (picture - x).square().sum(dim=(1, 2, 3)).mean()
    divergence = 0.5 * (mu.square() + logvar.exp() - logvar - 1).sum(dim=1).mean()
    loss = error + task["beta"] * divergence
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    steps = json.loads(line)["steps"]
    started = time.perf_counter()
    for _ in range(steps):
        loss = step()
    seconds = time.perf_counter() - started
    print(json.dumps({"tiles": steps * task["batch"], "seconds": seconds, "loss": loss}), flush=True)
