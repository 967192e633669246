//! Payments that their payer contests at the bank, and warnings that they may.
//!
//! The processor's object is read again whenever something is told of it, so what comes late finds nothing to do. The
//! first end stands. An inquiry freezes the credits and takes no money; a dispute blocks the card as well.

use serde::{Deserialize, Serialize};

/// What kind of word it is that the bank has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContestKind {
    /// The payer wants the money back.
    Dispute,
    /// The bank suspects that the payer is not the card's owner; most of these become disputes.
    Warning,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContestState {
    /// The bank only asks. No money has moved.
    Inquiry,
    /// The bank has taken the money, and decides.
    Open,
    /// The payment stands.
    Won,
    /// The bank keeps the money.
    Lost,
}

impl ContestKind {
    /// Every kind, for readers of the store.
    pub const ALL: [Self; 2] = [Self::Dispute, Self::Warning];

    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Warning => "warning",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl ContestState {
    /// Every state, for readers of the store.
    pub const ALL: [Self; 4] = [Self::Inquiry, Self::Open, Self::Won, Self::Lost];

    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it has ended.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Won | Self::Lost)
    }

    /// Whether the card that paid pays nothing more: until the bank has found for us.
    pub const fn is_blocking(self) -> bool {
        matches!(self, Self::Open | Self::Lost)
    }
}

/// Where it stands after the news, and whether an operator has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContestNext {
    /// Where.
    pub state: ContestState,
    /// Whether the news changed it.
    pub is_changed: bool,
    /// What an operator must see to.
    pub alarm: Option<&'static str>,
}

/// Applies the news to what was known, if anything was.
pub fn advance(known: Option<ContestState>, news: ContestState) -> ContestNext {
    let state = match (known, news) {
        (None, news) => news,
        (Some(known), _) if known.is_over() => known,
        // The bank that has taken the money no longer merely asks.
        (Some(ContestState::Open), ContestState::Inquiry) => ContestState::Open,
        (Some(_), news) => news,
    };
    let is_changed = known != Some(state);
    let alarm = match (known, news) {
        (Some(known), news) if known.is_over() && news.is_over() && known != news => {
            Some("a bank changed its mind about a payment after the end; the books keep the first word")
        }
        (_, ContestState::Inquiry) if is_changed => Some("a bank asks about a payment; its credits are frozen"),
        (_, ContestState::Open) if is_changed => Some("a payment is contested; its credits are frozen. Answer in time"),
        (_, ContestState::Lost) if is_changed => Some("a contested payment was lost"),
        _ => None,
    };
    ContestNext { state, is_changed, alarm }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_any_order_the_first_end_stands() {
        for all in [
            [ContestState::Inquiry, ContestState::Open, ContestState::Lost],
            [ContestState::Lost, ContestState::Open, ContestState::Inquiry],
            [ContestState::Open, ContestState::Lost, ContestState::Open],
        ] {
            let end = all.into_iter().fold(None, |known, news| Some(advance(known, news).state));
            assert_eq!(end, Some(ContestState::Lost), "{all:?}");
        }
        let late = advance(Some(ContestState::Won), ContestState::Lost);
        assert_eq!((late.state, late.is_changed), (ContestState::Won, false));
        assert!(late.alarm.is_some(), "an operator must see it");
    }

    #[test]
    fn the_same_again_calls_nobody() {
        for state in ContestState::ALL {
            let again = advance(Some(state), state);
            assert_eq!((again.state, again.is_changed, again.alarm), (state, false, None));
        }
    }

    #[test]
    fn an_inquiry_blocks_no_card() {
        assert!(!ContestState::Inquiry.is_blocking() && !ContestState::Won.is_blocking());
        assert!(ContestState::Open.is_blocking() && ContestState::Lost.is_blocking());
    }
}
