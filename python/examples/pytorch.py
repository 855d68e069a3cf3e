"""A training loop that can be watched: python pytorch.py [STEPS]."""

import sys

import torch

import streamview

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
device = "cuda" if torch.cuda.is_available() else "cpu"
network = torch.nn.Sequential(
    torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(16, 1, 3, padding=1)
).to(device)
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)

pub = streamview.Publisher()
for step in range(steps):
    clean = torch.nn.functional.interpolate(torch.rand(8, 1, 16, 16, device=device), size=128, mode="bicubic")
    noisy = clean + 0.3 * torch.randn_like(clean)
    loss = torch.nn.functional.mse_loss(network(noisy), clean)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    # Reading from a GPU waits for it: not at every step.
    if step % 10 == 0:
        restored = network(noisy[:1])
        # [h, w], float32; torch has channels first, `permute(1, 2, 0)` puts those of a colour picture last.
        pub.frame("restored", torch.cat([noisy[0, 0], restored[0, 0], clean[0, 0]], dim=1), range=(0, 1))
        pub.metrics(loss=loss.detach(), step=step, frame=pub.last("restored"))
