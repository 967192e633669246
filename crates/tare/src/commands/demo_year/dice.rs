//! Numbers that look thrown and are the same each time.

/// A number below `sides` for whatever is named by these three (a day, somebody, a question).
pub fn throw(day: u32, who: u32, what: u32, sides: u32) -> u32 {
    let mut mixed = (u64::from(day) << 40) ^ (u64::from(who) << 20) ^ u64::from(what);
    // The steps of SplitMix64, which mixes well from neighbouring seeds.
    mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    u32::try_from(mixed % u64::from(sides.max(1))).unwrap_or(0)
}
