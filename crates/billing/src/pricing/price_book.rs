//! All models with their price lists.

use std::collections::BTreeMap;

use super::{Model, Offer, PriceList, PriceVersion, read};
use crate::CatalogError;

/// The models that can be offered, by public id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceBook {
    models: BTreeMap<String, Model>,
}

/// The price files that come with the program.
macro_rules! embedded {
    ($provider:literal) => {
        (concat!("prices/", $provider, ".toml"), include_str!(concat!("../../catalog/prices/", $provider, ".toml")))
    };
}

const EMBEDDED: &[(&str, &str)] = &[
    embedded!("anthropic"),
    embedded!("cerebras"),
    embedded!("cohere"),
    embedded!("deepseek"),
    embedded!("demo"),
    embedded!("fireworks"),
    embedded!("google"),
    embedded!("groq"),
    embedded!("meta"),
    embedded!("minimax"),
    embedded!("mistralai"),
    embedded!("moonshotai"),
    embedded!("openai"),
    embedded!("together"),
    embedded!("voyage"),
    embedded!("x-ai"),
    embedded!("z-ai"),
];

impl PriceBook {
    /// The price book that comes with the program.
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED).expect("the embedded price files are checked by a test")
    }

    /// Reads price files, each with the name that its errors carry. Order does not matter.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, CatalogError> {
        let mut book = Self::default();
        let mut offers = Vec::new();
        for (name, text) in files {
            offers.extend(read::price_file(name, text, &mut book.models)?);
        }
        for offer in offers {
            offer.join(&mut book.models)?;
        }
        Ok(book)
    }

    /// This book with the models of `other` laid over it; a model that both have is taken from `other`.
    pub fn overlaid(mut self, other: Self) -> Self {
        self.models.extend(other.models);
        self
    }

    /// The model with this public id.
    pub fn find(&self, model: &str) -> Option<&Model> {
        self.models.get(model)
    }

    /// The price list that a charge was rated with.
    pub fn find_version(&self, version: &PriceVersion) -> Option<&PriceList> {
        let (model, _) = version.as_str().rsplit_once('@')?;
        let mut lists = self.find(model)?.offers.iter().flat_map(|offer: &Offer| &offer.prices);
        lists.find(|list| list.version() == version)
    }

    /// All models by id.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &Model> {
        self.models.values()
    }
}

#[cfg(test)]
mod tests;
