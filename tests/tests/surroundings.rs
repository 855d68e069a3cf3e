//! Ports that are taken, files that are wrong, programs that are missing and disks that are full.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tests::{Lab, PATIENCE, Playlist, Process, Runner, now_ns};

/// Runs a program that is to fail, and returns what it says.
fn failure(lab: &Lab, program: &str, arguments: &[&str]) -> String {
    let mut process = lab.start(program, arguments);
    let status = process.wait(PATIENCE);
    assert!(!status.success(), "{status}");
    process.log()
}

#[test]
fn ports_in_use_are_named_with_their_flag() {
    let lab = Lab::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (taken, address.to_string()));
    let (_listener, taken) = taken.expect("an address");
    for (listen, ingest, flag) in [
        (&*taken, "127.0.0.1:0", "--listen"),
        ("127.0.0.1:0", &taken, "--ingest"),
    ] {
        let arguments = ["--listen", listen, "--ingest", ingest, "--temp-dir", "temp"];
        let log = failure(&lab, "runner", &arguments);
        assert!(log.contains(flag) && log.contains(&taken), "{log}");
        assert!(log.to_lowercase().contains("in use"), "{log}");
    }
    assert!(!lab.dir().join("temp").exists(), "nothing was touched");
}

#[test]
fn an_unknown_key_in_the_configuration_is_named_with_its_line() {
    let lab = Lab::new();
    let config = lab.write("streamview.toml", "crf = 20\nlisten_on = \"127.0.0.1:1\"\n");
    let path = config.to_str().expect("a path of UTF-8");
    let log = failure(&lab, "runner", &["--config", path]);
    assert!(
        log.contains("line 2") && log.contains("listen_on") && log.contains(path),
        "{log}"
    );
    let log = failure(&lab, "runner", &["--config", "absent.toml"]);
    assert!(
        log.contains("--config absent.toml") && log.contains("No such file"),
        "{log}"
    );
}

#[test]
fn broken_recordings_are_named() {
    let lab = Lab::new();
    let npy = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<u2', 'fortran_order': False, 'shape': (9, 96, 128), }";
    let npy = [&npy[..], &[b' '; 56], b"\n", &[0; 1000]].concat();
    for (program, name, content) in [
        ("frame-node", "short.npy", &npy[..]),
        ("frame-node", "junk.npy", b"this is no array"),
        ("frame-node", "junk.tif", b"II*\0junk"),
        ("frame-node", "junk.mp4", &[0x55; 5000]),
        ("frame-node", "empty.tif", b""),
        ("metric-node", "short.npy", &npy),
        ("metric-node", "junk.npy", b"\x93NUMPY\x09"),
    ] {
        let path = lab.write(name, content);
        let path = path.to_str().expect("a path of UTF-8");
        let mut arguments = vec![path, "--connect", "tcp://127.0.0.1:9"];
        if program == "metric-node" {
            arguments.extend(["--rate", "100"]);
        }
        let log = failure(&lab, program, &arguments);
        assert!(
            log.contains(name) && !log.contains("panicked"),
            "{program} {name}: {log}"
        );
    }
    let log = failure(
        &lab,
        "frame-node",
        &["absent.npy", "--connect", "tcp://127.0.0.1:9"],
    );
    assert!(log.contains("absent.npy"), "{log}");
}

fn series_flow(runner: &Runner) {
    let since_ms = now_ns() as f64 / 1e6;
    runner.wait_for_stream(("metric", "signals"), "new samples", PATIENCE, |stream| {
        (stream["state"] == "live" && stream["t_ms"].as_f64()? > since_ms).then_some(())
    });
}

/// With `ffmpeg` series flow and the stream says why there is no picture.
fn shows_no_picture_because(lab: &Lab, ffmpeg: &Path, why: &str) -> (Runner, [Process; 2]) {
    let runner = Runner::start(lab, &format!("--ffmpeg {}", ffmpeg.display()));
    let nodes = [
        lab.camera(&runner, "camera"),
        lab.node("metric-node", &runner, "synthetic --stream signals"),
    ];
    runner.wait_for_stream(
        ("frame", "camera"),
        "stalled with the reason",
        PATIENCE,
        |stream| {
            let reason = stream["reason"].as_str()?;
            (stream["state"] == "stalled" && reason.contains(why)).then_some(())
        },
    );
    let ready = runner.get("/readyz");
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains(why), "{}", ready.text());
    assert_eq!(runner.get("/healthz").status, 200);
    series_flow(&runner);
    (runner, nodes)
}

#[test]
fn without_an_ffmpeg_series_flow_and_the_picture_comes_as_soon_as_there_is_one() {
    let lab = Lab::new();
    let ffmpeg = lab.dir().join("ffmpeg");
    let (runner, _nodes) = shows_no_picture_because(&lab, &ffmpeg, "ffmpeg was not found");
    let installed = which("ffmpeg").expect("ffmpeg in PATH");
    std::os::unix::fs::symlink(installed, &ffmpeg).expect("link");
    runner.wait_live("camera", PATIENCE);
    tests::wait_for("readiness", PATIENCE, || match runner.get("/readyz") {
        ready if ready.status == 200 => Ok(()),
        ready => Err(ready.text().to_owned()),
    });
}

#[test]
fn an_ffmpeg_that_is_too_old_is_named_with_its_version() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::new();
    let old = lab.write(
        "old-ffmpeg",
        "#!/bin/sh\necho 'ffmpeg version 4.4.2 Copyright (c) 2000-2021 the FFmpeg developers'\n",
    );
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o755)).expect("mode");
    shows_no_picture_because(&lab, &old, "4.4.2");
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
}

/// A small file system in memory, unmounted on drop.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(dir: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&dir).expect("directory");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"])
            .arg(&dir)
            .stderr(Stdio::null())
            .status();
        mount.is_ok_and(|status| status.success()).then(|| Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process of a failed test may still have files open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_named_and_pictures_come_back_when_there_is_room() {
    let lab = Lab::new();
    let Some(disk) = SmallDisk::mount(lab.dir().join("temp"), "2m") else {
        println!("skipped: this user cannot mount a small disk");
        return;
    };
    let runner = Runner::start(&lab, "");
    let line = "synthetic --stream camera --shape 256x256 --dtype uint8 --fps 20";
    let _camera = lab.node("frame-node", &runner, line);
    let _signals = lab.node("metric-node", &runner, "synthetic --stream signals");
    Playlist::of(&runner, "camera", 1);
    // Somebody else takes the rest of it.
    let filler = disk.0.join("filler");
    let mut file = std::fs::File::create(&filler).expect("file");
    let mut blocks = 0;
    while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {
        blocks += 1;
    }
    assert!(blocks < 512, "the disk is full");
    runner.wait_for_stream(
        ("frame", "camera"),
        "stalled for want of room",
        PATIENCE,
        |stream| {
            let reason = stream["reason"].as_str()?;
            (stream["state"] == "stalled" && reason.contains("No space left on device")).then_some(())
        },
    );
    series_flow(&runner);
    assert_eq!(runner.get("/healthz").status, 200);
    let freed_ns = now_ns();
    drop(file);
    std::fs::remove_file(&filler).expect("removed");
    // Its pauses have grown to a few seconds by now.
    runner.wait_played_after("camera", freed_ns, Duration::from_secs(15));
    runner.wait_live("camera", PATIENCE);
}
