use proptest::prelude::*;

use super::*;

fn token(fill: u8) -> JoinToken {
    JoinToken::new(
        [fill; JoinToken::RANDOM_BYTES],
        Fingerprint::from_bytes([fill; 32]),
    )
}

fn parse(text: &str) -> Result<JoinToken, ParseTokenError> {
    text.parse()
}

#[test]
fn a_token_is_one_safe_word_of_103_characters() {
    let text = token(0xa5).to_text();
    assert_eq!(text.len(), 103);
    assert!(
        text.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
        "{}",
        *text
    );
}

#[test]
fn careless_copies_are_read() {
    let original = token(7);
    let text = original.to_text();
    let folded = format!("  {}\n  {}\r\n", &text[..40], &text[40..]);
    for copy in [
        folded,
        text.to_uppercase(),
        text.replace('0', "o")
            .replace('1', "l")
            .replacen("hml", "hm1", 1),
    ] {
        let read = parse(&copy).unwrap();
        assert_eq!(read.id(), original.id());
        assert_eq!(read.ca(), original.ca());
        assert!(original.hash().matches(&read));
    }
}

#[test]
fn every_single_typo_is_named_as_one() {
    let text = token(0x3c).to_text();
    for position in 4..text.len() {
        let old = text.as_bytes()[position];
        if old == b'-' {
            continue;
        }
        let new = if old == b'x' { "y" } else { "x" };
        let mut wrong = text.to_string();
        wrong.replace_range(position..=position, new);
        assert_eq!(
            parse(&wrong).unwrap_err(),
            ParseTokenError::BadCheck,
            "position {position}"
        );
    }
}

#[test]
fn each_fault_has_its_message() {
    let text = token(9).to_text();
    let said = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(said(" \n"), "the join token is empty");
    assert_eq!(
        said("secret"),
        "this is not a join token: those begin with `hm1-`"
    );
    assert_eq!(
        said("hm2-abc"),
        "this join token is of a newer kind (hm2); this version reads hm1"
    );
    assert_eq!(
        said("hm1-abc"),
        "the join token should have 5 parts with hyphens between them and has 2"
    );
    assert_eq!(
        said(&text[..text.len() - 2]),
        "the join token is cut off or has too much: its check should have 5 characters and has 3"
    );
    assert_eq!(
        said(&format!("hm1-u{}", &text[5..])),
        "the join token has a typo: `u` in its token id cannot occur there"
    );
    assert_eq!(
        said(&"x".repeat(5000)),
        "this is not a join token: those begin with `hm1-`"
    );
}

#[test]
fn only_the_token_itself_matches_its_hash() {
    let hash = token(1).hash();
    assert!(hash.matches(&token(1)));
    assert!(!hash.matches(&token(2)));
    assert!(TokenHash::from_bytes(*hash.as_bytes()).matches(&token(1)));
    // Same secret under another id: hashes cannot be moved between entries.
    let mut moved = [1; JoinToken::RANDOM_BYTES];
    moved[0] = 2;
    assert!(!hash.matches(&JoinToken::new(moved, token(1).ca())));
}

#[test]
fn debug_output_keeps_the_secret() {
    let token = token(0x77);
    let secret = base32::encode(&token.secret);
    assert!(!format!("{token:?}").contains(&secret));
    assert_eq!(format!("{:?}", token.hash()), "TokenHash(..)");
}

proptest! {
    #[test]
    fn text_and_back(random: [u8; JoinToken::RANDOM_BYTES], ca: [u8; 32]) {
        let token = JoinToken::new(random, Fingerprint::from_bytes(ca));
        let read = parse(&token.to_text()).unwrap();
        prop_assert_eq!(read.secret, token.secret);
        prop_assert_eq!(read.id().to_string().parse(), Ok(token.id()));
        prop_assert_eq!(read.ca().to_string().parse(), Ok(token.ca()));
    }

    #[test]
    fn any_text_is_safe_to_parse(text in ".{0,200}", prefixed in "hm1-[0-9a-z-]{0,120}") {
        prop_assert!(parse(&text).is_err());
        prop_assert!(parse(&prefixed).is_err());
    }
}
