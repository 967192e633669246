//! What is secret, and the search for it.

use uuid::Uuid;

/// So much of a secret is as bad as all of it: a text that was cut off is found too.
const PART: usize = 16;

/// One secret.
pub struct Canary {
    kind: &'static str,
    /// The first characters behind the prefix that all of its kind have.
    part: String,
    /// The same bytes as PostgreSQL writes them.
    hex: String,
}

/// All secrets that were planted or told.
#[derive(Default)]
pub struct Canaries {
    secrets: Vec<Canary>,
    codes: Vec<String>,
}

/// Something that was written down, or told to somebody.
pub struct Place {
    pub name: String,
    pub text: String,
    /// What stands there, so that a search that finds nothing has looked.
    pub known: String,
}

/// Random text that stands nowhere else.
pub fn random() -> String {
    Uuid::now_v7().simple().to_string().split_off(16)
}

impl Canaries {
    /// A secret of our own making.
    pub fn plant(&mut self, kind: &'static str, prefix: &str) -> String {
        let text = format!("{prefix}{}", random());
        self.add(kind, &text, prefix);
        text
    }

    /// One that the server made.
    pub fn add(&mut self, kind: &'static str, text: &str, prefix: &str) {
        let part: String = text.strip_prefix(prefix).unwrap_or_else(|| panic!("{kind}")).chars().take(PART).collect();
        assert!(part.len() == PART || kind == "device code", "{kind} is short");
        let hex = part.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.secrets.push(Canary { kind, part, hex });
    }

    /// The digits of a mail. Six digits stand in many numbers and hashes by chance, so they are looked for as a word
    /// of their own (letters and digits on neither side: no part of a hash, a micro-second or an amount of money),
    /// and for several codes: by chance one word of six digits is one of five in 200,000.
    pub fn add_code(&mut self, digits: &str) {
        self.codes.push(digits.to_owned());
    }

    /// How many kinds there are.
    pub fn kinds(&self) -> usize {
        let mut kinds: Vec<&str> = self.secrets.iter().map(|canary| canary.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.len() + usize::from(!self.codes.is_empty())
    }

    /// Nothing is in any of these places; and in a copy of each, with everything planted behind it, the same search
    /// finds everything.
    pub fn stand_in_none_of(&self, places: &[Place]) {
        let mut found = Vec::new();
        for place in places {
            assert!(place.text.contains(&place.known), "{} is not what it seems: no `{}`", place.name, place.known);
            found.extend(self.find(&place.text).into_iter().flatten().map(|(kind, at)| {
                let line: Vec<char> =
                    place.text[..at].chars().rev().take_while(|letter| *letter != '\n').take(150).collect();
                format!("{kind} in {} behind `{}`", place.name, line.iter().rev().collect::<String>())
            }));
            let copy = self.planted_behind(&place.text);
            assert!(self.find(&copy).iter().all(Option::is_some), "the search is blind in {}", place.name);
        }
        assert!(found.is_empty(), "{} leaks:\n{}", found.len(), found.join("\n"));
    }

    /// For each secret, as itself and as hex, whether and where it stands in a text.
    fn find(&self, text: &str) -> Vec<Option<(&'static str, usize)>> {
        let secrets = self.secrets.iter().flat_map(|canary| {
            [&canary.part, &canary.hex].map(|part| text.find(part.as_str()).map(|at| (canary.kind, at)))
        });
        let codes = self.codes.iter().map(|code| word(text, code).map(|at| ("sign-in code", at)));
        secrets.chain(codes).collect()
    }

    fn planted_behind(&self, text: &str) -> String {
        let mut copy = text.to_owned();
        let parts = self.secrets.iter().flat_map(|canary| [&canary.part, &canary.hex]);
        for secret in parts.chain(&self.codes) {
            copy.extend([" x=", secret.as_str(), "\n"]);
        }
        copy
    }
}

fn word(text: &str, word: &str) -> Option<usize> {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let mut all = text.match_indices(word);
    let own = all.find(|(at, _)| {
        let (before, behind) = (text[..*at].chars().next_back(), text[at + word.len()..].chars().next());
        !is_part(before) && !is_part(behind)
    });
    own.map(|(at, _)| at)
}
