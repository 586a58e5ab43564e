//! Moments and lengths of time as people like them: `3m`, `in 2h`.

/// How long ago a moment was, both in seconds since the Unix epoch; one that is still to come says so.
pub fn age(moment: i64, now: i64) -> String {
    match now.saturating_sub(moment) {
        passed @ 0.. => short(passed.unsigned_abs()),
        ahead => format!("in {}", short(ahead.unsigned_abs())),
    }
}

/// A length of time in its one or two largest units.
fn short(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => two(seconds, (60, "m"), (1, "s")),
        3600..86_400 => two(seconds, (3600, "h"), (60, "m")),
        86_400.. => two(seconds, (86_400, "d"), (3600, "h")),
    }
}

/// Large units, and small ones while there are less than ten large ones.
fn two(seconds: u64, large: (u64, &str), small: (u64, &str)) -> String {
    let (count, rest) = (seconds / large.0, seconds % large.0 / small.0);
    if count < 10 && rest > 0 {
        format!("{count}{}{rest}{}", large.1, small.1)
    } else {
        format!("{count}{}", large.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_get_coarser_as_they_grow() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (90, "1m30s"),
            (600, "10m"),
            (659, "10m"),
            (3600, "1h"),
            (5400, "1h30m"),
            (36_000, "10h"),
            (86_400, "1d"),
            (90_000, "1d1h"),
            (864_000, "10d"),
            (-90, "in 1m30s"),
        ] {
            assert_eq!(
                age(1_000_000_000 - seconds, 1_000_000_000),
                text,
                "{seconds}"
            );
        }
        assert_eq!(age(i64::MIN, i64::MAX), "106751991167300d");
    }
}
