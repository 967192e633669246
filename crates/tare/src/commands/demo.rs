//! `tare demo`: the life of one request, told on the terminal, with the real program.

use std::net::SocketAddr;
use std::process::ExitCode;

use axum::http::{Request, header};
use billing::{cost_of, usage::read_openai};
use bytes::Bytes;
use connectors::upstream::Upstreams;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use ledger::{Account, Transfer, Wallet};
use operations::Door;
use units::{HoldId, WalletId};

use super::{demo_person, serve};
use crate::cli::{DatabaseArgs, RulesArgs};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::settings::Settings;

const MODEL: &str = "demo/small";
const QUESTION: &str = "What does a request cost?";

pub async fn run() -> Result<ExitCode, Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("demo.db");
    let database = DatabaseArgs { database: file.display().to_string() };
    let opened = Opened::open(&database, &RulesArgs { catalog: None, prices: Vec::new() }).await?;
    let demo = serve::start_demo().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let upstreams = Upstreams::new(vec![serve::demo_settings(&demo)])?;
    let doors = serve::open_doors(&opened, upstreams, &Settings::default(), address);
    let server = tokio::spawn(gateway::serve(listener, doors.router(), std::future::pending()));

    let story = Story { opened: &opened, wallet: demo_person::person_with_key(&opened).await? };
    story.who().await?;
    story.request(address).await?;
    doors.close().await;
    story.settled().await?;
    story.entries().await?;
    story.provider(&demo.truth().sum().billed.to_string());

    server.abort();
    demo.shutdown().await;
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

struct Story<'o> {
    opened: &'o Opened,
    wallet: (WalletId, String),
}

impl Story<'_> {
    async fn books(&self) -> Result<Wallet, Failure> {
        let books = self.opened.services.store.reader().load_wallet(self.wallet.0).await?;
        books.ok_or_else(|| Failure::new("the wallet of the demo is gone"))
    }

    async fn who(&self) -> Result<(), Failure> {
        let books = self.books().await?;
        let now = self.opened.door.context().now;
        chapter("Who has what");
        println!("{} has a wallet with {} available:", demo_person::NAME, books.available(now));
        for grant in books.grants() {
            let until = grant.expires_at.map_or("never expires".to_owned(), |end| format!("until {end}"));
            println!("  {} {} of {}, free, {until}", grant.source.name(), grant.left, grant.amount);
        }
        Ok(())
    }

    /// Sends the request with a plain HTTP client and looks at the wallet while the model speaks.
    async fn request(&self, address: SocketAddr) -> Result<(), Failure> {
        chapter("The request");
        let body = serde_json::json!({
            "model": MODEL, "stream": true, "max_tokens": 200,
            "messages": [{"role": "user", "content": QUESTION}],
        });
        println!("POST http://{address}/v1/chat/completions\n{body}\n");
        let request = Request::post(format!("http://{address}/v1/chat/completions"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.wallet.1))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let mut response = client.request(request).await?;
        if !response.status().is_success() {
            let body = response.into_body().collect().await?.to_bytes();
            return Err(Failure::new(format!("the request failed: {}", String::from_utf8_lossy(&body))));
        }
        let mut text = Vec::new();
        let mut is_first = true;
        while let Some(frame) = response.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            text.extend_from_slice(&data);
            if std::mem::take(&mut is_first) {
                self.held().await?;
            }
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        println!("The model said: {}", spoken(&text));
        self.cost(&text)
    }

    async fn held(&self) -> Result<(), Failure> {
        let books = self.books().await?;
        let now = self.opened.door.context().now;
        chapter("The hold, while the model speaks");
        println!(
            "held {}, available {}: the worst case is set aside, nothing is spent",
            books.held(),
            books.available(now)
        );
        for hold in books.holds() {
            println!("  {} lives until {} unless its request renews it\n", hold.id, hold.lease_until);
        }
        Ok(())
    }

    fn cost(&self, text: &str) -> Result<(), Failure> {
        chapter("The cost");
        let usage = events(text).filter_map(|event| read_openai(&event["usage"])).last();
        let usage = usage.ok_or_else(|| Failure::new("the demo upstream reported no usage"))?;
        let now = self.opened.door.context().now;
        let book = self.opened.services.prices.current();
        let prices = book.find(MODEL).and_then(|model| model.prices_at(now));
        let prices = prices.ok_or_else(|| Failure::new(format!("{MODEL} is not in the price book")))?;
        let rates = prices.sheet_at(now).rates_for(usage.input);
        println!("the provider reports {} tokens in and {} out", usage.input, usage.output);
        println!(
            "  {} x {} + {} x {} per million = {}",
            usage.input,
            rates.input.per_million(),
            usage.output,
            rates.output.per_million(),
            cost_of(prices, &usage, now)?
        );
        Ok(())
    }

    async fn settled(&self) -> Result<(), Failure> {
        let books = self.books().await?;
        let now = self.opened.door.context().now;
        chapter("The settlement");
        for row in self.opened.services.store.reader().list_charges(self.wallet.0, None::<HoldId>, 1).await? {
            let charge = row.charge;
            println!("{} held {}, cost {}, debited {}", charge.id, charge.held, charge.cost, charge.debited);
        }
        println!("balance {}, held {}, available {}", books.balance(now), books.held(), books.available(now));
        Ok(())
    }

    async fn entries(&self) -> Result<(), Failure> {
        chapter("The entries");
        for transfer in self.opened.services.store.reader().list_transfers(self.wallet.0, 0, 100).await? {
            show(&transfer);
        }
        Ok(())
    }

    fn provider(&self, billed: &str) {
        chapter("The provider's own books");
        println!("the demo upstream would bill {billed}");
    }
}

fn chapter(title: &str) {
    println!("\n== {title}");
}

/// A transfer as the two entries that it stands for.
fn show(transfer: &Transfer) {
    println!("{}  {}  {}", transfer.at, transfer.kind.name(), transfer.hash);
    let minus = transfer.amount.negated().unwrap_or_default();
    for (account, amount) in [(transfer.from, minus), (transfer.to, transfer.amount)] {
        let name = match account {
            Account::Grant(grant) => grant.to_string(),
            platform => platform.name().to_owned(),
        };
        println!("  {name:<38} {:>16}", amount.to_string());
    }
}

fn events(text: &str) -> impl Iterator<Item = serde_json::Value> {
    text.lines().filter_map(|line| line.strip_prefix("data: ")).filter_map(|data| serde_json::from_str(data).ok())
}

fn spoken(text: &str) -> String {
    events(text).filter_map(|event| event["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect()
}
