//! One accepted connection: handshake, then messages in, heartbeats out.

use std::cell::RefCell;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Limits, Refusal};
use crate::HEARTBEAT_INTERVAL;
use crate::zmtp::{self, Command, GREETING_LEN, Header, MAX_COMMAND_BYTES, SIGNATURE_LEN};

/// Bytes read at once for headers and small parts.
const READ_BUFFER_BYTES: usize = 64 << 10;

/// Parts from this size on are read straight into memory of their own; smaller ones are copied out of the read
/// buffer, so that a sample of a few bytes never keeps 64 KiB alive.
const LARGE_PART_BYTES: usize = 16 << 10;

/// Bytes of a large part read before other peers have their turn.
const READ_SLICE_BYTES: usize = 256 << 10;

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// By the peer, or by the network.
    Closed,
    /// By us.
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> Self {
        Self::Closed
    }
}

/// Shakes hands and calls `joined`, then hands every message to `deliver` until the connection ends.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite,
    limits: &Limits,
    joined: impl FnOnce(),
    deliver: impl FnMut(&[Bytes]),
) -> End {
    let (read, mut write) = tokio::io::split(stream);
    let mut reader = Reader {
        io: read,
        buffer: BytesMut::with_capacity(READ_BUFFER_BYTES),
        limits,
    };
    match timeout(limits.handshake_timeout, handshake(&mut reader, &mut write)).await {
        Ok(Ok(())) => joined(),
        Ok(Err(end)) => return end,
        Err(_) => return Refusal::Handshake(limits.handshake_timeout).into(),
    }
    let pongs = Pongs::default();
    // Neither waits for the other: a peer that does not read is still heard.
    tokio::select! {
        end = receive(&mut reader, &pongs, deliver) => end,
        end = answer(&mut write, &pongs, limits.stall_timeout) => end,
    }
}

async fn handshake(
    reader: &mut Reader<'_, impl AsyncRead + Unpin>,
    write: &mut (impl AsyncWrite + Unpin),
) -> Result<(), End> {
    write.write_all(&zmtp::greeting()).await?;
    reader.fill(SIGNATURE_LEN).await?;
    zmtp::check_signature(&reader.buffer)?;
    reader.fill(GREETING_LEN).await?;
    zmtp::check_greeting(&reader.buffer[..GREETING_LEN])?;
    reader.buffer.advance(GREETING_LEN);

    write.write_all(zmtp::READY).await?;
    let header = reader.header().await?;
    if !header.command {
        return Err(Refusal::Command("expected: READY".into()).into());
    }
    match reader.command(header).await? {
        Command::Ready { socket_type } if matches!(socket_type.as_str(), "PUB" | "XPUB") => {}
        Command::Ready { socket_type } => return Err(Refusal::SocketType(socket_type).into()),
        _ => return Err(Refusal::Command("in place of READY".into()).into()),
    }
    write.write_all(zmtp::SUBSCRIBE_ALL).await?;
    Ok(())
}

/// Reads messages for ever.
async fn receive(
    reader: &mut Reader<'_, impl AsyncRead + Unpin>,
    pongs: &Pongs,
    mut deliver: impl FnMut(&[Bytes]),
) -> End {
    loop {
        match reader.message(pongs).await {
            Ok(parts) => deliver(&parts),
            Err(end) => return end,
        }
        // Reading what is buffered never waits: let other peers read, too.
        tokio::task::consume_budget().await;
    }
}

/// Sends heartbeats and answers pings for ever.
async fn answer(write: &mut (impl AsyncWrite + Unpin), pongs: &Pongs, stall: Duration) -> End {
    let mut heartbeat = interval(HEARTBEAT_INTERVAL);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let written = tokio::select! {
            _ = heartbeat.tick() => timeout(stall, write.write_all(zmtp::HEARTBEAT)).await,
            context = pongs.next() => timeout(stall, write.write_all(&zmtp::pong(&context))).await,
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return Refusal::Stalled(stall).into(),
        }
    }
}

/// The newest ping that awaits its answer.
#[derive(Default)]
struct Pongs {
    context: RefCell<Option<Vec<u8>>>,
    asked: Notify,
}

impl Pongs {
    fn ask(&self, context: Vec<u8>) {
        self.context.replace(Some(context));
        self.asked.notify_one();
    }

    async fn next(&self) -> Vec<u8> {
        loop {
            self.asked.notified().await;
            if let Some(context) = self.context.take() {
                return context;
            }
        }
    }
}

/// Cuts the byte stream of a peer into messages, within limits.
struct Reader<'a, R> {
    io: R,
    buffer: BytesMut,
    limits: &'a Limits,
}

impl<R: AsyncRead + Unpin> Reader<'_, R> {
    /// The next message. It may take for ever to begin, but not to go on.
    async fn message(&mut self, pongs: &Pongs) -> Result<Vec<Bytes>, End> {
        let mut parts = Vec::with_capacity(3);
        let mut room = self.limits.max_message;
        loop {
            if parts.is_empty() && self.buffer.is_empty() {
                self.read_buffer().await?;
            }
            let header = self.stalling(Self::header).await?;
            if header.command {
                if let Command::Ping { context } =
                    self.stalling(async |reader| reader.command(header).await).await?
                {
                    pongs.ask(context);
                }
                continue;
            }
            let len = usize::try_from(header.len).ok().filter(|&len| len <= room);
            let Some(len) = len else {
                let max = self.limits.max_message as u64;
                let got = header.len.saturating_add((self.limits.max_message - room) as u64);
                return Err(Refusal::MessageSize { got, max }.into());
            };
            if parts.len() == self.limits.max_parts {
                return Err(Refusal::Parts(self.limits.max_parts).into());
            }
            room -= len;
            parts.push(self.part(len).await?);
            if !header.more {
                return Ok(parts);
            }
        }
    }

    /// The header of the next frame.
    async fn header(&mut self) -> Result<Header, End> {
        self.fill(1).await?;
        let len = Header::len_of(self.buffer[0]);
        self.fill(len).await?;
        let header = Header::parse(&self.buffer[..len])?;
        self.buffer.advance(len);
        Ok(header)
    }

    /// The body of a command.
    async fn command(&mut self, header: Header) -> Result<Command, End> {
        let len = usize::try_from(header.len)
            .ok()
            .filter(|&len| len <= MAX_COMMAND_BYTES);
        let Some(len) = len else {
            let text = format!("of {} bytes: expected at most {MAX_COMMAND_BYTES}", header.len);
            return Err(Refusal::Command(text).into());
        };
        self.fill(len).await?;
        let command = Command::parse(&self.buffer[..len])?;
        self.buffer.advance(len);
        Ok(command)
    }

    /// A message part of `len` bytes, which holds exactly its own memory.
    async fn part(&mut self, len: usize) -> Result<Bytes, End> {
        if len < LARGE_PART_BYTES {
            self.stalling(async |reader| reader.fill(len).await).await?;
            let part = Bytes::copy_from_slice(&self.buffer[..len]);
            self.buffer.advance(len);
            return Ok(part);
        }
        let mut part = Vec::new();
        // The length is a stranger's word: being refused memory must not abort the process. Pages that the peer
        // does not fill are never touched, and so cost nothing.
        part.try_reserve_exact(len).map_err(|_| Refusal::Memory(len))?;
        let buffered = self.buffer.len().min(len);
        part.extend_from_slice(&self.buffer[..buffered]);
        self.buffer.advance(buffered);
        while part.len() < len {
            let slice = (len - part.len()).min(READ_SLICE_BYTES);
            let read = self
                .stalling(async |reader| Ok(reader.io.read_buf(&mut (&mut part).limit(slice)).await?))
                .await?;
            if read == 0 {
                return Err(End::Closed);
            }
            tokio::task::yield_now().await;
        }
        Ok(part.into())
    }

    /// Reads until the buffer holds `len` bytes.
    async fn fill(&mut self, len: usize) -> Result<(), End> {
        while self.buffer.len() < len {
            self.read_buffer().await?;
        }
        Ok(())
    }

    async fn read_buffer(&mut self) -> Result<(), End> {
        // Nothing else refers to the buffer, so this moves what is left to its front; less than a small part is.
        self.buffer.reserve(READ_BUFFER_BYTES / 2);
        match self.io.read_buf(&mut self.buffer).await? {
            0 => Err(End::Closed),
            _ => Ok(()),
        }
    }

    /// Runs a step in the middle of a message, which the peer must not leave hanging.
    async fn stalling<T>(&mut self, step: impl AsyncFnOnce(&mut Self) -> Result<T, End>) -> Result<T, End> {
        let limit = self.limits.stall_timeout;
        match timeout(limit, step(self)).await {
            Ok(result) => result,
            Err(_) => Err(Refusal::Stalled(limit).into()),
        }
    }
}
