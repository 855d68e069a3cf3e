"""Reads what a runner has, while something publishes: python reading.py [STREAM] [FRAMES]."""

import datetime
import sys

import streamview

stream = sys.argv[1] if len(sys.argv) > 1 else "camera"
frames = int(sys.argv[2]) if len(sys.argv) > 2 else 100

client = streamview.Client()
for known in client.streams():
    print(known.kind, known.id, known.state, f"{known.rate:.1f}/s")

for frame in client.frames(stream, timeout_s=10):
    print(f"frame {frame.seq} of {frame.pixels.dtype}, mean {frame.pixels.mean():.1f} {frame.unit or ''}")
    frames -= 1
    if frames <= 0:
        break

newest = client.latest(stream)
again = client.frame(stream, newest.seq)  # any frame that the runner still keeps, bit for bit
assert (again == newest.pixels).all()

series = client.series("mean", since=datetime.timedelta(seconds=30))
print(f"{len(series)} samples of {series.stream}/{series.name}, from {series.time[0]} to {series.time[-1]}")
