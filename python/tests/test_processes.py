"""Forks, exits and interpreters of their own: what a publisher does at the edges of a process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest

from streamview import Publisher
from streamview.surroundings import descriptors_left
from tests.conftest import Listener, eventually

NOBODY = "tcp://127.0.0.1:9"


def run(script: str, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs a script in an interpreter of its own, which has to end soon, and quietly if it ends well."""
    command = [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code, done.stderr
    if code == 0:
        assert done.stderr == ""
    return done


THREE_LINES = textwrap.dedent("""
    import sys, numpy, streamview
    pub = streamview.Publisher(sys.argv[1], name="script")
    pub.frame("camera", numpy.arange(12, dtype="u1").reshape(3, 4))
    pub.metric("snr", 12.3)
""")


def test_a_script_of_three_lines_loses_nothing(listener: Listener) -> None:
    run(THREE_LINES, listener.endpoint)
    taken = {
        (topic, header.get("end")): (header, payload) for topic, header, payload in (listener.take() for _ in "1234")
    }
    assert taken["frame/camera", None][1] == bytes(range(12))
    assert taken["metric/script", None][0]["values"] == {"snr": 12.3}
    assert taken.keys() >= {("event/camera", True), ("event/script", True)}


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "1 / 0", "del pub", "pub.close(0.1)"])
def test_an_interpreter_ends_though_nobody_listens(ending: str) -> None:
    done = run(THREE_LINES + ending, NOBODY, code={"raise SystemExit(3)": 3, "1 / 0": 1}.get(ending, 0))
    assert "streamview" not in done.stderr


def test_an_error_in_a_script_does_not_lose_what_came_before(listener: Listener) -> None:
    run(THREE_LINES + "1 / 0", listener.endpoint, code=1)
    topics = {listener.take()[0] for _ in range(4)}
    assert topics == {"frame/camera", "metric/script", "event/camera", "event/script"}


def test_what_is_published_at_exit_and_by_threads_that_outlive_it_does_no_harm() -> None:
    run(
        """
        import atexit, sys, threading, numpy, streamview

        def late():
            pub.frame("camera", numpy.zeros((4, 4)))
            pub.metric("late", 1)

        def for_ever():
            while True:
                late()

        atexit.register(late)
        pub = streamview.Publisher(sys.argv[1])
        threading.Thread(target=for_ever, daemon=True).start()
        late()
        """,
        NOBODY,
    )


def test_a_publisher_that_is_forgotten_leaves_no_thread_behind(listener: Listener) -> None:
    run(
        """
        import sys, threading, time, numpy, streamview
        for number in range(5):
            pub = streamview.Publisher(sys.argv[1], name=f"of-{number}")
            pub.frame(f"camera-{number}", numpy.zeros((4, 4)))
            pub.metric("number", number)
        del pub
        deadline = time.monotonic() + 20
        while any(thread.name.startswith("streamview-") for thread in threading.enumerate()):
            assert time.monotonic() < deadline, threading.enumerate()
            time.sleep(0.01)
        """,
        listener.endpoint,
    )
    topics = [listener.take()[0] for _ in range(20)]
    assert {f"frame/camera-{n}" for n in range(5)} | {f"event/of-{n}" for n in range(5)} <= set(topics)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)"])
def test_a_forked_child_is_a_producer_of_its_own(listener: Listener, leave: str) -> None:
    run(
        f"""
        import os, sys, warnings, numpy, streamview
        warnings.simplefilter("ignore", DeprecationWarning)  # that threads and fork do not mix is the point
        pub = streamview.Publisher(sys.argv[1])
        picture = numpy.zeros((512, 512))
        for _ in range(3):
            pub.frame("parent", picture)
        silent = os.fork()
        if silent == 0:
            {leave}  # a child that publishes nothing says nothing, not even that it ends
        child = os.fork()
        if child == 0:
            assert pub.last("parent") is None
            pub.frame("child", picture)
            pub.metric("of child", 1, stream="child")
            pub.close()
            {leave}
        for _ in range(3):
            pub.frame("parent", picture)
        assert os.waitpid(silent, 0)[1] == 0
        assert os.waitpid(child, 0)[1] == 0
        """,
        listener.endpoint,
    )
    sessions: dict[str, set[Any]] = {"parent": set(), "child": set()}
    ends: list[str] = []
    while len(ends) < 3:
        topic, header, _ = listener.take()
        stream = topic.split("/")[1]
        sessions[stream].add(header["session"])
        if header.get("end"):
            ends.append(topic)
    assert sorted(ends) == ["event/child", "event/child", "event/parent"]
    assert len(sessions["parent"]) == len(sessions["child"]) == 1
    assert sessions["parent"] != sessions["child"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_worker_processes_publish_through_the_parents_publisher(listener: Listener) -> None:
    run(
        """
        import multiprocessing, sys, warnings, numpy, streamview
        warnings.simplefilter("ignore", DeprecationWarning)
        pub = streamview.Publisher(sys.argv[1], name="parent")

        def work(number):
            pub.frame(f"worker-{number}", numpy.full((64, 64), number, "u1"))
            pub.close()

        pub.metric("started", 1)
        workers = [multiprocessing.get_context("fork").Process(target=work, args=(n,)) for n in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0
        """,
        listener.endpoint,
    )
    frames: dict[str, bytes] = {}
    while len(frames) < 3:
        topic, _, payload = listener.take()
        if topic.startswith("frame/"):
            frames[topic] = payload
    assert frames == {f"frame/worker-{n}": bytes([n]) * 4096 for n in range(3)}


def test_a_signal_handler_may_publish(listener: Listener) -> None:
    run(
        """
        import signal, sys, numpy, streamview
        pub = streamview.Publisher(sys.argv[1])
        count = 0

        def tick(*_):
            global count
            count += 1
            pub.metric("tick", count)
            if count == 200:
                signal.setitimer(signal.ITIMER_REAL, 0)

        signal.signal(signal.SIGALRM, tick)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while count < 200:
            pub.metric("loop", 1)
            pub.frame("camera", numpy.zeros((64, 64)))
        """,
        listener.endpoint,
    )


def test_a_publisher_in_a_full_process_keeps_trying(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit of open files to set")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[0] - descriptors_left(), limits[1]))
    try:
        pub = Publisher(listener.endpoint, name="test")
        pub.metric("snr", 1)
        eventually(lambda: "too many files are open" in caplog.text)
        assert pub.stats().waiting == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert listener.take()[1]["values"] == {"snr": 1.0}
    pub.close()


def test_descriptors_may_be_many(listener: Listener) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit of open files to set")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2048:
        pytest.skip("fewer than 2,048 open files are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], 2048), limits[1]))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with Publisher(listener.endpoint) as pub:
            pub.frame("camera", np.zeros((4, 4), np.uint8))
            assert listener.take()[0] == "frame/camera"
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_the_stream_of_metrics_is_called_after_the_program(listener: Listener, tmp_path: Any) -> None:
    script = tmp_path / "my analysis.py"
    script.write_text("import sys, streamview; streamview.Publisher(sys.argv[1]).metric('snr', 1)")
    subprocess.run([sys.executable, script, listener.endpoint], check=True, timeout=30)
    assert listener.take()[0] == "metric/my-analysis"


def test_the_array_need_not_live_on(listener: Listener) -> None:
    with Publisher(listener.endpoint) as pub:
        for number in range(20):
            pub.frame("camera", np.full((256, 256), number, np.uint8), seq=number)
        for _, header, payload in listener.take_until(lambda _, header: header["seq"] == 19):
            assert payload == bytes([header["seq"]]) * 65536
