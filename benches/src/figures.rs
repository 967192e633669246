//! Figures as people read them.

use std::time::Duration;

/// What stands where nothing could be measured.
pub const NONE: &str = "-";

/// `152,300`.
pub fn whole(figure: f64) -> String {
    let digits = format!("{:.0}", figure.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits where the figure is small: `0.342`, `3.42`, `34.2`, `342`.
pub fn short(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => whole(figure),
        large if large >= 10.0 => format!("{figure:.1}"),
        large if large >= 1.0 => format!("{figure:.2}"),
        _ => format!("{figure:.3}"),
    }
}

/// Milliseconds.
pub fn millis(time: Option<Duration>) -> String {
    time.map_or_else(|| NONE.to_owned(), |time| short(time.as_secs_f64() * 1000.0))
}

/// The figure in the middle; `None` of none.
pub fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
