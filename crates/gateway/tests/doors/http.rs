//! HTTP by hand, so that a test can send what no client would, and see exactly what comes back.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body ended as it announced.
    pub is_whole: bool,
}

/// Sends one request on its own connection and reads the answer to its end.
pub async fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&request(method, path, headers, body)).await.unwrap();
    read(&mut stream).await
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: tare\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    [text.as_bytes(), body].concat()
}

/// Reads an answer until it is whole, or the connection ends.
pub async fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A reset after the answer is as good as an end.
    while matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
        if has_announced_length(&bytes) {
            break;
        }
    }
    parse(&bytes)
}

fn has_announced_length(bytes: &[u8]) -> bool {
    let Some(split) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..split]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| bytes.len() - split - 4 == length.parse::<usize>().unwrap())
}

pub fn parse(bytes: &[u8]) -> Answer {
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let split = split.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(bytes)));
    let head = std::str::from_utf8(&bytes[..split]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(pair).collect();
    let rest = &bytes[split + 4..];
    let find = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (body, is_whole) = match (find("transfer-encoding"), find("content-length")) {
        (Some("chunked"), _) => dechunk(rest),
        (_, Some(length)) => (rest.to_vec(), rest.len() == length.parse::<usize>().unwrap()),
        _ => (rest.to_vec(), true),
    };
    Answer { status, headers, body, is_whole }
}

fn dechunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        rest = &rest[end + 2..];
        if size == 0 {
            return (body, true);
        }
        if rest.len() < size + 2 {
            body.extend_from_slice(rest);
            break;
        }
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
    (body, false)
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// The `error` object; every error has its shape, its request id, and is stored nowhere.
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let error = self.json()["error"].take();
        for field in ["message", "type", "code"] {
            assert!(error[field].is_string(), "{field} in {error}");
        }
        assert!(error.as_object().unwrap().contains_key("param"));
        assert!(self.header("x-tare-request-id").unwrap().starts_with("req_"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        error
    }

    /// The code of the error.
    pub fn code(&self, status: u16) -> String {
        self.error(status)["code"].as_str().unwrap().to_owned()
    }

    /// The JSON events of a stream, without its end.
    pub fn events(&self) -> Vec<Value> {
        let lines = self.text().lines().filter_map(|line| line.strip_prefix("data:"));
        let events = lines.map(str::trim).filter(|data| *data != "[DONE]");
        events.map(|data| serde_json::from_str(data).unwrap_or_else(|error| panic!("{error} in {data}"))).collect()
    }

    /// The text of the reply, streamed or not.
    pub fn reply(&self) -> String {
        let content = |event: &Value, holder: &str| {
            let choices = event["choices"].as_array().cloned().unwrap_or_default();
            choices.iter().map(|choice| choice[holder]["content"].as_str().unwrap_or_default()).collect::<String>()
        };
        match self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
            true => self.events().iter().map(|event| content(event, "delta")).collect(),
            false => content(&self.json(), "message"),
        }
    }

    /// What the last comment of a stream, or the head, says: cost and balance.
    pub fn bill(&self) -> Option<(String, Option<String>)> {
        if let Some(cost) = self.header("x-tare-cost") {
            return Some((cost.to_owned(), self.header("x-tare-balance").map(str::to_owned)));
        }
        let comment = self.text().lines().rfind(|line| line.starts_with(": tare "))?;
        let find = |key: &str| comment.split(' ').find_map(|word| word.strip_prefix(key)).map(str::to_owned);
        Some((find("cost=")?, find("balance=")))
    }
}
