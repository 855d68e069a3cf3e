//! Every frame that goes in comes out of the packager at once, as itself, in step with the segments. With a real
//! ffmpeg.

mod common;

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Bench, Camera, T0_NS, script, wait_for};
use packager::{Fragment, MediaTime, Range};
use protocol::Frame;
use rustix::process::Signal;

const SECOND: Duration = Duration::from_secs(1);

/// A live viewer who gets every fragment.
#[derive(Default)]
struct Viewer {
    seen: Vec<Arc<Fragment>>,
}

impl Viewer {
    /// Takes what there is.
    fn look(&mut self, bench: &Bench) {
        let packager = bench.stream.packager();
        while let Some(next) = packager.next(self.seen.last().map(|fragment| fragment.number), false) {
            assert_eq!(next.missed, 0);
            self.seen.push(next.fragment);
        }
    }

    /// Pushes a frame and waits until it is there: the next one is not needed for that.
    fn feed(&mut self, bench: &mut Bench, frame: Frame) {
        let stamp = frame.stamp;
        bench.push(frame);
        self.wait(bench, "fragment of the frame", 10 * SECOND, |seen| {
            seen.last().is_some_and(|fragment| fragment.stamp == stamp)
        });
    }

    fn wait(
        &mut self,
        bench: &Bench,
        what: &str,
        patience: Duration,
        ready: impl Fn(&[Arc<Fragment>]) -> bool,
    ) {
        wait_for(what, patience, || {
            self.look(bench);
            let state = format!("{} fragments, {:?}", self.seen.len(), bench.stream.status());
            ready(&self.seen).then_some(()).ok_or(state)
        });
    }

    /// That every frame of a life has a place of its own, and lives and media time only rise.
    fn check_order(&self) {
        for pair in self.seen.windows(2) {
            let [a, b] = [&pair[0], &pair[1]];
            assert_eq!(b.number, a.number + 1);
            assert!(b.media > a.media, "{a:?} {b:?}");
            assert!(b.init.life >= a.init.life);
            assert!(
                b.key || b.init.life == a.init.life,
                "a life begins with a key frame"
            );
            assert_eq!(b.stamp.session, b.init.session);
        }
    }
}

/// Capture times 5 to 60 ms apart, with a hole.
fn irregular_ns() -> Vec<i64> {
    let mut t_ns = 0;
    let steps = (0..200_i64).map(|n| {
        let now_ns = t_ns;
        t_ns += 5_000_000 + (n * 7_919_177) % 55_000_000;
        t_ns += if n == 100 { 700_000_000 } else { 0 };
        now_ns
    });
    steps.collect()
}

/// The pictures of a file, as checksums.
fn pictures(path: &std::path::Path) -> Vec<String> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args(["-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .expect("ffmpeg");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit(',').next().expect("checksum").trim().to_owned())
        .collect()
}

#[test]
fn fragments_and_segments_are_the_same_frames_at_the_same_times() {
    let mut bench = Bench::new();
    let (mut camera, mut viewer) = (Camera::new(64, 48), Viewer::default());
    let offsets_ns = irregular_ns();
    for t_ns in &offsets_ns {
        viewer.feed(&mut bench, camera.frame(*t_ns));
    }
    let status = bench.wait_all_listed();
    assert_eq!(
        (status.published, status.listed, status.restarts),
        (200, 200, 0),
        "{status:?}"
    );

    // Stamps and times are those that went in, to the nanosecond and the microsecond.
    assert_eq!(viewer.seen.len(), offsets_ns.len());
    for (n, (fragment, t_ns)) in viewer.seen.iter().zip(&offsets_ns).enumerate() {
        assert_eq!((fragment.number, fragment.stamp.seq), (n as u64, n as u64));
        assert_eq!(fragment.stamp.t.as_ns(), T0_NS + t_ns);
        assert_eq!(fragment.media.as_us(), *t_ns as u64 / 1_000);
    }
    viewer.check_order();

    // A key frame begins a segment and nothing else does; both ways have the same frames.
    let mut groups = viewer.seen.chunk_by(|_, fragment| !fragment.key);
    let mut segment_pictures = Vec::new();
    for listed in bench.playlist() {
        let group = groups.next().expect("a group of pictures for every segment");
        let ticks: Vec<i64> = group
            .iter()
            .map(|f| (f.media.as_us() as i64 * 9 + 50) / 100)
            .collect();
        assert_eq!(bench.frames_in(&listed.name), ticks, "{listed:?}");
        assert_eq!(listed.start_ms, (group[0].stamp.t.as_ns() + 500_000) / 1_000_000);
        segment_pictures.extend(pictures(&bench.stream.segment(&listed.name).expect("segment")));
    }
    assert!(groups.next().is_none());
    let film = bench.dir.path().join("film.mp4");
    let mut bytes = viewer.seen[0].init.segment.to_vec();
    viewer
        .seen
        .iter()
        .for_each(|fragment| bytes.extend(&fragment.message[40..]));
    std::fs::write(&film, bytes).expect("write");
    assert_eq!(pictures(&film), segment_pictures);

    let (from, to) = bench.stream.dvr().expect("segments");
    assert_eq!(from.as_ns(), T0_NS);
    assert!(to.as_ns() > T0_NS + offsets_ns.last().expect("a frame"));
}

#[test]
fn the_smallest_picture_is_live_too() {
    let mut bench = Bench::new();
    let (mut camera, mut viewer) = (Camera::new(2, 2), Viewer::default());
    for n in 0..40 {
        viewer.feed(&mut bench, camera.frame(n * 33_333_333));
    }
    viewer.check_order();
}

#[test]
fn the_next_life_begins_where_the_last_one_ends_and_nothing_is_lost_or_mixed() {
    let mut bench = Bench::new();
    let mut camera = Camera::new(64, 48);
    let lives = [(1, (64, 48)), (2, (64, 48)), (2, (32, 80)), (3, (2, 2))];
    // As fast as frames are taken: the encoders of all lives run side by side.
    for n in 0..160 {
        (camera.session, (camera.width, camera.height)) = lives[n / 40];
        bench.feed(camera.frame(n as i64 * 40_000_000));
    }
    let status = bench.wait_all_listed();
    assert_eq!(
        (status.published, status.listed, status.restarts),
        (160, 160, 0),
        "{status:?}"
    );
    let all = Range::Media(MediaTime::from_us(0)..=MediaTime::from_us(u64::MAX));
    let spans = bench.stream.packager().timeline(&all, usize::MAX).spans;
    assert_eq!(spans.len(), lives.len());
    for (life, span) in spans.iter().enumerate() {
        assert_eq!((span.life, span.session), (life as u64, lives[life].0));
        assert_eq!(span.seq.len(), 40);
        for (n, seq) in span.seq.iter().enumerate() {
            let nth = life * 40 + n;
            assert_eq!(*seq, nth as u64);
            assert_eq!(span.t[n].as_ns(), T0_NS + nth as i64 * 40_000_000);
            // 40 ms is also how long the last frame of a life is shown.
            assert_eq!(span.media[n].as_us(), nth as u64 * 40_000);
        }
    }
    // The newest frame is decoded with what its life began with.
    let newest = bench
        .stream
        .packager()
        .next(None, false)
        .expect("a key frame")
        .fragment;
    assert_eq!(
        (newest.init.life, newest.init.width, newest.init.height),
        (3, 2, 2)
    );
}

#[test]
fn a_kill_amid_a_group_of_pictures_costs_what_was_in_no_segment() {
    let mut bench = Bench::new();
    let (mut camera, mut viewer) = (Camera::new(64, 48), Viewer::default());
    let mut t_ns = 0;
    let mut feed = |bench: &mut Bench, viewer: &mut Viewer, frames: u64| {
        for _ in 0..frames {
            viewer.feed(bench, camera.frame(t_ns));
            t_ns += 40_000_000;
        }
    };
    feed(&mut bench, &mut viewer, 40);
    bench.wait("a segment", 10 * SECOND, |status| status.listed == 25);
    bench.signal_encoder(Signal::KILL);
    bench.wait("restart", 10 * SECOND, |status| status.restarts == 1);
    // What had been seen live stays in the timeline, but there is no file of it.
    let status = bench.stream.status();
    assert_eq!(
        (status.published, status.listed, status.dropped_encoder),
        (40, 25, 15),
        "{status:?}"
    );
    feed(&mut bench, &mut viewer, 40);
    let status = bench.wait_all_listed();
    viewer.check_order();
    assert_eq!(status.published, viewer.seen.len() as u64);
    assert_eq!(status.published - 15, status.listed, "{status:?}");
    let lives = viewer.seen.chunk_by(|a, b| a.init.life == b.init.life);
    assert_eq!(lives.map(|life| life[0].key).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn a_life_that_does_not_end_does_not_hold_up_the_next_one() {
    let mut bench = Bench::new();
    let (mut camera, mut viewer) = (Camera::new(64, 48), Viewer::default());
    for n in 0..40 {
        viewer.feed(&mut bench, camera.frame(n * 33_333_333));
    }
    bench.signal_encoder(Signal::STOP);
    camera.session = 2;
    let begin = Instant::now();
    for n in 40..50 {
        bench.feed(camera.frame(n * 33_333_333));
    }
    viewer.wait(&bench, "the next life", 10 * SECOND, |seen| seen.len() == 50);
    // Half a second after it has something to show; it would get 3 s to end otherwise.
    assert!(begin.elapsed() < 5 * SECOND / 2, "{:?}", begin.elapsed());
    viewer.check_order();
    let status = bench.wait_all_listed();
    assert_eq!(status.listed + status.dropped_encoder, 50, "{status:?}");
}

#[test]
fn output_that_cannot_be_true_is_named() {
    let tools = tempfile::tempdir().expect("temp dir");
    let check = |name: &str, body: &str, expected: &str| {
        // Good enough for a probe.
        let body = format!("case \"$*\" in *pipe:0*) ;; *) exec ffmpeg \"$@\" ;; esac\nset -f\n{body}");
        let ffmpeg = script(tools.path().join(name), &body);
        let mut bench = Bench::with(|config| config.ffmpeg = ffmpeg);
        let mut camera = Camera::new(64, 48);
        // So few that they all fit the queue.
        for n in 0..10 {
            bench.push(camera.frame(n * 33_333_333));
        }
        let status = bench.wait("reason", 10 * SECOND, |status| status.reason.is_some());
        let reason = status.reason.as_deref().unwrap_or_default();
        assert!(reason.starts_with(expected), "{name}: {reason}");
        assert_eq!(status.listed, 0);
        let pushed = bench.pushed;
        let status = bench.stream.stop(5 * SECOND);
        assert_eq!(
            status.dropped_queue + status.dropped_encoder + status.listed,
            pushed,
            "{status:?}"
        );
    };
    check(
        "noise",
        "head -c 100000 /dev/zero; exec cat > /dev/null",
        "what ffmpeg wrote is no use: it is not FLV: it begins with [00, 00",
    );
    // One second late.
    check(
        "late",
        "exec ffmpeg $(printf '%s\\n' \"$@\" | sed 's/^0.000000$/1.000000/')",
        "what ffmpeg wrote is not what it was given: a frame that went in at 0 ms came out at 1000 ms",
    );
    // The third frame is missing.
    check(
        "hole",
        "exec ffmpeg $(printf '%s\\n' \"$@\" | sed 's/^-an$/-vf\\nselect=not(eq(n\\\\,2))/')",
        "what ffmpeg wrote is not what it was given: a frame that went in at 67 ms came out at 100 ms",
    );
    // It says that all went well, and says so too early.
    check(
        "short",
        "exec ffmpeg \"$@\" | head -c 2000",
        "what ffmpeg wrote is no use: a unit is cut short",
    );
}
