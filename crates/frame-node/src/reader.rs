//! Reading ahead on a thread of its own, so that decoding a frame never delays the one before it, and so that a source
//! that blocks can be left.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use protocol::WallTime;
use tokio_util::sync::CancellationToken;

use crate::source::{Error, Picture, Reader, Stopper};

/// Pictures read ahead. When the node takes none, the reader waits: what waits then is a file, or a pipe whose writer was
/// told a pace (`--fps`); sources that are published as they arrive never wait for the node.
const AHEAD: usize = 4;
/// How often a waiting node looks whether it is to stop.
const POLL: Duration = Duration::from_millis(50);

/// What came of waiting for a picture.
pub enum Next {
    /// The next one.
    Picture(Picture),
    /// There is no more.
    End,
    /// The node is to stop.
    Stopped,
}

/// A [`Reader`] on its thread. Dropping it ends the thread as soon as its read returns.
pub struct ReadAhead {
    pictures: Receiver<Result<Picture, Error>>,
    stopper: Option<Stopper>,
}

impl ReadAhead {
    /// Starts reading; with `looping`, over and over.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(mut reader: Box<dyn Reader>, looping: bool) -> std::io::Result<Self> {
        let (sender, pictures) = sync_channel(AHEAD);
        let stopper = reader.stopper();
        std::thread::Builder::new().name("reader".into()).spawn(move || {
            let mut read_this_time = false;
            loop {
                let message = match reader.read() {
                    Ok(Some(picture)) => {
                        read_this_time = true;
                        Ok(picture)
                    }
                    // A recording without any picture would be rewound for ever.
                    Ok(None) if looping && read_this_time => {
                        read_this_time = false;
                        match reader.rewind() {
                            Ok(()) => continue,
                            Err(error) => Err(error),
                        }
                    }
                    Ok(None) => return,
                    Err(error) => Err(error),
                };
                let failed = message.is_err();
                if sender.send(message).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Self { pictures, stopper })
    }

    /// Waits for the next picture, until `token` is cancelled.
    ///
    /// # Errors
    /// What the source reports; nothing comes after it.
    pub fn next(&mut self, token: &CancellationToken) -> Result<Next, Error> {
        loop {
            if token.is_cancelled() {
                return Ok(Next::Stopped);
            }
            match self.pictures.recv_timeout(POLL) {
                Ok(picture) => return picture.map(Next::Picture),
                Err(RecvTimeoutError::Timeout) => (),
                Err(RecvTimeoutError::Disconnected) => return Ok(Next::End),
            }
        }
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        if let Some(stop) = self.stopper.take() {
            stop();
        }
    }
}

/// The time of a picture that has just arrived.
pub(crate) fn now() -> WallTime {
    std::time::SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use protocol::Dtype;
    use protocol::frame::{Format, Shape};

    use super::*;

    struct Countdown {
        left: u8,
        of: u8,
        broken: bool,
    }

    impl Reader for Countdown {
        fn read(&mut self) -> Result<Option<Picture>, Error> {
            if self.left == 0 && self.broken {
                return Err(Error::format("countdown", "broken"));
            }
            Ok((self.left > 0).then(|| {
                self.left -= 1;
                Picture {
                    format: Format::new(Shape::new(1, 1, 1).unwrap(), Dtype::U8),
                    payload: Bytes::copy_from_slice(&[self.left]),
                    captured: None,
                }
            }))
        }

        fn rewind(&mut self) -> Result<(), Error> {
            self.left = self.of;
            Ok(())
        }
    }

    fn start(of: u8, looping: bool, broken: bool) -> ReadAhead {
        ReadAhead::start(Box::new(Countdown { left: of, of, broken }), looping).unwrap()
    }

    fn take(ahead: &mut ReadAhead, most: usize) -> Vec<u8> {
        let token = CancellationToken::new();
        std::iter::from_fn(|| match ahead.next(&token) {
            Ok(Next::Picture(picture)) => Some(picture.payload[0]),
            _ => None,
        })
        .take(most)
        .collect()
    }

    #[test]
    fn pictures_come_in_order_and_end() {
        assert_eq!(take(&mut start(7, false, false), 100), [6, 5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn a_loop_begins_again_and_an_empty_one_ends() {
        assert_eq!(take(&mut start(3, true, false), 7), [2, 1, 0, 2, 1, 0, 2]);
        assert!(take(&mut start(0, true, false), 1).is_empty());
    }

    #[test]
    fn an_error_comes_after_the_good_pictures() {
        let mut ahead = start(2, true, true);
        let token = CancellationToken::new();
        assert!(matches!(ahead.next(&token), Ok(Next::Picture(_))));
        assert!(matches!(ahead.next(&token), Ok(Next::Picture(_))));
        assert!(ahead.next(&token).is_err());
        assert!(matches!(ahead.next(&token), Ok(Next::End)));
    }

    #[test]
    fn a_source_that_blocks_can_be_left() {
        struct Blocked(Receiver<()>);
        impl Reader for Blocked {
            fn read(&mut self) -> Result<Option<Picture>, Error> {
                let _ = self.0.recv();
                Ok(None)
            }
            fn rewind(&mut self) -> Result<(), Error> {
                Ok(())
            }
        }
        let (_keep, blocked) = sync_channel(1);
        let mut ahead = ReadAhead::start(Box::new(Blocked(blocked)), false).unwrap();
        let token = CancellationToken::new();
        token.cancel();
        assert!(matches!(ahead.next(&token), Ok(Next::Stopped)));
    }
}
