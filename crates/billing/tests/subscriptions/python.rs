//! The second implementation: `oracle.py`.

use std::path::Path;
use std::process::Command;

/// What the oracle prints for these arguments, line by line in words.
pub fn ask(arguments: &[&str]) -> Vec<Vec<String>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The one of the tools that comes with `dateutil`.
    let python = here.join("../../.tools/beancount/bin/python");
    assert!(python.is_file(), "{} is missing; `tools/setup accounting` brings it", python.display());
    let script = here.join("tests/subscriptions/oracle.py");
    let output = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}
