"""Loss, gradients and one step of Adam of the two VAEs in PyTorch, in double precision.

Written from the papers and the documentation of the model folder alone. Batch norms use the batch's statistics.

usage: model_train_torch.py FOLDER

FOLDER/job.json: {"family", "loss": "squared" | "absolute", "beta", "learning_rate", "epsilon", "steps"}
FOLDER/input.safetensors: `weights/*`, `adam.m/*` and `adam.v/*` after `steps` steps, `pixels` [n, C, 64, 64], `noise`
FOLDER/output.safetensors gets: `gradients/*`, `weights/*` after the step, `losses` [loss, squared, absolute, divergence],
`kink`, the least |x| that a ReLU saw
"""

import json
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

# Strides of the encoder's convolutions, and channels from the tile's inwards.
FAMILIES = {
    "vae": ([2, 1, 2, 1], [32, 64, 128, 128]),
    "vae2024": ([1, 2, 1, 2], [16, 32, 64, 128]),
}


def read(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    data = raw[8 + length :]
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32"
        start, end = entry["data_offsets"]
        array = np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.astype(np.float64))
    return tensors


def write(path, tensors):
    header, parts, at = {}, [], 0
    for name, tensor in tensors.items():
        part = tensor.detach().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def forward(w, strides, channels, pixels, noise, kinks):
    def relu(x):
        kinks.append(x.detach().abs().min())
        return F.relu(x)

    def norm_relu(name, x):
        mean, var = w[f"{name}.norm.running_mean"], w[f"{name}.norm.running_var"]
        scale, shift = w[f"{name}.norm.weight"], w[f"{name}.norm.bias"]
        return relu(F.batch_norm(x, mean, var, scale, shift, training=True, momentum=0.1, eps=1e-5))

    x = pixels
    for i, stride in enumerate(strides):
        assert w[f"encoder.{i}.weight"].shape[0] == channels[i]
        x = norm_relu(f"encoder.{i}", F.conv2d(x, w[f"encoder.{i}.weight"], stride=stride, padding=1))
    code = x.flatten(1)
    mu = F.linear(code, w["mu.weight"], w["mu.bias"])
    logvar = F.linear(code, w["logvar.weight"], w["logvar.bias"])
    z = mu + torch.exp(0.5 * logvar) * noise
    x = relu(F.linear(z, w["decoder.dense.weight"], w["decoder.dense.bias"])).view(-1, 128, 16, 16)
    for i, stride in enumerate(reversed(strides)):
        last = i == len(strides) - 1
        bias = w[f"decoder.{i}.bias"] if last else None
        x = F.conv_transpose2d(
            x, w[f"decoder.{i}.weight"], bias, stride=stride, padding=1, output_padding=stride - 1
        )
        x = torch.sigmoid(x) if last else norm_relu(f"decoder.{i}", x)
    return x, mu, logvar


def main():
    folder = pathlib.Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    given = read(folder / "input.safetensors")
    w = {name[8:]: tensor for name, tensor in given.items() if name.startswith("weights/")}
    trained = {name: tensor.requires_grad_() for name, tensor in w.items() if ".running_" not in name}

    strides, channels = FAMILIES[job["family"]]
    kinks = []
    picture, mu, logvar = forward(w, strides, channels, given["pixels"], given["noise"], kinks)
    error = picture - given["pixels"]
    squared = error.pow(2).flatten(1).sum(1).mean()
    absolute = error.abs().flatten(1).sum(1).mean()
    normal = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
    prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    divergence = torch.distributions.kl_divergence(normal, prior).sum(1).mean()
    loss = (squared if job["loss"] == "squared" else absolute) + job["beta"] * divergence
    loss.backward()
    gradients = {name: tensor.grad.clone() for name, tensor in trained.items()}

    adam = torch.optim.Adam(trained.values(), lr=job["learning_rate"], eps=job["epsilon"])
    for name, tensor in trained.items():
        adam.state[tensor] = {
            "step": torch.tensor(float(job["steps"])),
            "exp_avg": given[f"adam.m/{name}"],
            "exp_avg_sq": given[f"adam.v/{name}"],
        }
    adam.step()
    write(
        folder / "output.safetensors",
        {
            **{f"gradients/{name}": tensor for name, tensor in gradients.items()},
            **{f"weights/{name}": tensor for name, tensor in w.items()},
            "kink": torch.stack(kinks).min().reshape(1),
            "losses": torch.stack([loss, squared, absolute, divergence]),
        },
    )
    print(torch.__version__)


main()
