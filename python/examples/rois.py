"""Draws regions on a stream, and reads what is measured in them: python rois.py [STREAM] [SAMPLES]."""

import sys

import streamview
from streamview import Ellipse, Polygon, Rectangle, Roi

stream = sys.argv[1] if len(sys.argv) > 1 else "camera"
samples = int(sys.argv[2]) if len(sys.argv) > 2 else 100

client = streamview.Client()
client.set_rois(stream, [Roi("soma", Ellipse(x=10, y=12, width=20, height=16)), Roi("rest", Rectangle(0, 0, 8, 8))])
added = client.add_roi(stream, Polygon.of([(30, 10), (50, 12.5), (40, 30)]))  # or of an array [n, 2]
print("regions:", ", ".join(roi.name for roi in client.rois(stream)))
client.remove_roi(stream, added.name)

pixel = client.pixel(stream, x=20, y=20)
print(f"frame {pixel.seq} has {pixel.values} {pixel.unit or ''} at 20, 20")

for sample in client.samples("soma.mean", stream=f"{stream}.roi", timeout_s=10):
    print(f"{sample.t_ns} ns: {sample.value:.1f}")
    samples -= 1
    if samples <= 0:
        break
