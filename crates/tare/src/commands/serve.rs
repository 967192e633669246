//! `tare serve`: runs the gateway, the API and the pages.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use connectors::demo::{DemoSettings, DemoUpstream, RunningDemo};
use connectors::processor::sandbox::Sandbox;
use connectors::upstream::{ApiKey, UpstreamSettings, Upstreams};
use gateway::{Doors, Gateway};
use operations::payment::StoreShelf;
use operations::{Door, Outside, operator};
use store::Database;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use web::{Site, Web};

use super::demo_person;
use crate::background::Background;
use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, parse};
use crate::processor::{self, OpenedProcessor, ProcessorName};
use crate::receipt_key;
use crate::rules::Hangups;
use crate::settings::Settings;
use crate::terminal::say;

const LISTEN: &str = "127.0.0.1:8787";

pub async fn run(args: cli::Serve) -> Result<ExitCode, Failure> {
    log_to_terminal(args.demo);
    // Before anything else: whoever changes a file may say so at any time.
    let hangups = Hangups::listen(&args.rules, args.demo)?;
    let settings = Settings::read(args.config.as_deref())?;
    if settings.upstreams.is_empty() && !args.demo {
        return Err(Failure::new("no upstream is configured: name one with --config, or try --demo"));
    }
    let listen = args.listen.or(settings.listen).unwrap_or_else(|| LISTEN.parse().expect("an address"));
    let listener = listen_on(listen).await?;
    let mut opened = Opened::open(&args.database, &args.rules).await?;
    let address = listener.local_addr()?;
    let (outside, sandbox) = open_outside(args.processor, &settings, address, &parse(&args.database)?, &opened)?;
    opened.services.outside = outside;
    opened.services.outside.printer = Some(Arc::new(args.printer.open()?));
    processor::refuse_other_mode(&opened.services).await?;

    let master_keys = match args.demo {
        true => demo_person::master_keys(args.master_keys, &parse(&args.database)?)?,
        false => args.master_keys,
    };
    master_keys.put_on(&opened.services.keyring)?;
    let receipt_key = match args.demo {
        true => demo_person::receipt_key(args.receipt_key, &parse(&args.database)?)?,
        false => args.receipt_key,
    };
    opened.services.receipt_key = receipt_key::find(receipt_key.as_deref())?.map(Arc::new);
    // Rather no server than one that cannot use the keys that it keeps.
    operations::byok::verify(&opened.services).await?;

    let demo = if args.demo { Some(start_demo().await?) } else { None };
    let mut upstreams = settings.upstreams.clone();
    upstreams.extend(demo.as_ref().map(demo_settings));
    let upstreams = Upstreams::new(upstreams)?;
    let doors = open_doors(&opened, upstreams.clone(), &settings, address);
    let mut background = Background::start(&opened.services, &opened.door, sandbox.clone());
    background.keep_sealed(&opened.services, &opened.door, master_keys);
    background.keep_rules(&opened.services, args.rules, hangups);

    // Before the address is told: whoever knows it may ask to stop.
    let stopping = asked_to_stop()?;
    let url = format!("http://{address}");
    say(format_args!("Tare listens on {url}, with {}", parse(&args.database)?));
    if let Some(token) = operator::make_setup_token(&opened.services, &opened.door.context()).await? {
        say(format_args!(
            "nobody runs this server yet: set it up at {url}/set-up within a day, with the token {token}"
        ));
    }
    if demo.is_some() {
        demo_person::introduce(&opened, &url).await?;
    }
    let site = open_site(&opened, upstreams, &settings, address, sandbox);
    gateway::serve(listener, site.router(doors.router()), stopping).await;

    say("stopping: finishing what runs");
    doors.close().await;
    background.stop().await;
    if let Some(demo) = demo {
        demo.shutdown().await;
    }
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn listen_on(listen: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|error| {
        Failure::new(format!(
            "cannot listen on {listen}: {error}. Stop what listens there, or choose another with --listen"
        ))
    })
}

/// The demo upstream of a demo server, on a port that is free.
pub async fn start_demo() -> Result<RunningDemo, Failure> {
    Ok(DemoUpstream::start_local(DemoSettings { delay_ms: 30, ..DemoSettings::default() }).await?)
}

/// How the gateway reaches a demo upstream.
pub fn demo_settings(demo: &RunningDemo) -> UpstreamSettings {
    // Any key will do there; it asks for one, as providers do.
    let key = ApiKey::new("demo".to_owned()).expect("plain letters");
    let mut settings = UpstreamSettings::new("demo", &demo.base_url(), Some(key), ("demo/*", "*"));
    settings.trains_on_prompts = false;
    settings
}

/// Where people reach this server, without a slash at the end.
fn public_url(settings: &Settings, address: SocketAddr) -> String {
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    url.trim_end_matches('/').to_owned()
}

/// How operations reach the outside. Mails become files beside the database unless a mail server is set.
fn open_outside(
    name: ProcessorName,
    settings: &Settings,
    address: SocketAddr,
    database: &Database,
    opened: &Opened,
) -> Result<(Outside, Option<Arc<Sandbox>>), Failure> {
    let folder = match database {
        Database::Sqlite(file) => file.with_extension("mail"),
        Database::Postgres(_) => "tare.mail".into(),
    };
    let url = public_url(settings, address);
    let postbox = settings.mail.open(&url, &folder).map_err(Failure::new)?;
    let door = opened.door.clone();
    // Its events never leave this process, so nobody else needs to know what signs them.
    let secret: String = door.context().ids.secret().iter().map(|byte| format!("{byte:02x}")).collect();
    let shelf = Arc::new(StoreShelf(opened.services.store.clone()));
    let sandbox = || Arc::new(Sandbox::new(shelf, move || door.context().now, &url, secret));
    let OpenedProcessor { processor, sandbox } =
        processor::open(name, &settings.stripe, &|name| std::env::var(name).ok(), sandbox)?;
    let oidc = settings.oidc_provider(&url).map_err(Failure::new)?;
    Ok((Outside { postbox, processor: Some(processor), printer: None, oidc }, sandbox))
}

/// The doors over an opened database.
pub fn open_doors(opened: &Opened, upstreams: Upstreams, settings: &Settings, address: SocketAddr) -> Doors {
    let gateway = Gateway {
        services: opened.services.clone(),
        door: Arc::new(opened.door.clone()),
        upstreams,
        settings: gateway::Settings {
            public_url: public_url(settings, address),
            trusted_proxies: settings.trusted_proxies.clone(),
            ..gateway::Settings::default()
        },
    };
    gateway.open()
}

/// The API and the pages over the same database.
fn open_site(
    opened: &Opened,
    upstreams: Upstreams,
    settings: &Settings,
    address: SocketAddr,
    sandbox: Option<Arc<Sandbox>>,
) -> Site {
    let proxies = settings.trusted_proxies.clone();
    let site = Web {
        services: opened.services.clone(),
        door: Arc::new(opened.door.clone()),
        upstreams,
        sandbox,
        settings: web::Settings {
            public_url: public_url(settings, address),
            client_of: Arc::new(move |socket, headers| gateway::client_address(socket, headers, &proxies)),
            ..web::Settings::default()
        },
    };
    site.open()
}

/// Listens for the signals from now on; whoever waits for the answer is told of an earlier one too.
fn asked_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Each charge is a line of the log only where somebody watches it: at thousands a second it is noise.
fn log_to_terminal(is_demo: bool) {
    let usual = if is_demo { "info,operations::hold=debug" } else { "info" };
    let filter = EnvFilter::try_from_env("TARE_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(std::io::stderr);
    // A terminal that went away must not stop a request: complaining about it would panic.
    log.log_internal_errors(false).with_ansi(std::io::stderr().is_terminal()).init();
}
