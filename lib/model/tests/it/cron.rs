//! When cron expressions hold.

use hm_model::{CronExpression, Timestamp};
use proptest::prelude::*;

fn next(expression: &str, after: &str) -> String {
    let cron: CronExpression = expression.parse().unwrap();
    cron.next_after(after.parse().unwrap()).unwrap().to_string()
}

#[test]
fn the_next_time() {
    let cases = [
        ("* * * * *", "2025-06-10T22:00:00Z", "2025-06-10T22:01:00Z"),
        (
            "* * * * *",
            "2025-06-10T22:00:59.999999Z",
            "2025-06-10T22:01:00Z",
        ),
        (
            "*/15 8-18 * * mon-fri",
            "2025-06-13T18:45:00Z",
            "2025-06-16T08:00:00Z",
        ),
        ("0 0 * * 7", "2025-06-10T00:00:00Z", "2025-06-15T00:00:00Z"),
        (
            "0 0 * * fri-sun",
            "2025-06-14T00:00:00Z",
            "2025-06-15T00:00:00Z",
        ),
        (
            "30 4 1,15 * *",
            "2025-06-15T04:30:00Z",
            "2025-07-01T04:30:00Z",
        ),
        (
            "0 12 29 2 *",
            "2025-01-01T00:00:00Z",
            "2028-02-29T12:00:00Z",
        ),
        (
            "5/20 * * * *",
            "2025-06-10T22:25:00Z",
            "2025-06-10T22:45:00Z",
        ),
        (
            "59 23 31 12 *",
            "2025-12-31T23:59:00Z",
            "2026-12-31T23:59:00Z",
        ),
        ("@yearly", "2025-06-10T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("@weekly", "1969-12-31T23:59:59Z", "1970-01-04T00:00:00Z"),
    ];
    for (expression, after, expected) in cases {
        assert_eq!(
            next(expression, after),
            expected,
            "{expression} after {after}"
        );
    }
}

#[test]
fn two_restricted_days_are_alternatives_as_in_cron() {
    // The 13th, or a Friday.
    assert_eq!(
        next("0 0 13 * fri", "2025-06-10T00:00:00Z"),
        "2025-06-13T00:00:00Z"
    );
    assert_eq!(
        next("0 0 13 * fri", "2025-06-13T00:00:00Z"),
        "2025-06-20T00:00:00Z"
    );
    assert_eq!(
        next("0 0 13 * fri", "2025-07-11T00:00:00Z"),
        "2025-07-13T00:00:00Z"
    );
    // With a star both must hold.
    assert_eq!(
        next("0 0 */2 * fri", "2025-06-13T00:00:00Z"),
        "2025-06-27T00:00:00Z"
    );
}

#[test]
fn there_is_an_end_of_time() {
    let cron: CronExpression = "@daily".parse().unwrap();
    assert_eq!(cron.next_after(Timestamp::MAX), None);
}

#[test]
fn what_is_not_a_cron_expression_is_refused_with_its_field() {
    let wrong = [
        ("60 * * * *", "`60` is not a minute (0-59)"),
        ("* 24 * * *", "`24` is not an hour (0-23)"),
        ("* * 0 * *", "`0` is not a day of the month (1-31)"),
        ("* * * 13 *", "`13` is not a month (1-12 or jan-dec)"),
        ("* * * * 8", "`8` is not a day of the week (0-7 or sun-sat)"),
        ("* * * *", "five fields"),
        ("*/0 * * * *", "`*/0` is not a minute"),
        ("5-1 * * * *", "from large to small"),
        ("1,,2 * * * *", "is not a minute"),
        ("0 0 30 2 *", "no such day exists"),
        ("+1 * * * *", "`+1` is not a minute"),
        ("@reboot", "five fields"),
        ("", "five fields"),
    ];
    for (text, reason) in wrong {
        let message = text.parse::<CronExpression>().unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
}

proptest! {
    #[test]
    fn the_next_time_is_later_and_nothing_lies_between(
        minute in prop::option::of(0u8..60), hour in prop::option::of(0u8..24), weekday in prop::option::of(0u8..8),
        after in 0i64..4_000_000_000_000_000,
    ) {
        let field = |value: Option<u8>| value.map_or_else(|| "*".to_owned(), |value| value.to_string());
        let cron: CronExpression = format!("{} {} * * {}", field(minute), field(hour), field(weekday)).parse().unwrap();
        let after = Timestamp::from_micros(after);
        let next = cron.next_after(after).unwrap();
        prop_assert!(next > after);
        prop_assert_eq!(next.as_micros() % 60_000_000, 0);
        // Asked again from any earlier moment after `after`, the answer is the same.
        let middle = Timestamp::from_micros(after.as_micros().midpoint(next.as_micros()));
        prop_assert_eq!(cron.next_after(middle.min(Timestamp::from_micros(next.as_micros() - 1))), Some(next));
    }
}
