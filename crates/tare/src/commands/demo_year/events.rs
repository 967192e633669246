//! What happens to people and organizations on certain days of the year.

use units::{Instant, Seconds};

use super::terms;

/// The organizations, by name.
pub const STUDIO: &str = "Northlight Studio";
pub const LAB: &str = "Harbour Lab";

/// Who runs the server.
pub const OPERATOR: &str = "ruth";

/// What people are called.
pub const NAMES: [(&str, &str); 13] = [
    ("ana", "Ana Keller"),
    ("ben", "Ben Okafor"),
    ("chloe", "Chloé Martin"),
    ("dmitri", "Dmitri Volkov"),
    ("emma", "Emma Lindqvist"),
    ("farid", "Farid Haddad"),
    ("grace", "Grace Liu"),
    ("hugo", "Hugo Santos"),
    ("ines", "Inès Moreau"),
    (OPERATOR, "Ruth Abara"),
    (terms::JONAS, "Jonas Weber"),
    (terms::KIM, "Kim Andersen"),
    (terms::LEA, "Léa Fontaine"),
];

/// On which day of the year, at which minute of it, and what.
const EVENTS: &[(u32, u32, &str)] = &[
    (0, 500, r#"do = "sign_up", user = "ruth""#),
    // Ana alone.
    (0, 545, r#"do = "sign_up", user = "ana", country = "DE""#),
    (1, 600, r#"do = "add_card", wallet = "ana", card = "4242424242424242""#),
    (1, 602, r#"do = "buy_credits", wallet = "ana", amount = "20.00", by = "ana""#),
    (
        1,
        610,
        r#"do = "billing_details", wallet = "ana", name = "Ana Keller", street = "Torstraße 12", postal_code = "10119", city = "Berlin", country = "DE""#,
    ),
    (20, 1000, r#"do = "auto_top_up", wallet = "ana", on = true, threshold = "5.00", amount = "20.00""#),
    (15, 700, r#"do = "buy_credits", wallet = "ana", amount = "10.00", by = "ana""#),
    (18, 705, r#"do = "refund", wallet = "ana", purchase = 2, amount = "5.00""#),
    // Her studio grows.
    (12, 540, r#"do = "create_org", org = "Northlight Studio", owner = "ana""#),
    (12, 545, r#"do = "add_card", wallet = "Northlight Studio", card = "5555555555554444""#),
    (
        12,
        550,
        r#"do = "billing_details", wallet = "Northlight Studio", name = "Northlight Studio GmbH", street = "Am Speicher 4", postal_code = "20457", city = "Hamburg", country = "DE", tax_id = "DE811907980""#,
    ),
    (12, 555, r#"do = "buy_credits", wallet = "Northlight Studio", amount = "250.00", by = "ana""#),
    (13, 560, r#"do = "invite", org = "Northlight Studio", user = "ben", role = "admin", by = "ana""#),
    (13, 640, r#"do = "accept", org = "Northlight Studio", user = "ben""#),
    (13, 565, r#"do = "invite", org = "Northlight Studio", user = "chloe", by = "ana""#),
    (14, 600, r#"do = "accept", org = "Northlight Studio", user = "chloe""#),
    (
        24,
        590,
        r#"do = "subscribe_seats", org = "Northlight Studio", plan = "teams", cadence = "monthly", seats = 5, by = "ana""#,
    ),
    (40, 570, r#"do = "invite", org = "Northlight Studio", user = "dmitri", by = "ben""#),
    (40, 800, r#"do = "accept", org = "Northlight Studio", user = "dmitri""#),
    (41, 620, r#"do = "member_limit", org = "Northlight Studio", user = "dmitri", daily = "15.00", by = "ana""#),
    (25, 600, r#"do = "auto_top_up", wallet = "Northlight Studio", on = true, threshold = "50.00", amount = "500.00""#),
    (55, 700, r#"do = "dispute", wallet = "Northlight Studio", purchase = 1, outcome = "won""#),
    (118, 900, r#"do = "invite", org = "Northlight Studio", user = "hugo", by = "ben""#),
    (119, 500, r#"do = "accept", org = "Northlight Studio", user = "hugo""#),
    (203, 940, r#"do = "remove_member", org = "Northlight Studio", user = "hugo", by = "ana""#),
    (210, 600, r#"do = "invite", org = "Northlight Studio", user = "emma", by = "ana""#),
    (210, 660, r#"do = "accept", org = "Northlight Studio", user = "emma""#),
    (260, 600, r#"do = "set_role", org = "Northlight Studio", user = "chloe", role = "admin", by = "ana""#),
    (290, 610, r#"do = "add_seats", org = "Northlight Studio", count = 3, by = "ana""#),
    (300, 640, r#"do = "buy_credits", wallet = "Northlight Studio", amount = "1000.00", by = "ana""#),
    (330, 600, r#"do = "invite", org = "Northlight Studio", user = "ines", role = "billing_manager", by = "ana""#),
    (330, 720, r#"do = "accept", org = "Northlight Studio", user = "ines""#),
    (352, 600, r#"do = "remove_seats", org = "Northlight Studio", count = 1, by = "ana""#),
    (361, 700, r#"do = "grant", wallet = "Northlight Studio", amount = "75.00", free = true, expires = EXPIRES"#),
    // A lab that Ana only helps with its bills.
    (150, 500, r#"do = "sign_up", user = "farid", country = "FR""#),
    (150, 510, r#"do = "create_org", org = "Harbour Lab", owner = "farid""#),
    (150, 515, r#"do = "add_card", wallet = "Harbour Lab", card = "378282246310005""#),
    (150, 520, r#"do = "buy_credits", wallet = "Harbour Lab", amount = "500.00", by = "farid""#),
    (151, 600, r#"do = "invite", org = "Harbour Lab", user = "grace", by = "farid""#),
    (151, 700, r#"do = "accept", org = "Harbour Lab", user = "grace""#),
    (152, 600, r#"do = "invite", org = "Harbour Lab", user = "ana", role = "billing_manager", by = "farid""#),
    (152, 660, r#"do = "accept", org = "Harbour Lab", user = "ana""#),
    (
        160,
        615,
        r#"do = "subscribe_seats", org = "Harbour Lab", plan = "teams", cadence = "yearly", seats = 3, by = "farid""#,
    ),
    (240, 620, r#"do = "buy_credits", wallet = "Harbour Lab", amount = "500.00", by = "ana""#),
    (300, 655, r#"do = "buy_credits", wallet = "Harbour Lab", amount = "1000.00", by = "farid""#),
    (320, 650, r#"do = "refund", wallet = "Harbour Lab", purchase = 3, amount = "250.00""#),
];

/// Everything, with its moment.
pub fn all(first: Instant) -> impl Iterator<Item = (Instant, String)> {
    let soon = moment(first, 368, 0);
    EVENTS
        .iter()
        .map(move |(day, minute, what)| (moment(first, *day, *minute), what.replace("EXPIRES", &soon.to_string())))
}

/// A minute of a day of the year.
pub fn moment(first: Instant, day: u32, minute: u32) -> Instant {
    first.plus(Seconds(i64::from(day) * 86_400 + i64::from(minute) * 60))
}
