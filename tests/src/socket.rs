//! A websocket of the runner, as any program opens it.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket as System, Type};
use tungstenite::{Error, Message, WebSocket};

use crate::PATIENCE;

/// How long one read may block.
const READ_TIME: Duration = Duration::from_millis(50);

/// An open websocket.
#[derive(Debug)]
pub(crate) struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// Connects.
    pub(crate) fn open(address: SocketAddr, path: &str) -> Self {
        Self::over(TcpStream::connect(address).expect("connection"), address, path)
    }

    /// Connects with so little room for what it has not read yet that the other end soon notices.
    pub(crate) fn with_little_room(address: SocketAddr, path: &str) -> Self {
        const BYTES: usize = 4 << 10;
        let socket = System::new(Domain::for_address(address), Type::STREAM, None).expect("socket");
        socket.set_recv_buffer_size(BYTES).expect("buffer size");
        socket.connect(&address.into()).expect("connection");
        Self::over(socket.into(), address, path)
    }

    fn over(stream: TcpStream, address: SocketAddr, path: &str) -> Self {
        stream.set_nodelay(true).expect("no delay");
        stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
        let (socket, _) = tungstenite::client(format!("ws://{address}{path}"), stream).expect("handshake");
        socket
            .get_ref()
            .set_read_timeout(Some(READ_TIME))
            .expect("timeout");
        Self(socket)
    }

    /// The next message, text or binary, unless `deadline` comes first.
    ///
    /// # Errors
    /// When the connection has ended.
    pub(crate) fn next(&mut self, deadline: Instant) -> Result<Option<Message>, String> {
        loop {
            match self.0.read() {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => return Ok(Some(message)),
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

    /// Sends text.
    ///
    /// # Errors
    /// When the connection has ended.
    pub(crate) fn send(&mut self, text: &str) -> Result<(), String> {
        self.0
            .send(Message::text(text))
            .map_err(|error| error.to_string())
    }
}
