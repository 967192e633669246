//! Signatures of events: `t=<seconds>,v1=<HMAC-SHA256 of "seconds.body">`, over the bytes as they came.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use units::Instant;

/// An older signature may be a repeated one.
const TOLERANCE_SECONDS: i64 = 300;

/// Signs a body.
pub fn sign(secret: &str, body: &[u8], now: Instant) -> String {
    let seconds = now.micros().div_euclid(1_000_000);
    let tag = mac(secret, seconds, body).finalize().into_bytes();
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

/// Whether the header signs the body with the secret, now. While a secret is being changed there are several
/// signatures, and one of them suffices. The comparison takes the same time whatever is wrong.
pub fn verify(secret: &str, header: &str, body: &[u8], now: Instant) -> bool {
    let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
    let Some(seconds) = fields().find(|(key, _)| *key == "t").and_then(|(_, value)| value.parse::<i64>().ok()) else {
        return false;
    };
    let age = now.micros().div_euclid(1_000_000).saturating_sub(seconds);
    if !(-TOLERANCE_SECONDS..=TOLERANCE_SECONDS).contains(&age) {
        return false;
    }
    let tags = fields().filter(|(key, _)| *key == "v1").filter_map(|(_, value)| bytes(value));
    tags.map(|tag| mac(secret, seconds, body).verify_slice(&tag).is_ok()).fold(false, |any, one| any | one)
}

fn mac(secret: &str, seconds: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    mac
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use units::Seconds;

    use super::*;

    #[test]
    fn only_the_right_secret_signs_only_these_bytes_and_only_for_a_while() {
        let now: Instant = "2028-02-29T00:00:00Z".parse().unwrap();
        let header = sign("secret", b"{}", now);
        assert!(verify("secret", &header, b"{}", now));
        assert!(verify("secret", &format!("{header},v1=00ff"), b"{}", now.plus(Seconds(300))));
        assert!(!verify("other", &header, b"{}", now));
        assert!(!verify("secret", &header, b"{ }", now));
        assert!(!verify("secret", &header, b"{}", now.plus(Seconds(301))));
        assert!(!verify("secret", &header, b"{}", now.plus(Seconds(-301))));
        for broken in ["", "t=1", "v1=aa", "t=x,v1=aa", "t=1835395200,v1=a", "t=1835395200,v1=éé"] {
            assert!(!verify("secret", broken, b"{}", now), "{broken}");
        }
    }

    /// The scheme of the wire, by an example that was computed apart: `printf '1.{}' | openssl dgst -sha256 -hmac k`.
    #[test]
    fn the_scheme_is_the_known_one() {
        let tag = sign("k", b"{}", Instant::from_micros(1_000_000));
        assert_eq!(tag, format!("t=1,v1={KNOWN}"));
    }

    const KNOWN: &str = "3dd49b2593d0f9a349e9e71c4bde3e2b862c2be4003fe9b4ba81332029310158";
}
