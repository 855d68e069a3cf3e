//! Writes what `frame-node` would paint to a `.npy`, so that it can be played faster than it can be painted.
//!
//! `cargo run --release -p frame-node --example movie -- FILE.npy synthetic --frames 32 --shape 1080x1920 …`, with the
//! flags of `frame-node`. Prints the range to show it with, as `--range` takes it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Parser;
use frame_node::Config;
use frame_node::source::{self, Source};
use protocol::{Stamp, WallTime};

fn main() -> ExitCode {
    #[allow(clippy::print_stderr, reason = "the last word of a command-line program")]
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut arguments = std::env::args();
    let program = arguments.next();
    let file = arguments
        .next()
        .context("expected FILE.npy, then the flags of frame-node")?;
    let config = Config::parse_from(program.into_iter().chain(arguments));
    config.check()?;
    let frames = config.frames.context("--frames: expected how many")?;
    let opened = source::open(&config)?;
    let Source::Painter(mut painter) = opened.source else {
        bail!("{}: expected synthetic or barcode", config.source);
    };
    let mut out = BufWriter::new(File::create(&file).with_context(|| file.clone())?);
    let mut range = None;
    for seq in 0..frames {
        let t = WallTime::from_ns(0);
        let picture = painter.paint(&Stamp { session: 0, seq, t });
        if seq == 0 {
            let (format, shape) = (&picture.format, picture.format.shape);
            let sides = [
                frames,
                shape.height() as u64,
                shape.width() as u64,
                shape.channels() as u64,
            ];
            let axes = if shape.channels() == 1 { 3 } else { 4 };
            out.write_all(&npy::header(format.dtype, &sides[..axes]))?;
            range = format.range;
        }
        out.write_all(&picture.payload)?;
    }
    out.flush().with_context(|| file.clone())?;
    if let Some([min, max]) = range {
        #[allow(clippy::print_stdout, reason = "what it is asked for")]
        {
            println!("{min},{max}");
        }
    }
    Ok(())
}
