//! Usage by day as CSV, safe to open in a spreadsheet.

use std::io::Write;

use store::{Reader, UsageDailyRow};
use units::{Day, WalletId};

use super::Progress;
use crate::{Error, csv};

/// Which usage to write.
#[derive(Clone, Copy, Debug)]
pub struct ExportUsage {
    /// Of one wallet; of all, when absent.
    pub wallet: Option<WalletId>,
    /// From this day on.
    pub from: Option<Day>,
    /// Before this day.
    pub until: Option<Day>,
}

const WALLETS: u32 = 1_000;

const COLUMNS: &str = "day,wallet,model,provider,project,user,api_key,requests,input_tokens,cache_read_tokens,\
    cache_write_tokens,output_tokens,reasoning_tokens,provider_cost_usd,debited_usd,lost_usd";

/// Writes one row for each day, model, provider, project, person and key.
pub async fn usage(
    reader: &Reader,
    request: ExportUsage,
    out: &mut (dyn Write + Send),
    progress: Progress<'_>,
) -> Result<(), Error> {
    write(out, &format!("{COLUMNS}\r\n"))?;
    if let Some(wallet) = request.wallet {
        return of_wallet(reader, request, wallet, out).await;
    }
    let (all, mut done, mut after) = (reader.size().await?.wallets, 0, None);
    loop {
        let page = reader.list_wallet_ids(after, WALLETS).await?;
        for wallet in &page {
            of_wallet(reader, request, *wallet, out).await?;
            done += 1;
            progress(done, all);
        }
        match page.last() {
            Some(last) if page.len() == WALLETS as usize => after = Some(*last),
            _ => return Ok(()),
        }
    }
}

async fn of_wallet(
    reader: &Reader,
    request: ExportUsage,
    wallet: WalletId,
    out: &mut (dyn Write + Send),
) -> Result<(), Error> {
    let from = request.from.unwrap_or(Day::from_number(i32::MIN));
    let until = request.until.unwrap_or(Day::from_number(i32::MAX));
    for row in reader.list_usage_daily(wallet, from, until).await? {
        write(out, &line(&row))?;
    }
    Ok(())
}

/// Clients choose names of models and projects, so no cell may be one that a spreadsheet runs.
fn line(row: &UsageDailyRow) -> String {
    let texts = [
        row.day.to_string(),
        row.wallet.to_string(),
        row.model.clone(),
        row.provider.clone(),
        row.project.clone(),
        row.user.map(|user| user.to_string()).unwrap_or_default(),
        row.api_key.map(|key| key.to_string()).unwrap_or_default(),
    ];
    let counts = [row.requests, row.input, row.cache_read, row.cache_write, row.output, row.reasoning];
    let money = [row.cost.to_string(), row.debited.to_string(), row.lost.to_string()];
    let counts = counts.map(|count| count.to_string());
    let cells: Vec<&str> = texts.iter().chain(&counts).chain(&money).map(String::as_str).collect();
    csv::line(&cells)
}

fn write(out: &mut (dyn Write + Send), text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::Invalid { field: "out", reason: format!("cannot write: {error}") };
    out.write_all(text.as_bytes()).map_err(failed)
}
