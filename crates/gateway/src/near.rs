//! Names that somebody may have meant.

/// At most this many are suggested.
const MOST: usize = 3;

/// The names nearest to a wrong one: the same but for the provider, or a few letters away.
pub(crate) fn names<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wrong: Vec<char> = wrong.to_lowercase().chars().take(100).collect();
    let mut near: Vec<(usize, &str)> = known.filter_map(|name| Some((distance(&wrong, name)?, name))).collect();
    near.sort_unstable();
    near.into_iter().take(MOST).map(|(_, name)| name.to_owned()).collect()
}

/// How far a name is, if it is near enough to be meant: a third of its letters.
fn distance(wrong: &[char], name: &str) -> Option<usize> {
    let bare = name.rsplit_once('/').map_or(name, |(_, bare)| bare);
    let letters = |text: &str| text.chars().collect::<Vec<char>>();
    let (name, bare) = (letters(name), letters(bare));
    if bare == wrong {
        return Some(0);
    }
    let best = edits(wrong, &name).min(edits(wrong, &bare));
    (best * 3 <= wrong.len()).then_some(best)
}

/// The fewest letters to add, drop or change (Levenshtein).
fn edits(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let cost = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_missing_providers_are_seen() {
        let known = ["openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4.5", "demo/small"];
        let near = |wrong: &str| names(wrong, known.into_iter());
        assert_eq!(near("gpt-4o"), ["openai/gpt-4o"]);
        assert_eq!(near("openai/gpt-4o-mni"), ["openai/gpt-4o-mini", "openai/gpt-4o"]);
        assert_eq!(near("Claude-Sonnet-4-5"), ["anthropic/claude-sonnet-4.5"]);
        assert_eq!(near("demo/smal"), ["demo/small"]);
        assert!(near("something else entirely").is_empty());
        assert!(near(&"x".repeat(100_000)).is_empty());
        assert!(near("").is_empty());
    }
}
