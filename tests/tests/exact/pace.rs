//! Always the newest frame, whatever the viewer and its link are like.

use std::time::{Duration, Instant};

use tests::{Lab, PATIENCE, Runner, now_ns, wait_for};

use crate::viewer::Viewer;
use crate::{EXACT, NO_ENCODER, metric};

fn newest_seq(runner: &Runner) -> u64 {
    runner.frame_stream("camera")["seq"].as_u64().expect("a number")
}

#[test]
fn a_viewer_that_takes_its_time_gets_the_newest_frame_each_time() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let line = "synthetic --stream camera --shape 64x64 --dtype uint16 --fps 30";
    let _camera = lab.node("frame-node", &runner, line);
    runner.frame_stream("camera");
    let mut viewer = Viewer::open(runner.addresses.http, "camera");
    let mut last = viewer.picture();
    let mut skipped = 0;
    for _ in 0..4 {
        let newest = wait_for("half a second of frames", PATIENCE, || {
            match newest_seq(&runner) {
                seq if seq >= last.seq + 15 => Ok(seq),
                seq => Err(seq.to_string()),
            }
        });
        // One is under way, and no other one follows it.
        assert!(viewer.next(Duration::from_millis(60)).is_none());
        viewer.acknowledge(last.seq);
        let picture = viewer.picture();
        assert!(picture.seq >= newest, "{} before {newest}", picture.seq);
        let lost = runner.frame_stream("camera")["drops"]["wire"].as_u64();
        let between = picture.seq - last.seq - 1;
        assert!(u64::from(picture.skipped) <= between);
        assert!(u64::from(picture.skipped) + lost.expect("a number") >= between);
        skipped += u64::from(picture.skipped);
        last = picture;
    }
    assert_eq!(metric(&runner, "streamview_exact_frames_skipped_total"), skipped);
}

/// How some frames came.
#[derive(Debug)]
struct Taken {
    /// From the capture of a frame until all of it was here.
    median_age: Duration,
    elapsed: Duration,
    /// Frames captured in that time, per frame taken.
    captured_per_frame: f64,
}

/// Takes so many frames, each as soon as it comes.
fn take(viewer: &mut Viewer, frames: usize) -> Taken {
    let first = viewer.take().seq;
    let begun = Instant::now();
    let mut last = first;
    let ages = (0..frames).map(|_| {
        let picture = viewer.take();
        assert_eq!(picture.flags, EXACT);
        assert!(picture.seq > last, "{} after {last}", picture.seq);
        last = picture.seq;
        Duration::from_nanos((now_ns() - picture.t_ns).try_into().expect("an age"))
    });
    let mut ages: Vec<Duration> = ages.collect();
    ages.sort_unstable();
    let taken = Taken {
        median_age: ages[frames / 2],
        elapsed: begun.elapsed(),
        captured_per_frame: (last - first) as f64 / frames as f64,
    };
    println!("{frames} frames: {taken:?}, greatest age {:?}", ages[frames - 1]);
    taken
}

#[test]
fn a_slow_link_gets_fewer_frames_and_not_older_ones() {
    let lab = Lab::new();
    let runner = Runner::start(&lab, NO_ENCODER);
    let line = "synthetic --stream camera --shape 512x512 --dtype uint16 --fps 30";
    let _camera = lab.node("frame-node", &runner, line);
    runner.frame_stream("camera");
    // A quarter of a second for a frame.
    let slow = take(
        &mut Viewer::over_slow_link(runner.addresses.http, "camera", 2e6),
        16,
    );
    let quick = take(&mut Viewer::open(runner.addresses.http, "camera"), 60);
    assert!(slow.captured_per_frame > 3.0, "{slow:?}");
    assert!(
        2.0 * quick.captured_per_frame < slow.captured_per_frame,
        "{quick:?}"
    );
    assert!(2 * quick.median_age < slow.median_age, "{quick:?}");
    // In a queue the frame in the middle would be about half as old as the viewing is long; here it is as old as a
    // sixteenth of that, and a little more.
    assert!(5 * slow.median_age < slow.elapsed, "{slow:?}");
}
