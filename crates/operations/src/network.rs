//! Which addresses count as one network, where requests are counted.

use std::net::{IpAddr, Ipv6Addr};

/// How much of an IPv6 address a site gets: who has one address of it has them all.
const SITE_BITS: u32 = 48;

/// The network of an address, as text: an IPv4 address stands for itself, an IPv6 address for its site.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let site = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - SITE_BITS)));
            format!("{site}/{SITE_BITS}")
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_site_counts_as_one() {
        let network = |text: &str| super::network(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert_eq!(network("2001:db8:1:ffff::1"), "2001:db8:1::/48");
    }
}
