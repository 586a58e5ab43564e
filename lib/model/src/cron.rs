//! Cron expressions: five fields, and when they next hold.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::Timestamp;
use crate::parse_error::{Expected, ParseError, Reason, clip};
use crate::text::serde_as_text;

/// Minute, hour, day of month, month, day of week, as cron has them: `*/15 8-18 * * mon-fri`, or `@hourly`, `@daily`,
/// `@weekly`, `@monthly`, `@yearly`. If both days are given, either suffices. Times are UTC.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CronExpression {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// Bit 0 is Sunday.
    weekdays: u64,
    days_rule: DaysRule,
}

/// How the day of the month and the day of the week go together.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum DaysRule {
    /// One of them starts with `*`: both must hold.
    Both,
    /// Both are restricted: one must hold.
    Either,
}

/// One of the five fields.
struct Field {
    rule: &'static str,
    min: u8,
    max: u8,
    names: &'static [&'static str],
}

const CRON: Expected = Expected {
    what: "a cron expression",
    example: "*/15 8-18 * * mon-fri",
};
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Field; 5] = [
    Field {
        rule: "is not a minute (0-59)",
        min: 0,
        max: 59,
        names: &[],
    },
    Field {
        rule: "is not an hour (0-23)",
        min: 0,
        max: 23,
        names: &[],
    },
    Field {
        rule: "is not a day of the month (1-31)",
        min: 1,
        max: 31,
        names: &[],
    },
    Field {
        rule: "is not a month (1-12 or jan-dec)",
        min: 1,
        max: 12,
        names: MONTHS,
    },
    Field {
        rule: "is not a day of the week (0-7 or sun-sat)",
        min: 0,
        max: 7,
        names: WEEKDAYS,
    },
];
/// February 29th on a given weekday returns within 40 years at worst, around a year that is no leap year.
const HORIZON_DAYS: u32 = 41 * 366;

impl CronExpression {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first time after `after` at which it holds; none if it never does, such as on February 30th.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let start = jiff::Timestamp::from_microsecond(after.as_micros())
            .ok()?
            .to_zoned(TimeZone::UTC)
            .datetime();
        let minute_of_day =
            u32::from(start.hour().unsigned_abs()) * 60 + u32::from(start.minute().unsigned_abs());
        let mut date = start.date();
        let mut earliest = minute_of_day + 1;
        for _ in 0..HORIZON_DAYS {
            if let Some(minute) = self
                .day_holds(date)
                .then(|| self.first_minute(earliest))
                .flatten()
            {
                return at(date, minute);
            }
            earliest = 0;
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn day_holds(&self, date: Date) -> bool {
        let has = |set: u64, number: i8| set & (1 << number) != 0;
        if !has(self.months, date.month()) {
            return false;
        }
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        match self.days_rule {
            DaysRule::Both => day && weekday,
            DaysRule::Either => day || weekday,
        }
    }

    /// The first minute of a day that holds and is not before `earliest`.
    fn first_minute(&self, earliest: u32) -> Option<u32> {
        (earliest..24 * 60).find(|minute| {
            self.hours & (1 << (minute / 60)) != 0 && self.minutes & (1 << (minute % 60)) != 0
        })
    }
}

fn at(date: Date, minute_of_day: u32) -> Option<Timestamp> {
    let (hour, minute) = (
        i8::try_from(minute_of_day / 60).ok()?,
        i8::try_from(minute_of_day % 60).ok()?,
    );
    let moment = date.at(hour, minute, 0, 0).to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(moment.timestamp().as_microsecond()))
}

impl FromStr for CronExpression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).map_err(|reason| CRON.but(text, reason))
    }
}

fn parse(text: &str) -> Result<CronExpression, Reason> {
    let written = match text.trim() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    };
    let parts: Vec<&str> = written.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts[..] else {
        return Err(Reason::Rule(
            "it must have five fields: minute, hour, day of month, month, day of week",
        ));
    };
    let [minutes, hours, days, months, weekdays] = &FIELDS;
    let set = field(weekday, weekdays)?;
    // Sunday is 0 and 7.
    let set = (set | set >> 7) & 0x7f;
    let days_rule = if day.starts_with('*') || weekday.starts_with('*') {
        DaysRule::Both
    } else {
        DaysRule::Either
    };
    let text = parts.join(" ");
    let (minutes, hours) = (field(minute, minutes)?, field(hour, hours)?);
    let (days, months) = (field(day, days)?, field(month, months)?);
    let cron = CronExpression {
        text,
        minutes,
        hours,
        days,
        months,
        weekdays: set,
        days_rule,
    };
    if cron.next_after(Timestamp::UNIX_EPOCH).is_none() {
        return Err(Reason::Rule("no such day exists"));
    }
    Ok(cron)
}

/// The set of one field as bits: a list of `*`, numbers and ranges, each with an optional `/step`.
fn field(text: &str, field: &Field) -> Result<u64, Reason> {
    text.split(',')
        .try_fold(0, |set, item| Ok(set | one_item(item, field)?))
}

fn one_item(text: &str, field: &Field) -> Result<u64, Reason> {
    let wrong = || Reason::Part {
        part: clip(text),
        rule: field.rule,
    };
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (
            range,
            number(step).filter(|step| *step > 0).ok_or_else(wrong)?,
        ),
        None => (text, 1),
    };
    let value = |text: &str| -> Option<u8> {
        let named = field
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text));
        let named = named
            .and_then(|i| u8::try_from(i).ok())
            .map(|i| i + field.min);
        named
            .or_else(|| number(text))
            .filter(|n| (field.min..=field.max).contains(n))
    };
    let (first, last) = match range.split_once('-') {
        _ if range == "*" => (field.min, field.max),
        Some((first, last)) => {
            let (first, last) = (
                value(first).ok_or_else(wrong)?,
                value(last).ok_or_else(wrong)?,
            );
            // `fri-sun` ends with the other number of Sunday.
            (
                first,
                if last == 0 && first > 0 && field.max == 7 {
                    7
                } else {
                    last
                },
            )
        }
        // `5/10` means from 5 on, as in most crons.
        None if text.contains('/') => (value(range).ok_or_else(wrong)?, field.max),
        None => {
            let only = value(range).ok_or_else(wrong)?;
            (only, only)
        }
    };
    if first > last {
        return Err(Reason::Part {
            part: clip(text),
            rule: "is a range from large to small",
        });
    }
    Ok((first..=last)
        .step_by(step.into())
        .fold(0, |set, n| set | 1 << n))
}

fn number(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

impl fmt::Display for CronExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

serde_as_text!(
    CronExpression,
    "a cron expression such as `*/15 8-18 * * mon-fri`"
);
