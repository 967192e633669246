//! A line to the database that can be cut and joined again.

use store::Database;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// The switch.
pub struct Line(watch::Sender<bool>);

impl Line {
    /// A line before a PostgreSQL database, and the address at its near end.
    pub async fn before(database: &Database) -> (Database, Option<Self>) {
        let Database::Postgres(url) = database else { panic!("only a server has a line before it") };
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, path) = rest.split_once('/').unwrap();
        let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let near = listener.local_addr().unwrap();
        let (switch, joined) = watch::channel(true);
        tokio::spawn(accept(listener, host.to_owned(), joined));
        let at = if user.is_empty() { "" } else { "@" };
        (Database::Postgres(format!("{scheme}://{user}{at}{near}/{path}")), Some(Self(switch)))
    }

    /// Cuts all connections, and every new one.
    pub fn cut(&self) {
        self.0.send_replace(false);
    }

    /// Lets connections through again.
    pub fn join(&self) {
        self.0.send_replace(true);
    }
}

async fn accept(listener: TcpListener, far: String, joined: watch::Receiver<bool>) {
    let mut joined = joined;
    while let Ok((near, _)) = listener.accept().await {
        if *joined.borrow_and_update() {
            tokio::spawn(connect(near, far.clone(), joined.clone()));
        }
    }
}

async fn connect(mut near: TcpStream, far: String, mut joined: watch::Receiver<bool>) {
    let Ok(mut far) = TcpStream::connect(&far).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = joined.wait_for(|joined| !joined) => {}
    }
}
