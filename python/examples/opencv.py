"""What a camera or a video file shows, through OpenCV: python opencv.py [FILE]."""

import sys
import time

import cv2

import streamview

camera = cv2.VideoCapture(sys.argv[1] if len(sys.argv) > 1 else 0)
pub = streamview.Publisher()
while True:
    seen, picture = camera.read()
    t_ns = time.time_ns()
    if not seen:
        break
    # OpenCV has blue first. No copy is made here: whatever the layout, it is gathered in the one copy of the call.
    pub.frame("camera", picture[:, :, ::-1], t_ns=t_ns)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    pub.metric("sharpness", cv2.Laplacian(grey, cv2.CV_64F).var(), frame=pub.last("camera"))
camera.release()
