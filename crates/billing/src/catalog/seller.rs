//! Who sells, as invoices name them.

use super::Catalog;
use crate::CatalogError;
use crate::invoice::Party;
use crate::strict::{Item, Table};

/// Reads the table; what is in it is checked as a buyer's details are.
pub(super) fn read(seller: &mut Party, table: &mut Table<'_>) -> Result<(), CatalogError> {
    table.set("name", &mut seller.name, Item::text_or_empty)?;
    table.set("street", &mut seller.street, Item::text_or_empty)?;
    table.set("extra", &mut seller.extra, Item::text_or_empty)?;
    table.set("postal_code", &mut seller.postal_code, Item::text_or_empty)?;
    table.set("city", &mut seller.city, Item::text_or_empty)?;
    table.set("region", &mut seller.region, Item::text_or_empty)?;
    table.set("country", &mut seller.country, Item::text_or_empty)?;
    table.set("tax_id", &mut seller.tax_id, Item::text_or_empty)?;
    match seller.checked() {
        Ok(checked) => {
            *seller = checked;
            Ok(())
        }
        Err(wrong) => table.blame(&[wrong.field], wrong.reason),
    }
}

impl Catalog {
    /// Who sells: the operator's company, or the brand where none is named.
    pub fn selling_party(&self) -> Party {
        let mut party = self.seller.clone();
        if party.name.is_empty() {
            party.name = self.brand.name.clone();
        }
        party
    }
}
