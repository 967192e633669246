//! `tare demo-upstream`: the built-in model provider alone.

use std::net::SocketAddr;
use std::process::ExitCode;

use connectors::demo::{DemoSettings, DemoUpstream};

use crate::failure::Failure;

pub async fn run(listen: SocketAddr) -> Result<ExitCode, Failure> {
    let demo = DemoUpstream::start(listen, DemoSettings::default())
        .await
        .map_err(|error| Failure::new(format!("cannot listen on {listen}: {error}. Choose another with --listen")))?;
    println!("demo upstream at {}; its truth at http://{}/_truth", demo.base_url(), demo.addr());
    tokio::signal::ctrl_c().await?;
    demo.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
