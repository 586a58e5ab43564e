//! Crockford's base 32 in lower case: characters that are easy to read aloud, and that sort as their numbers do.

/// No i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The number in exactly `length` characters (its lowest bits if there are too many).
pub(crate) fn fixed(bits: u128, length: usize) -> String {
    (0..length)
        .rev()
        .map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31]))
        .collect()
}

/// The number in as few characters as it needs, `0` for zero.
pub(crate) fn shortest(bits: u64) -> String {
    let digits = (64 - bits.leading_zeros()).div_ceil(5).max(1);
    fixed(bits.into(), digits as usize)
}

/// Reads up to 128 bits.
pub(crate) fn parse(text: &str) -> Option<u128> {
    if text.is_empty() || text.len() > 26 {
        return None;
    }
    text.bytes().try_fold(0u128, |bits, byte| {
        let digit = ALPHABET.iter().position(|c| *c == byte)? as u128;
        bits.checked_mul(32).map(|bits| bits | digit)
    })
}
