//! The provider that answers at once, in a process of its own, so that its time is nobody else's.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Stdio;

use benches::Failure;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::shape::Shape;

/// The process; it ends with this value.
pub struct Provider {
    pub address: SocketAddr,
    _process: Child,
}

impl Provider {
    pub async fn start() -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--provide").stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn()?;
        let out = process.stdout.take().expect("it is piped");
        let line = BufReader::new(out).lines().next_line().await?.ok_or("the provider did not start")?;
        Ok(Self { address: line.parse()?, _process: process })
    }
}

/// In that process: prints the address, and answers until it is killed.
pub async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A client that leaves is no failure.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer(request: http::Request<Incoming>) -> Result<Response<UnsyncBoxBody<Bytes, Infallible>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    let Some(shape) = Shape::of(&body) else {
        let mut response = Response::new(Full::default().boxed_unsync());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(response);
    };
    let answer = shape.answer();
    if let [whole] = &answer.parts[..] {
        return Ok(told(Full::new(whole.clone()).boxed_unsync(), "application/json"));
    }
    let frames = stream::unfold(answer.parts.iter(), |mut parts| async {
        let part = parts.next()?.clone();
        match answer.pause {
            Some(pause) => tokio::time::sleep(pause).await,
            // What was given so far goes out, as chunks of a provider do.
            None => tokio::task::yield_now().await,
        }
        Some((Ok(Frame::data(part)), parts))
    });
    Ok(told(StreamBody::new(frames).boxed_unsync(), "text/event-stream"))
}

fn told(body: UnsyncBoxBody<Bytes, Infallible>, kind: &'static str) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
