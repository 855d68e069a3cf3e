//! A viewer of exact pixels, docs/protocol.md `/ws/raw/{id}`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use tests::PATIENCE;
use tungstenite::{Error, Message, WebSocket};

/// A link of so many bytes/s, where it has a limit.
#[derive(Debug)]
pub struct Link {
    stream: TcpStream,
    bytes_per_s: Option<f64>,
}

impl Read for Link {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const PIECE: usize = 8 << 10;
        let Some(bytes_per_s) = self.bytes_per_s else {
            return self.stream.read(buffer);
        };
        let room = buffer.len().min(PIECE);
        let read = self.stream.read(&mut buffer[..room])?;
        std::thread::sleep(Duration::from_secs_f64(read as f64 / bytes_per_s));
        Ok(read)
    }
}

impl Write for Link {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// What the runner sends.
#[derive(Clone, Debug)]
pub enum Sent {
    Text(Value),
    Picture(Picture),
}

/// A frame, or what was asked for of it.
#[derive(Clone, Debug)]
pub struct Picture {
    pub flags: u8,
    pub dtype: u8,
    pub channels: u8,
    pub encoding: u8,
    /// Height and width of the frame.
    pub frame: [u32; 2],
    pub session: u64,
    pub seq: u64,
    pub t_ns: i64,
    pub skipped: u32,
    /// x, y, width, height.
    pub region: [u32; 4],
    pub factor: u32,
    /// Height and width of the pixels.
    pub size: [u32; 2],
    /// Not packed any more.
    pub pixels: Vec<u8>,
    /// As they came.
    pub sent_bytes: usize,
}

impl Picture {
    fn parse(message: &[u8]) -> Self {
        fn part<const N: usize>(message: &[u8], offset: usize) -> [u8; N] {
            message[offset..offset + N].try_into().expect("as many bytes")
        }
        let u32_at = |offset| u32::from_le_bytes(part(message, offset));
        let u64_at = |offset| u64::from_le_bytes(part(message, offset));
        assert_eq!(message[0], 1, "version");
        assert_eq!(message[7], 0, "reserved");
        let header = usize::from(u16::from_le_bytes(part(message, 2)));
        assert_eq!(header, 72, "bytes of the header");
        let body = &message[header..];
        let mut pixels = body.to_vec();
        if message[6] == 1 {
            pixels.clear();
            let mut decoder = flate2::read::DeflateDecoder::new(body);
            decoder.read_to_end(&mut pixels).expect("DEFLATE");
            assert_eq!(decoder.total_in(), body.len() as u64, "nothing behind it");
        }
        Self {
            flags: message[1],
            dtype: message[4],
            channels: message[5],
            encoding: message[6],
            frame: [u32_at(8), u32_at(12)],
            session: u64_at(16),
            seq: u64_at(24),
            t_ns: u64_at(32).cast_signed(),
            skipped: u32_at(40),
            region: [44, 48, 52, 56].map(u32_at),
            factor: u32_at(60),
            size: [u32_at(64), u32_at(68)],
            pixels,
            sent_bytes: body.len(),
        }
    }
}

/// An open websocket.
#[derive(Debug)]
pub struct Viewer(WebSocket<Link>);

impl Viewer {
    pub fn open(address: SocketAddr, stream: &str) -> Self {
        let stream_of_bytes = TcpStream::connect(address).expect("connection");
        Self::over(stream_of_bytes, None, address, stream)
    }

    /// Over a link of so many bytes/s that holds next to nothing itself.
    pub fn over_slow_link(address: SocketAddr, stream: &str, bytes_per_s: f64) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("socket");
        socket.set_recv_buffer_size(16 << 10).expect("buffer size");
        socket.connect(&address.into()).expect("connection");
        Self::over(socket.into(), Some(bytes_per_s), address, stream)
    }

    fn over(tcp: TcpStream, bytes_per_s: Option<f64>, address: SocketAddr, stream: &str) -> Self {
        const READ_TIME: Duration = Duration::from_millis(50);
        tcp.set_nodelay(true).expect("no delay");
        tcp.set_read_timeout(Some(PATIENCE)).expect("timeout");
        let link = Link {
            stream: tcp,
            bytes_per_s,
        };
        let (socket, _) =
            tungstenite::client(format!("ws://{address}/ws/raw/{stream}"), link).expect("handshake");
        let timeout = socket.get_ref().stream.set_read_timeout(Some(READ_TIME));
        timeout.expect("timeout");
        let mut viewer = Self(socket);
        match viewer.next(PATIENCE) {
            Some(Sent::Text(hello)) => {
                let of = [&hello["type"], &hello["version"], &hello["stream"]];
                assert_eq!(of, [&json!("hello"), &json!(1), &json!(stream)]);
            }
            other => panic!("hello was expected: {other:?}"),
        }
        viewer
    }

    /// The next message, if it comes within `patience`.
    #[track_caller]
    pub fn next(&mut self, patience: Duration) -> Option<Sent> {
        self.try_next(patience).expect("an open connection")
    }

    pub fn try_next(&mut self, patience: Duration) -> Result<Option<Sent>, String> {
        let deadline = Instant::now() + patience;
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => {
                    return Ok(Some(Sent::Text(serde_json::from_str(&text).expect("JSON"))));
                }
                Ok(Message::Binary(bytes)) => return Ok(Some(Sent::Picture(Picture::parse(&bytes)))),
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    if Instant::now() >= deadline {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// The next message, which is a picture; not acknowledged.
    #[track_caller]
    pub fn picture(&mut self) -> Picture {
        match self.next(PATIENCE) {
            Some(Sent::Picture(picture)) => picture,
            other => panic!("a picture was expected: {other:?}"),
        }
    }

    /// The next message, which is a picture, acknowledged.
    #[track_caller]
    pub fn take(&mut self) -> Picture {
        let picture = self.picture();
        self.acknowledge(picture.seq);
        picture
    }

    /// The next message, which refuses something; why.
    #[track_caller]
    pub fn refusal(&mut self) -> String {
        match self.next(PATIENCE) {
            Some(Sent::Text(text)) if text["type"] == "refused" => {
                text["reason"].as_str().expect("a reason").to_owned()
            }
            other => panic!("a refusal was expected: {other:?}"),
        }
    }

    pub fn acknowledge(&mut self, seq: u64) {
        self.say(Message::text(json!({ "type": "ack", "seq": seq }).to_string()));
    }

    pub fn view(&mut self, region: Option<[u32; 4]>, max_pixels: u64, compress: bool) {
        let view = json!({
            "type": "view", "region": region, "max_pixels": max_pixels, "compress": compress,
        });
        self.say(Message::text(view.to_string()));
    }

    pub fn say(&mut self, message: Message) {
        self.0.send(message).expect("an open connection");
    }
}
