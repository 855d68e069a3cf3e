//! Addresses as ZeroMQ writes them.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::Error;

/// Where a runner listens: `tcp://host:port` (a name, an IPv4 or a bracketed IPv6 address) or `ipc:///path`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(Address);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    /// Host without brackets, and port.
    Tcp(String, u16),
    /// Path of a Unix domain socket.
    Ipc(PathBuf),
}

impl Endpoint {
    /// `tcp://` with the address and port of `addr`.
    pub fn tcp(addr: std::net::SocketAddr) -> Self {
        Self(Address::Tcp(addr.ip().to_string(), addr.port()))
    }

    pub(crate) fn address(&self) -> &Address {
        &self.0
    }
}

impl From<std::net::SocketAddr> for Endpoint {
    fn from(addr: std::net::SocketAddr) -> Self {
        Self::tcp(addr)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Address::Tcp(host, port) if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Address::Tcp(host, port) => write!(f, "tcp://{host}:{port}"),
            Address::Ipc(path) => write!(f, "ipc://{}", path.display()),
        }
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = match text.split_once("://") {
            Some(("tcp", rest)) => parse_tcp(rest),
            Some(("ipc", path)) => parse_ipc(path),
            Some(_) => Err("unknown transport"),
            None => Err("no transport"),
        };
        parsed.map(Self).map_err(|problem| Error::Endpoint {
            text: text.chars().take(200).collect(),
            problem,
        })
    }
}

fn parse_tcp(rest: &str) -> Result<Address, &'static str> {
    let (host, port) = rest.rsplit_once(':').ok_or("no port")?;
    let port = port
        .parse()
        .map_err(|_| "the port is not a number from 0 to 65535")?;
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or("the bracket is not closed")?;
        let address: Ipv6Addr = inner.parse().map_err(|_| "the brackets hold no IPv6 address")?;
        return Ok(Address::Tcp(address.to_string(), port));
    }
    match host {
        "" => Err("no host"),
        "*" => Err("* is no host, 0.0.0.0 means every interface"),
        _ if host.contains(':') => Err("an IPv6 address needs brackets"),
        _ if host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) =>
        {
            Ok(Address::Tcp(host.to_owned(), port))
        }
        _ => Err("the host holds characters that no host name has"),
    }
}

fn parse_ipc(path: &str) -> Result<Address, &'static str> {
    // sockaddr_un holds 108 bytes with the final NUL.
    const MAX_PATH_BYTES: usize = 107;
    if !path.starts_with('/') {
        Err("the path is not absolute")
    } else if path.len() > MAX_PATH_BYTES || path.contains(['\0', '\n']) {
        Err("the path is longer than the 107 bytes of a socket address")
    } else {
        Ok(Address::Ipc(path.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_displayed_as_they_are_written() {
        for text in [
            "tcp://127.0.0.1:5555",
            "tcp://runner.lab-2.example:1",
            "tcp://[::1]:65535",
            "tcp://0.0.0.0:0",
            "ipc:///run/streamview/in",
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), text);
        }
    }

    #[test]
    fn a_wrong_endpoint_is_quoted_with_what_is_wrong_and_what_is_expected() {
        for (text, problem) in [
            ("", "no transport"),
            ("localhost:5555", "no transport"),
            ("udp://a:1", "unknown transport"),
            ("tcp://localhost", "no port"),
            ("tcp://localhost:70000", "the port is not a number"),
            ("tcp://:5555", "no host"),
            ("tcp://*:5555", "0.0.0.0"),
            ("tcp://::1:5555", "needs brackets"),
            ("tcp://[::1:5555", "not closed"),
            ("tcp://[lab]:5555", "no IPv6 address"),
            ("tcp://a b:5555", "characters"),
            ("ipc://relative", "not absolute"),
            (&format!("ipc:///{}", "x".repeat(200)), "107 bytes"),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
            assert!(error.contains("tcp://host:port"), "{error}");
        }
    }
}
