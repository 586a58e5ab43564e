//! Exact decimal fractions: `1.5` times a multiplier in integers, or an error, never a rounded float.

use crate::parse_error::{Reason, clip};

/// `text` (digits with at most one `.`) times `multiplier`.
pub(crate) fn scaled(text: &str, multiplier: u64, smallest: &'static str) -> Result<u64, Reason> {
    let not_a_number = || Reason::NotANumber { part: clip(text) };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err(not_a_number());
    }
    let whole: u64 = whole.parse().map_err(|_| Reason::TooLarge)?;
    let whole = whole.checked_mul(multiplier).ok_or(Reason::TooLarge)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return Ok(whole);
    }
    // 10^18 fits u64, and no multiplier here (at most 2^50) is divisible by more than that.
    let too_fine = || Reason::TooFine { smallest };
    let places = u32::try_from(fraction.len())
        .ok()
        .filter(|places| *places <= 18)
        .ok_or_else(too_fine)?;
    let numerator: u128 = fraction.parse().map_err(|_| not_a_number())?;
    let product = numerator * u128::from(multiplier);
    let denominator = 10u128.pow(places);
    if !product.is_multiple_of(denominator) {
        return Err(too_fine());
    }
    let part = u64::try_from(product / denominator).map_err(|_| Reason::TooLarge)?;
    whole.checked_add(part).ok_or(Reason::TooLarge)
}

/// Thousandths as a decimal without trailing zeros: 1500 is `1.5`.
pub(crate) fn thousandths(value: u128) -> String {
    let (whole, rest) = (value / 1000, value % 1000);
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:03}")
            .trim_end_matches('0')
            .to_owned()
    }
}
