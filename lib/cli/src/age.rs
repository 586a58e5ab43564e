//! Moments and lengths of time as people like them: `3m`, `in 2h`.

use hm_model::{Span, Timestamp};

/// How long ago a moment was; one that is still to come says so.
pub(crate) fn age(moment: Timestamp, now: Timestamp) -> String {
    if moment > now {
        format!("in {}", short(moment.since(now)))
    } else {
        short(now.since(moment))
    }
}

/// A length of time in its one or two largest units.
fn short(span: Span) -> String {
    match span.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => two(seconds, (60, "m"), (1, "s")),
        seconds @ 3600..86_400 => two(seconds, (3600, "h"), (60, "m")),
        seconds @ 86_400.. => two(seconds, (86_400, "d"), (3600, "h")),
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
            let now = Timestamp::from_micros(1_000_000_000_000_000);
            let moment = Timestamp::from_micros(now.as_micros() - seconds * 1_000_000);
            assert_eq!(age(moment, now), text, "{seconds}");
        }
    }
}
