#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Trains, quantizes and exports the digit network, and writes PyTorch's bytes for every layer.

Everything is seeded and runs on one thread: on one machine two runs give the same files. On another
processor the float training may differ in its last bits, and with it weights and accuracy.
"""
import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.ao import quantization as tq

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "sw" / "torch"), str(Path(__file__).resolve().parent)]

import dataset  # noqa: E402
import systole_torch  # noqa: E402

SEED = 20241122
EPOCHS = 6
BATCH = 64
SAMPLES = 100  # digits shipped with the model
LEAST_ACCURACY = 0.97


class DigitNet(nn.Module):
    """28x28 digits to 10 classes: 3 convolutions, 2 linear layers, 1.38 million MACs.

    conv2 has no ReLU, so that its codes have a zero point inside the range, and conv3 pads with it.
    """

    def __init__(self):
        super().__init__()
        self.quant = tq.QuantStub()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.relu3 = nn.ReLU()
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.4)
        self.fc1 = nn.Linear(64 * 4 * 4, 64)
        self.relu4 = nn.ReLU()
        self.fc2 = nn.Linear(64, 10)
        self.dequant = tq.DeQuantStub()

    def forward(self, x):
        """x: float32 [N, 1, 28, 28] in 0..1. Returns float32 logits [N, 10]."""
        x = self.pool1(self.relu1(self.conv1(self.quant(x))))
        x = self.pool2(self.conv2(x))
        x = self.dropout(self.flatten(self.relu3(self.conv3(x))))
        return self.dequant(self.fc2(self.relu4(self.fc1(x))))


def real(pixels):
    """uint8 codes to float32 values 0..1."""
    return torch.from_numpy(pixels.astype(np.float32)) / 255


def shifted(batch, generator):
    """Moves a batch by up to 2 pixels: the augmentation."""
    dy, dx = (int(torch.randint(-2, 3, (1,), generator=generator)) for _ in range(2))
    return torch.roll(batch, (dy, dx), (2, 3))


def train(images, labels, epochs):
    """The trained float network, in eval mode."""
    net, generator = DigitNet(), torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    steps = epochs * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    labels = torch.from_numpy(labels.astype(np.int64))
    for epoch in range(epochs):
        order = torch.randperm(len(images), generator=generator)
        total = 0.0
        for chosen in order[: len(images) // BATCH * BATCH].split(BATCH):
            batch = shifted(real(images[chosen.numpy()]), generator)
            loss = nn.functional.cross_entropy(net(batch), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss)
        mean = total * BATCH / len(images)
        print(f"epoch {epoch + 1}/{epochs}: loss {mean:.4f}", file=sys.stderr)
    return net.eval()


def input_qconfig(qconfig):
    """Range 0..1 gives scale 1/255 and zero point 0: a pixel is its own code."""
    observer = tq.MinMaxObserver.with_args(dtype=torch.quint8, qscheme=torch.per_tensor_affine)
    return tq.QConfig(activation=observer, weight=qconfig.weight)


def quantize(net, images):
    """Static quantization for QNNPACK: 8-bit activations, weights per output channel."""
    net = tq.fuse_modules(net, [["conv1", "relu1"], ["conv3", "relu3"], ["fc1", "relu4"]])
    net.qconfig = tq.QConfig(
        activation=tq.HistogramObserver.with_args(reduce_range=False),
        weight=tq.default_per_channel_weight_observer,
    )
    net.quant.qconfig = input_qconfig(net.qconfig)
    prepared = tq.prepare(net)
    with torch.no_grad():
        for chosen in range(0, 1024, 128):
            prepared(real(images[chosen : chosen + 128]))
    quantized = tq.convert(prepared)
    assert float(quantized.quant.scale) == np.float32(1.0 / 255), quantized.quant.scale
    assert int(quantized.quant.zero_point) == 0
    return quantized


def accuracy(net, images, labels):
    """Share of right answers."""
    right = 0
    with torch.no_grad():
        for start in range(0, len(images), 500):
            answers = net(real(images[start : start + 500])).argmax(1).numpy()
            right += int((answers == labels[start : start + 500]).sum())
    return right / len(images)


def write(quantized, images, labels, scores, out):
    """Exports the network; writes inputs, labels and goldens beside it."""
    out.mkdir(parents=True, exist_ok=True)
    exported = systole_torch.export(quantized, real(images[:1]), out / "digits.onnx", "qnnpack")
    np.save(out / "digits.labels.npy", labels)
    systole_torch.write_goldens(exported, images, "tools/digits/train.py", accuracy=scores)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with the four MNIST idx files")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "mnist",
                        help="where npm puts the data without --data (default: build/mnist)")
    parser.add_argument("--out", type=Path, default=ROOT / "models")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    warnings.filterwarnings("ignore", category=UserWarning)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    torch.backends.quantized.engine = "qnnpack"
    folder = arguments.data or dataset.fetch(arguments.cache)
    train_images, train_labels, test_images, test_labels = dataset.load(folder)
    net = train(train_images, train_labels, arguments.epochs)
    scores = {"float": accuracy(net, test_images, test_labels)}
    quantized = quantize(net, train_images)
    scores["int8"] = accuracy(quantized, test_images, test_labels)
    scores["samples"] = len(test_images)
    print(f"float accuracy {scores['float']:.4f}, int8 accuracy {scores['int8']:.4f}, "
          f"{scores['samples']} test digits")
    if scores["int8"] < LEAST_ACCURACY:
        raise SystemExit(f"int8 accuracy is below {LEAST_ACCURACY}: nothing written")
    images, labels = test_images[:SAMPLES].copy(), test_labels[:SAMPLES].copy()
    write(quantized, images, labels, scores, arguments.out)


if __name__ == "__main__":
    main()
