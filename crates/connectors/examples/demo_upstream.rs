//! The demo upstream in a process of its own, for load tests and for trying a client by hand.
//!
//! `cargo run -p connectors --example demo_upstream -- 127.0.0.1:9100 "delay_ms=20"`

use connectors::demo::{DemoSettings, DemoUpstream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let addr = arguments.next().as_deref().unwrap_or("127.0.0.1:9100").parse()?;
    let script = arguments.next().unwrap_or_default();
    let demo = DemoUpstream::start(addr, DemoSettings { script, ..DemoSettings::default() }).await?;
    println!("{}", demo.base_url());
    tokio::signal::ctrl_c().await?;
    demo.shutdown().await;
    Ok(())
}
