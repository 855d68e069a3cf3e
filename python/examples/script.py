"""A loop that has pictures and numbers: python script.py [FRAMES]."""

import sys
import time

import numpy as np

import streamview

frames = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
rng = np.random.default_rng()
row, column = np.mgrid[:480, :640]

pub = streamview.Publisher()
for number in range(frames):
    blob = np.exp(-((row - 240) ** 2 + (column - 320 - 200 * np.sin(number / 20)) ** 2) / 2000)
    picture = rng.poisson(100 + 3000 * blob).astype(np.uint16)
    pub.frame("camera", picture, unit="photons", range=(0, 3500))
    pub.metrics(mean=picture.mean(), brightest=picture.max(), frame=pub.last("camera"))
    if number % 100 == 0:
        pub.event(f"frame {number}")
    time.sleep(1 / 30)
print(pub.stats())
