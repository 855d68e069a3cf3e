"""Every frame of a Micro-Manager acquisition, as it comes, with pymmcore-plus: python pymmcore_callback.py [FRAMES]."""

import sys
import time

import numpy as np
import useq
from pymmcore_plus import CMMCorePlus

import streamview

frames = int(sys.argv[1]) if len(sys.argv) > 1 else 200
core = CMMCorePlus.instance()
core.loadSystemConfiguration()  # the demonstration camera; give it your own .cfg

pub = streamview.Publisher()


def show(image: np.ndarray, event: useq.MDAEvent) -> None:
    """Called by the thread that acquires, which goes on as soon as the picture is copied."""
    channel = event.channel.config if event.channel else "camera"
    seq = pub.frame(channel, image, t_ns=time.time_ns())
    pub.metric(f"mean of {channel}", image.mean(), frame=seq)


core.mda.events.frameReady.connect(show)
core.mda.run(useq.MDASequence(time_plan={"interval": 0.05, "loops": frames}))
