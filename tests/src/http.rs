//! Requests, good ones and bad ones.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::PATIENCE;

/// What came back.
#[derive(Debug)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// The type of the body.
    pub content_type: String,
    /// All headers.
    pub headers: ureq::http::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A header, empty if there is none.
    ///
    /// # Panics
    /// When it is not ASCII.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Who may keep it for how long.
    pub fn cache_control(&self) -> &str {
        let value = self.headers.get("cache-control");
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    ///
    /// # Panics
    /// When it is none.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A request was refused with this status, in a sentence that has all the words.
///
/// # Panics
/// When it was not.
#[track_caller]
pub fn refused(response: &Response, status: u16, words: &[&str]) {
    assert_eq!(response.status, status, "{}", response.text());
    let error = response.json()["error"].take();
    for word in words {
        assert!(
            error.as_str().is_some_and(|text| text.contains(word)),
            "{word}: {error}"
        );
    }
}

/// `GET`, whatever the status.
///
/// # Errors
/// When there was no answer.
pub fn get(address: SocketAddr, path: &str) -> Result<Response, String> {
    send(address, "GET", path, &[], &[])
}

/// Any request, whatever the status of its answer.
///
/// # Errors
/// When there was no answer.
///
/// # Panics
/// When the request is none.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Response, String> {
    const MAX_BYTES: u64 = 1 << 30;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let url = format!("http://{address}{path}");
    let mut request = ureq::http::Request::builder().method(method).uri(&url);
    for &(name, value) in headers {
        request = request.header(name, value);
    }
    let answer = match method {
        "GET" => agent.run(request.body(()).expect("a request")),
        _ => agent.run(request.body(body).expect("a request")),
    };
    let mut response = answer.map_err(|error| format!("{url}: {error}"))?;
    let headers = response.headers().clone();
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
    Ok(Response {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        headers,
        body: response
            .body_mut()
            .with_config()
            .limit(MAX_BYTES)
            .read_to_vec()
            .map_err(|error| format!("{url}: {error}"))?,
    })
}

/// Sends exactly `request`, which asks for the connection to be closed, and returns all that comes back.
///
/// # Panics
/// When the connection cannot be made or hangs.
pub fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
    stream.write_all(request.as_bytes()).expect("request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends exactly `request` and returns the first line that comes back.
///
/// # Panics
/// When the connection cannot be made or hangs.
pub fn first_line(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("timeout");
    stream.write_all(request.as_bytes()).expect("request");
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).expect("an answer");
    line
}
