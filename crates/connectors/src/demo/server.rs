//! The listening socket and its connections.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::{
    routes,
    script::ScriptError,
    settings::DemoSettings,
    state::State,
    truth::Truth,
    wire::{Line, Wire},
};

/// The demo upstream. See the module for what it does.
pub struct DemoUpstream;

/// A demo upstream that runs until it is shut down or dropped.
pub struct RunningDemo {
    addr: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl DemoUpstream {
    /// Starts on `addr`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound, or the script of the settings has an unknown word.
    pub async fn start(addr: SocketAddr, settings: DemoSettings) -> io::Result<RunningDemo> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let state = State::new(settings, addr.port());
        state.set_script(&state.settings.script).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let state = Arc::new(state);
        let task = tokio::spawn(accept(listener, state.clone()));
        Ok(RunningDemo { addr, state, task })
    }

    /// Starts on a free port of loopback.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_local(settings: DemoSettings) -> io::Result<RunningDemo> {
        Self::start((Ipv4Addr::LOCALHOST, 0).into(), settings).await
    }
}

impl RunningDemo {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL for clients, with `/v1` and without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }

    /// Its books.
    pub fn truth(&self) -> &Truth {
        &self.state.truth
    }

    /// The script of all calls from now on; an empty one ends that.
    ///
    /// # Errors
    /// For an unknown word.
    pub fn set_script(&self, script: &str) -> Result<(), ScriptError> {
        self.state.set_script(script)
    }

    /// From now on these keys are not taken, and no others than these; none ends that.
    pub fn end_keys(&self, keys: &[&str]) {
        self.state.end_keys(&keys.join("\n"));
    }

    /// Closes the socket and all connections, and waits until they are closed.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // An aborted task ends with an error, which is what was asked for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for RunningDemo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, state.clone()));
                }
                // Out of file descriptors or the like; the next connection may find some again.
                Err(error) => {
                    tracing::warn!(%error, "the demo upstream cannot accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let wire = Wire::default();
    let line = TokioIo::new(Line::new(stream, wire.clone()));
    let service = service_fn(|request| routes::answer(state.clone(), wire.clone(), request));
    let served = http1::Builder::new().timer(TokioTimer::new()).serve_connection(line, service).await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the demo upstream ended early");
    }
}
