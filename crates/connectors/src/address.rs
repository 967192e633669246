//! Which addresses may be reached from here.
//!
//! A host name is resolved once, every address it stands for is checked, and the connection goes to
//! exactly those: a name that answers differently the second time gains nothing. An address that is
//! written as a number never passes the resolver, so whoever takes URLs checks those with [`Reach::allows`].

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// How far a connection may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public internet.
    #[default]
    Public,
    /// This machine.
    Loopback,
    /// Anything, since the operator named it.
    Anywhere,
}

impl Reach {
    /// Whether an address is within it.
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::Loopback => address.to_canonical().is_loopback(),
            Self::Anywhere => true,
        }
    }
}

/// Whether an address belongs to the public internet, whatever way it is written in IPv6.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, loopback, and what is reserved or multicast.
        (0 | 127 | 224.., ..) => true,
        // Shared address space of carriers, where one cloud keeps its metadata.
        (100, 64..128, _) => true,
        // Protocol assignments, documentation, the retired 6to4 relay, benchmarks.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => address.is_private() || address.is_link_local(),
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4-mapped, and the well-known prefix of NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo and other protocol assignments, documentation.
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// A resolver that answers only with addresses that are within reach; public ones unless a host is named.
#[derive(Clone, Debug)]
pub struct GuardedResolver {
    system: GaiResolver,
    reaches: Arc<HashMap<String, Reach>>,
}

impl GuardedResolver {
    /// With hosts (in lower case) that may have other than public addresses.
    pub fn new(reaches: HashMap<String, Reach>) -> Self {
        Self { system: GaiResolver::new(), reaches: Arc::new(reaches) }
    }
}

impl Service<Name> for GuardedResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.reaches.get(&name.as_str().to_ascii_lowercase()).copied().unwrap_or_default();
        let lookup = self.system.call(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = lookup.await?.collect();
            // One forbidden address spoils the name: honest names do not mix the two kinds.
            if addresses.iter().all(|address| reach.allows(address.ip())) {
                return Ok(addresses.into_iter());
            }
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the host's address is not a public one"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_refused_in_every_writing() {
        for address in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:a9fe:a9fe",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_for_this_machine_is_reached_only_when_it_may_be() {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let mut strict = GuardedResolver::new(HashMap::new());
        let refused = strict.call(name("localhost")).await.err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        let mut named = GuardedResolver::new([("localhost".to_owned(), Reach::Loopback)].into());
        assert!(named.call(name("LOCALHOST")).await.unwrap().count() > 0);
    }
}
