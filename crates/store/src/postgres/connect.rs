//! Connections: encrypted to anywhere but this machine.

use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Fault;

/// How to reach the server.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    is_encrypted: bool,
}

const DOING: &str = "connecting to PostgreSQL";

/// How long a server may take from the first byte to a session that can be used. The driver's own limit ends
/// with the TCP connection, so without this one a server that accepts and says nothing is waited for forever.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every connection asks for. A node that hangs with a transaction open must not hold its locks for
/// ever; the server ends such a session, and the node finds out when it wakes. A server that is set up not
/// to wait for the disk is told to.
const SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') = 'off'; SET idle_in_transaction_session_timeout = '10s'; SET statement_timeout = '60s'; \
    SET lock_timeout = '20s'; SET timezone = 'UTC'; SET client_min_messages = warning";

impl Address {
    /// Reads the URL. Without an `sslmode`, connections to other machines are encrypted, and those to
    /// this one are not.
    pub(crate) fn parse(url: &str) -> Result<Self, Fault> {
        // The parser's message could repeat a part of the URL, and the URL can hold a password.
        let mut config: Config =
            url.parse().map_err(|_| Fault::Unusable("the address of PostgreSQL cannot be read".to_owned()))?;
        config.connect_timeout(Duration::from_secs(5));
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(Duration::from_secs(20));
        config.application_name("tare");
        let is_encrypted = match config.get_ssl_mode() {
            SslMode::Disable => false,
            SslMode::Prefer => !config.get_hosts().iter().all(is_this_machine),
            _ => true,
        };
        config.ssl_mode(if is_encrypted { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, is_encrypted })
    }

    /// A new connection. What drives it ends with the client.
    pub(crate) async fn connect(&self) -> Result<Client, Fault> {
        let silent = |_| Fault::unavailable(DOING, format!("it accepts, but says nothing for {PATIENCE:?}"));
        tokio::time::timeout(PATIENCE, self.open_session()).await.map_err(silent)?
    }

    async fn open_session(&self) -> Result<Client, Fault> {
        let client = match self.is_encrypted {
            true => self.connect_encrypted().await,
            false => self.config.connect(NoTls).await.map(|(client, connection)| {
                drive(connection);
                client
            }),
        };
        let client = client.map_err(|error| explain(&error))?;
        client.batch_execute(SESSION).await.map_err(|error| super::fault(DOING, &error))?;
        Ok(client)
    }

    async fn connect_encrypted(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(MakeRustlsConnect::new(trust())).await?;
        drive(connection);
        Ok(client)
    }
}

fn drive<F>(connection: F)
where
    F: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended");
        }
    });
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}

/// Certificates are checked against the public roots, also where other programs would only encrypt.
fn trust() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring speaks the versions that are switched on")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn explain(error: &tokio_postgres::Error) -> Fault {
    use std::error::Error;
    match (error.as_db_error(), error.source()) {
        (Some(_), _) => super::fault(DOING, error),
        (None, Some(source)) => Fault::unavailable(DOING, source),
        (None, None) => Fault::unavailable(DOING, error),
    }
}
