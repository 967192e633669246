//! `benches/RESULTS.md`: the last recorded run of each program, for readers who were not there.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

const OPENING: &str = "# Results\n\n\
    The last recorded run of each program of `make bench`. Absolute figures belong to the machine that is named; the\n\
    ratios, each against a baseline of the same run, are what carries over. `benches/README.md` says what is measured\n\
    and how to run it yourself.\n";

/// Puts the report of a program in the place of its last one. A report begins with its title and nothing above it.
///
/// # Errors
/// When the file cannot be written.
pub fn record(program: &str, report: &str) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    let before = fs::read_to_string(&path).unwrap_or_else(|_| OPENING.to_owned());
    fs::write(path, replaced(&before, program, report))
}

fn replaced(before: &str, program: &str, report: &str) -> String {
    let (begin, end) = (format!("<!-- {program} -->\n"), format!("<!-- end of {program} -->\n"));
    let report = format!("{begin}\n{}\n\n{end}", report.trim());
    let place = before.find(&begin).and_then(|from| Some((from, before.find(&end)? + end.len())));
    match place {
        Some((from, to)) => format!("{}{report}{}", &before[..from], &before[to..]),
        None => format!("{}\n\n{report}", before.trim_end()),
    }
}

/// The command of this run, as one would type it again.
pub fn command(program: &str) -> String {
    let options: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match options.is_empty() {
        true => "make bench".to_owned(),
        false => format!("tools/postgres with -- cargo bench -p benches --bench {program} -- {}", options.join(" ")),
    }
}

/// The revision of the tree, with a mark when something is changed in it beside the results.
pub fn revision() -> Option<String> {
    let git = |arguments: &[&str]| {
        let done = Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).trim().to_owned())
    };
    let revision = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--", "..", ":!RESULTS.md"])?;
    Some(if changed.is_empty() { revision } else { format!("{revision} with changes") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_the_place_of_its_last_one() {
        let first = replaced("# Results\n", "ledger", "## Ledger\nslow");
        let second = replaced(&first, "gateway", "## Gateway\n");
        let third = replaced(&second, "ledger", "## Ledger\nfast\n");
        assert!(third.starts_with("# Results\n\n<!-- ledger -->\n\n## Ledger\nfast\n\n<!-- end of ledger -->\n"));
        assert!(third.contains("## Gateway") && !third.contains("slow"));
        assert_eq!(replaced(&third, "ledger", "## Ledger\nfast"), third);
    }
}
