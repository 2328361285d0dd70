#!/usr/bin/env python3
"""The cases of `plateau bench` in plain PyTorch: same models, data sizes, loss and optimizer, as one would write them.

    pytorch_baseline.py CASE... [--seconds S] [--threads N]     one JSON object: {case: steps per second}
"""
import argparse
import json
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("pytorch_baseline.py: PyTorch for Python is missing; on Debian: apt-get install python3-torch")
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """`norms`: names of the parts that see the stream normalised, "attention" and "mlp"."""

    def __init__(self, width, heads, hidden, activation, norms, output_bias, causal):
        super().__init__()
        self.heads, self.causal, self.activation = heads, causal, activation
        self.norm1 = nn.LayerNorm(width, eps=1e-6) if "attention" in norms else nn.Identity()
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.projection = nn.Linear(width, width, bias=output_bias)
        self.norm2 = nn.LayerNorm(width, eps=1e-6) if "mlp" in norms else nn.Identity()
        self.expand = nn.Linear(width, hidden)
        self.contract = nn.Linear(hidden, width)

    def attend(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        if self.causal:
            mask = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
            scores = scores.masked_fill(mask, float("-inf"))
        mixed = scores.softmax(-1) @ v
        return self.projection(mixed.transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.contract(self.activation(self.expand(self.norm2(x))))


class Transformer(nn.Module):
    """`read`: 0 the first token, -1 the last, None all. `item`: width of the items at even positions, labels
    stand at odd ones."""

    def __init__(self, tokens, depth, width, hidden, classes, *, vocabulary=0, patch=0, pixels=0, item=0, heads=4,
                 activation=F.gelu, norms=("attention", "mlp", "final"), biases=True, causal=False, read=0):
        super().__init__()
        self.patch, self.item, self.read = patch, item, read
        if item:
            self.items = nn.Linear(item, width)
        if vocabulary:
            self.embedding = nn.Embedding(vocabulary, width)
            nn.init.normal_(self.embedding.weight, std=0.02)
        else:
            self.embedding = nn.Linear(pixels, width)
            self.class_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.position = nn.Parameter(torch.randn(1, tokens, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, hidden, activation, norms, biases, causal) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6) if "final" in norms else nn.Identity()
        self.readout = nn.Linear(width, classes, bias=biases)

    def forward(self, x):
        if self.patch:
            batch, channels, height, width = x.shape
            p = self.patch
            x = x.view(batch, channels, height // p, p, width // p, p).permute(0, 2, 4, 1, 3, 5)
            x = self.embedding(x.reshape(batch, -1, channels * p * p))
            x = torch.cat([self.class_token.expand(batch, -1, -1), x], 1)
        elif self.item:
            labels = self.embedding(x[:, 1::2, 0].long())
            x = torch.stack([self.items(x[:, 0::2]), labels], 2).flatten(1, 2)
        else:
            x = self.embedding(x)
        x = x + self.position
        for block in self.blocks:
            x = block(x)
        if self.read is not None:
            x = x[:, self.read]
        return self.readout(self.norm(x))


class LinearTransformer(nn.Module):
    """linear-transformer.md A2, block-sparse parametrisation, in token form."""

    def __init__(self, layers, width):
        super().__init__()
        self.p = nn.Parameter(torch.randn(layers, width, width) * 0.05)
        self.q = nn.Parameter(torch.randn(layers, width, width) * 0.05)

    def forward(self, z):
        context = z.shape[1] - 1
        corner = torch.zeros(z.shape[2], z.shape[2])
        corner[-1, -1] = 1
        for p, q in zip(self.p, self.q):
            p_full, q_full = F.pad(p, (0, 1, 0, 1)) + corner, F.pad(q, (0, 1, 0, 1))
            keys = z[:, :context]
            z = z + (z @ q_full) @ keys.transpose(1, 2) @ (keys @ p_full.T) / context
        return z[:, -1, -1]


def classification(model, inputs, labels):
    def loss():
        logits = model(inputs)
        return F.cross_entropy(logits.flatten(0, -2), labels.flatten())
    return model, loss


def tokens(batch, length, vocabulary, classes, all_read=False):
    labels = torch.randint(classes, (batch, length) if all_read else (batch,))
    return torch.randint(vocabulary, (batch, length)), labels


def grokking(batch, modulus, width, norms):
    model = Transformer(3, 1, width, 4 * width, modulus + 1, vocabulary=modulus + 1, activation=F.relu, norms=norms,
                        biases=False, read=-1)
    inputs, labels = tokens(batch, 3, modulus + 1, modulus + 1)
    inputs[:, 2] = modulus
    return classification(model, inputs, labels)


def grokking_batch():
    model = Transformer(4, 2, 128, 512, 97, vocabulary=99, activation=F.relu, causal=True, read=-1)
    return classification(model, *tokens(512, 4, 99, 97))


def vit(width):
    model = Transformer(33, 4, width, 4 * width, 10, patch=7, pixels=147)
    return classification(model, torch.randn(256, 3, 56, 28), torch.randint(10, (256,)))


def decoder(length, depth, width):
    model = Transformer(length, depth, width, 4 * width, 96, vocabulary=96, causal=True, read=None)
    return classification(model, *tokens(64, length, 96, 96, all_read=True))


def pairs():
    model = Transformer(24, 2, 64, 256, 4, vocabulary=4, item=32, causal=True, read=None)
    inputs = torch.randn(64, 24, 32)
    inputs[:, 1::2, 0] = torch.randint(4, (64, 12)).float()
    return classification(model, inputs, torch.randint(4, (64, 24)))


def linear(batch, width, context):
    model = LinearTransformer(3, width)
    x = torch.randn(batch, context + 1, width)
    y = (x @ torch.randn(batch, width, 1)).squeeze(-1)
    z = torch.cat([x, y.unsqueeze(-1)], -1)
    z[:, -1, -1] = 0
    return model, lambda: (model(z) + y[:, -1]).square().mean()


CASES = {
    "grokking": lambda: grokking(3830, 113, 128, ()),
    "grokking-small": lambda: grokking(1218, 59, 64, ("mlp",)),
    "grokking-batch": grokking_batch,
    "vit": lambda: vit(128),
    "vit-small": lambda: vit(64),
    "decoder": lambda: decoder(64, 4, 128),
    "decoder-small": lambda: decoder(32, 2, 64),
    "pairs": pairs,
    "linear": lambda: linear(1024, 10, 20),
    "linear-paper": lambda: linear(1000, 5, 20),
    "linear-wide": lambda: linear(512, 20, 30),
}


def measure(case, seconds):
    torch.manual_seed(1)
    model, loss = CASES[case]()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.1)

    def step():
        optimizer.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    step()
    step()
    begin, steps = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - begin) < seconds or steps == 0:
        step()
        steps += 1
    return steps / elapsed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*", help="default: all: " + ", ".join(CASES))
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--threads", type=int, help="torch.set_num_threads; default: as installed")
    arguments = parser.parse_args()
    unknown = [case for case in arguments.cases if case not in CASES]
    if unknown:
        parser.error(f"there is no case '{unknown[0]}'; there are: {', '.join(CASES)}")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    print(json.dumps({case: measure(case, arguments.seconds) for case in arguments.cases or CASES}))


if __name__ == "__main__":
    main()
