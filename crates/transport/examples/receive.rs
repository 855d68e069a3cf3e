//! Compares ways to receive 1920x1080 uint16 frames over loopback: `cargo run --release --example receive`.
//!
//! Each line is the median of five runs of 1,000 frames, sent by an XPUB socket in a process of its own as fast as
//! it can: rate, and processor time of the receiving process.
//! - `ingest`: what this crate does.
//! - `xsub`: an XSUB socket of the `zeromq` crate, open to anyone (one malicious peer aborts the process).
//! - `gated`: the same socket on a private path, behind a forwarder that does not even look at what it forwards:
//!   the least that a filter in front of it costs.

#![allow(clippy::unwrap_used)]

use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::frame::{Format, Shape};
use protocol::{Dtype, Frame, Message, Stamp, WallTime, codec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use transport::ingest::Config;
use transport::{Endpoint, Ingest, Received};
use zeromq::{Socket, SocketRecv, SocketSend, XPubSocket, XSubSocket, ZmqMessage};

const FRAMES: usize = 1000;
const WARM_UP: usize = 50;
const RUNS: usize = 5;
const FORWARD_BYTES: usize = 1 << 20;

fn main() {
    if let Some(endpoint) = std::env::args().nth(1) {
        return runtime().block_on(send(&endpoint));
    }
    let ways = [
        ("ingest", ingest as fn() -> Run),
        ("xsub", xsub),
        ("gated", gated),
    ];
    // In turn, so that whatever else the machine does meets all of them.
    let runs: Vec<[Run; 3]> = (0..RUNS).map(|_| ways.map(|(_, receive)| receive())).collect();
    for (index, (name, _)) in ways.into_iter().enumerate() {
        let rate = median(runs.iter().map(|run| run[index].gb_per_s));
        let cpu = median(runs.iter().map(|run| run[index].cpu_s_per_gb));
        let fps = rate * 1e9 / format().byte_len() as f64;
        println!("{name:8} {rate:.2} GB/s, {fps:.0} frames/s, {cpu:.3} CPU-s/GB");
    }
}

/// What receiving took.
struct Run {
    gb_per_s: f64,
    cpu_s_per_gb: f64,
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn format() -> Format {
    Format::new(Shape::new(1080, 1920, 1).unwrap(), Dtype::U16)
}

/// The sending process: every frame with new pixels, as from a camera.
async fn send(endpoint: &str) {
    let mut socket = XPubSocket::new();
    socket.connect(endpoint).await.unwrap();
    socket.recv().await.unwrap();
    let payload = Bytes::from(vec![7; format().byte_len()]);
    for seq in 0.. {
        let frame = Frame {
            stream: "camera".parse().unwrap(),
            stamp: Stamp {
                session: 1,
                seq,
                t: WallTime::from_ns(seq as i64),
            },
            format: format(),
            payload: payload.clone(),
        };
        let parts = Vec::<Bytes>::from(codec::encode(&Message::Frame(frame)));
        socket.send(ZmqMessage::try_from(parts).unwrap()).await.unwrap();
    }
}

fn sender(endpoint: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .arg(endpoint)
        .spawn()
        .unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn ingest() -> Run {
    let runtime = runtime();
    let listen: Endpoint = "tcp://127.0.0.1:0".parse().unwrap();
    let ingest = runtime.block_on(Ingest::bind(Config::new(listen))).unwrap();
    let child = sender(&format!("tcp://{}", ingest.local_addr()));
    let (ticks, frames) = sync_channel(FRAMES * 2);
    let stop = CancellationToken::new();
    let shutdown = stop.clone();
    let sink = move |received| {
        if let Received::Message(Message::Frame(_)) = received {
            let _ = ticks.try_send(());
        }
    };
    let thread = std::thread::spawn(move || runtime.block_on(ingest.run(sink, shutdown)));
    let run = measure(&frames, child);
    stop.cancel();
    thread.join().unwrap().unwrap();
    run
}

fn xsub() -> Run {
    let (ticks, frames) = sync_channel(FRAMES * 2);
    let (bound, endpoint) = sync_channel(1);
    std::thread::spawn(move || runtime().block_on(receive("tcp://127.0.0.1:0", &bound, &ticks)));
    let child = sender(&endpoint.recv().unwrap());
    measure(&frames, child)
}

fn gated() -> Run {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gate");
    let private = format!("ipc://{}", path.display());
    let (ticks, frames) = sync_channel(FRAMES * 2);
    let (bound, endpoint) = sync_channel(1);
    std::thread::spawn(move || runtime().block_on(receive(&private, &bound, &ticks)));
    endpoint.recv().unwrap();
    let (listening, addr) = sync_channel(1);
    std::thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listening.send(listener.local_addr().unwrap()).unwrap();
            let (public, _) = listener.accept().await.unwrap();
            forward(public, UnixStream::connect(path).await.unwrap()).await;
        });
    });
    let child = sender(&format!("tcp://{}", addr.recv().unwrap()));
    measure(&frames, child)
}

/// Receives and decodes on an XSUB socket, until the measurement is over.
async fn receive(endpoint: &str, bound: &SyncSender<String>, ticks: &SyncSender<()>) {
    let mut socket = XSubSocket::new();
    let endpoint = socket.bind(endpoint).await.unwrap();
    socket.subscribe("").await.unwrap();
    bound.send(endpoint.to_string()).unwrap();
    while let Ok(message) = socket.recv().await {
        codec::decode(&message.into_vec()).unwrap();
        if ticks.send(()).is_err() {
            return;
        }
    }
}

async fn forward(public: TcpStream, private: UnixStream) {
    public.set_nodelay(true).unwrap();
    let (mut public_read, mut public_write) = public.into_split();
    let (mut private_read, mut private_write) = private.into_split();
    let upstream = async {
        tokio::io::copy(&mut private_read, &mut public_write)
            .await
            .map(drop)
    };
    let downstream = async {
        let mut buffer = vec![0; FORWARD_BYTES];
        loop {
            match public_read.read(&mut buffer).await? {
                0 => return Ok::<_, std::io::Error>(()),
                n => private_write.write_all(&buffer[..n]).await?,
            }
        }
    };
    // Either may fail at the end, when the other side is gone.
    let _ = tokio::join!(upstream, downstream);
}

fn measure(frames: &Receiver<()>, mut child: Child) -> Run {
    let wait = |count: usize| {
        for _ in 0..count {
            frames.recv_timeout(Duration::from_secs(30)).unwrap();
        }
    };
    wait(WARM_UP);
    let (start, cpu) = (Instant::now(), cpu_s());
    wait(FRAMES);
    let gb = (FRAMES * format().byte_len()) as f64 / 1e9;
    let run = Run {
        gb_per_s: gb / start.elapsed().as_secs_f64(),
        cpu_s_per_gb: (cpu_s() - cpu) / gb,
    };
    child.kill().unwrap();
    child.wait().unwrap();
    run
}

/// Processor time of this process so far, in seconds.
fn cpu_s() -> f64 {
    const TICKS_PER_S: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().unwrap());
    ticks.sum::<f64>() / TICKS_PER_S
}
