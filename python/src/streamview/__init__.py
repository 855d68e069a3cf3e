"""Live frames and live numbers from a running experiment, in step, in any browser.

import streamview

pub = streamview.Publisher()
pub.frame("camera", array)
pub.metric("snr", 12.3)
"""

from streamview.client import Client
from streamview.http import NotFoundError, RunnerError
from streamview.producer import Stats, TopicStats
from streamview.publisher import Publisher
from streamview.records import Frame, Pixel, Sample, Series, Stream
from streamview.rois import Ellipse, Polygon, Rectangle, Roi

__all__ = [
    "Client",
    "Ellipse",
    "Frame",
    "NotFoundError",
    "Pixel",
    "Polygon",
    "Publisher",
    "Rectangle",
    "Roi",
    "RunnerError",
    "Sample",
    "Series",
    "Stats",
    "Stream",
    "TopicStats",
]
