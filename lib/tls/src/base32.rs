//! Bytes as Crockford's base32 in lower case: safe in URLs and shells, easy to read aloud. Reading forgives o, i and l.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The characters that `bytes` bytes take.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(encoded_len(bytes.len()));
    let mut pending: u32 = 0;
    let mut bits = 0;
    for byte in bytes {
        pending = (pending << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(digit(pending >> bits));
        }
    }
    if bits > 0 {
        text.push(digit(pending << (5 - bits)));
    }
    text
}

/// Fills `into` from a text of exactly the right length; `None` for a foreign character or left-over bits.
pub(crate) fn decode(text: &str, into: &mut [u8]) -> Option<()> {
    if text.len() != encoded_len(into.len()) {
        return None;
    }
    let mut pending: u32 = 0;
    let mut bits = 0;
    let mut slots = into.iter_mut();
    for c in text.chars() {
        pending = (pending << 5) | value(c)?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *slots.next()? = (pending >> bits).to_le_bytes()[0];
        }
    }
    (pending & ((1 << bits) - 1) == 0).then_some(())
}

/// The value of one character; case and the look-alikes o, i and l are forgiven.
pub(crate) fn value(c: char) -> Option<u32> {
    let c = match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    let byte = u8::try_from(c).ok()?;
    let position = ALPHABET.iter().position(|known| *known == byte)?;
    u32::try_from(position).ok()
}

/// The character for the lowest five bits.
pub(crate) fn digit(value: u32) -> char {
    char::from(ALPHABET[(value & 31) as usize])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_and_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            let mut back = vec![0; bytes.len()];
            prop_assert_eq!(decode(&text, &mut back), Some(()));
            prop_assert_eq!(back, bytes);
        }

        #[test]
        fn any_text_is_safe_to_decode(text in ".{0,40}", len in 0usize..30) {
            let mut bytes = vec![0; len];
            if decode(&text, &mut bytes).is_some() {
                let canonical: String =
                    text.chars().map(|c| digit(value(c).expect("it was decoded"))).collect();
                prop_assert_eq!(encode(&bytes), canonical);
            }
        }
    }

    #[test]
    fn look_alikes_are_forgiven_and_strangers_are_not() {
        assert_eq!(value('O'), Some(0));
        assert_eq!(value('l'), Some(1));
        assert_eq!(value('I'), Some(1));
        assert_eq!(value('u'), None);
        assert_eq!(value('é'), None);
    }
}
