//! The little of ZMTP 3.0 that a subscriber needs, as bytes: greeting, READY, frame headers, PING and PONG.
//!
//! After <https://rfc.zeromq.org/spec/23/> (ZMTP 3.0) and <https://rfc.zeromq.org/spec/37/> (3.1, heartbeats).
//! What ZMTP calls a frame is a message part, or a command.

use crate::ingest::Refusal;

/// Bytes of a greeting.
pub(crate) const GREETING_LEN: usize = 64;

/// Bytes of its signature, enough to tell ZMTP from anything else.
pub(crate) const SIGNATURE_LEN: usize = 10;

/// Largest command that makes sense here: READY with a little metadata, PING with its context.
pub(crate) const MAX_COMMAND_BYTES: usize = 4096;

/// A subscription to every topic.
pub(crate) const SUBSCRIBE_ALL: &[u8] = b"\x00\x01\x01";

/// What a runner sends upstream all the time, so that a publisher notices its absence. It is neither a
/// subscription (`01`) nor an unsubscription (`00`).
pub(crate) const HEARTBEAT: &[u8] = b"\x00\x0b\x02streamview";

/// READY of an XSUB socket.
pub(crate) const READY: &[u8] = b"\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x04XSUB";

/// ZMTP 3.0, mechanism NULL.
pub(crate) const fn greeting() -> [u8; GREETING_LEN] {
    let mut bytes = [0; GREETING_LEN];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    let mut index = 0;
    while index < 4 {
        bytes[12 + index] = b"NULL"[index];
        index += 1;
    }
    bytes
}

/// Whether a peer speaks ZMTP at all, by the first [`SIGNATURE_LEN`] bytes of its greeting.
pub(crate) fn check_signature(start: &[u8]) -> Result<(), Refusal> {
    match (start.first(), start.get(9)) {
        (Some(0xff), Some(0x7f)) => Ok(()),
        _ => Err(Refusal::NotZmtp),
    }
}

/// Whether we can talk to a peer, by the [`GREETING_LEN`] bytes of its greeting.
pub(crate) fn check_greeting(greeting: &[u8]) -> Result<(), Refusal> {
    check_signature(greeting)?;
    let (version, mechanism) = (greeting[10], &greeting[12..32]);
    if version < 3 {
        return Err(Refusal::Version(version));
    }
    let end = mechanism.iter().position(|&b| b == 0).unwrap_or(mechanism.len());
    match &mechanism[..end] {
        b"NULL" => Ok(()),
        other => Err(Refusal::Mechanism(printable(other))),
    }
}

/// What a frame header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) command: bool,
    pub(crate) more: bool,
    /// Bytes that follow.
    pub(crate) len: u64,
}

impl Header {
    /// Bytes of the header that begins with `flags`: flags, and a length of one or eight bytes.
    pub(crate) const fn len_of(flags: u8) -> usize {
        if flags & 0b10 == 0 { 2 } else { 9 }
    }

    /// Reads [`Header::len_of`] bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let (flags, len) = match *bytes {
            [flags, len] => (flags, u64::from(len)),
            [flags, a, b, c, d, e, f, g, h] => (flags, u64::from_be_bytes([a, b, c, d, e, f, g, h])),
            _ => unreachable!("{} header bytes", bytes.len()),
        };
        let (more, command) = (flags & 0b001 != 0, flags & 0b100 != 0);
        if flags & !0b111 != 0 || (command && more) {
            return Err(Refusal::Flags(flags));
        }
        Ok(Self { command, more, len })
    }
}

/// A command of a peer, as far as it concerns us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// End of the handshake, with the peer's socket type.
    Ready { socket_type: String },
    /// Wants the answer of [`pong`].
    Ping { context: Vec<u8> },
    /// Anything else.
    Other,
}

impl Command {
    /// Reads the body of a command: a name with its length, and data.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let malformed = || Refusal::Command(printable(&body[..body.len().min(32)]));
        let (name, data) = split_short(body).ok_or_else(malformed)?;
        match name {
            b"READY" => {
                let socket_type = property(data, b"Socket-Type").ok_or_else(malformed)?;
                Ok(Self::Ready {
                    socket_type: printable(&socket_type[..socket_type.len().min(32)]),
                })
            }
            b"PING" => {
                // Two bytes of time to live, then at most 16 bytes of context.
                const TTL_LEN: usize = 2;
                const MAX_CONTEXT: usize = 16;
                let context = data.get(TTL_LEN..).ok_or_else(malformed)?;
                Ok(Self::Ping {
                    context: context[..context.len().min(MAX_CONTEXT)].to_vec(),
                })
            }
            _ => Ok(Self::Other),
        }
    }
}

/// The answer to a PING.
pub(crate) fn pong(context: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0b100, 5 + context.len() as u8, 4];
    bytes.extend_from_slice(b"PONG");
    bytes.extend_from_slice(context);
    bytes
}

/// Splits off what a one-byte length announces.
fn split_short(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(len))
}

/// Value of a metadata property; names are compared without case, as the specification has it.
fn property<'a>(mut metadata: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    while !metadata.is_empty() {
        let (key, rest) = split_short(metadata)?;
        let (len, rest) = rest.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        metadata = rest;
    }
    None
}

/// Foreign bytes, fit for a log line.
fn printable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_greeting_and_ready_are_understood() {
        check_greeting(&greeting()).unwrap();
        let header = Header::parse(&READY[..2]).unwrap();
        assert!(header.command && !header.more);
        assert_eq!(header.len as usize, READY.len() - 2);
        let ready = Command::parse(&READY[2..]).unwrap();
        assert_eq!(
            ready,
            Command::Ready {
                socket_type: "XSUB".into()
            }
        );
        let header = Header::parse(&HEARTBEAT[..2]).unwrap();
        assert_eq!(header.len as usize, HEARTBEAT.len() - 2);
    }

    #[test]
    fn other_protocols_versions_and_mechanisms_are_told_apart() {
        let check = |change: &dyn Fn(&mut [u8; GREETING_LEN])| {
            let mut bytes = greeting();
            change(&mut bytes);
            check_greeting(&bytes).unwrap_err().to_string()
        };
        assert!(check(&|bytes| bytes[0] = b'G').contains("not ZMTP"));
        assert!(check(&|bytes| bytes[10] = 1).contains("version 1"));
        assert!(check(&|bytes| bytes[12..17].copy_from_slice(b"CURVE")).contains("CURVE"));
        assert!(check(&|bytes| bytes[12..32].fill(0xff)).contains("\\xff"));
    }

    #[test]
    fn headers_tell_parts_from_commands_and_refuse_reserved_bits() {
        assert_eq!(Header::len_of(0b011), 9);
        let huge = Header::parse(&[0b010, 0x40, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert_eq!(huge.len, 1 << 62);
        let part = Header::parse(&[1, 7]).unwrap();
        assert_eq!(
            part,
            Header {
                command: false,
                more: true,
                len: 7
            }
        );
        for flags in [0b1000, 0xff, 0b101] {
            assert!(Header::parse(&[flags, 0]).is_err(), "{flags:#b}");
        }
    }

    #[test]
    fn a_ping_is_answered_with_its_context() {
        let ping = Command::parse(b"\x04PING\x00\x0aabc").unwrap();
        assert_eq!(
            ping,
            Command::Ping {
                context: b"abc".to_vec()
            }
        );
        assert_eq!(pong(b"abc"), b"\x04\x08\x04PONGabc");
    }

    #[test]
    fn truncated_commands_are_refused_wherever_they_end() {
        for end in 0..READY.len() - 2 {
            assert!(Command::parse(&READY[2..2 + end]).is_err(), "{end} bytes");
        }
        assert!(Command::parse(b"\x04PING\x00").is_err());
        assert_eq!(Command::parse(b"\x05HELLO").unwrap(), Command::Other);
    }
}
