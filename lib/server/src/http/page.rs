//! Paging: one page of a table in the order of its keys, resumed after the last key it showed.

use std::fmt::{Display, Write as _};
use std::ops::Bound;
use std::str::FromStr;

use hm_api::list::{LIMIT_DEFAULT, List};
use hm_api::{ErrorCode, Problem};
use hm_state::{Record, Table};

/// Where a page begins and how long it is.
#[derive(Debug)]
pub(super) struct Page<K> {
    pub(super) after: Option<K>,
    limit: usize,
}

impl<K: FromStr + Display> Page<K> {
    pub(super) fn asked(limit: Option<u32>, next: Option<&str>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(LIMIT_DEFAULT) as usize;
        let after = next
            .map(|token| decode(token).ok_or_else(|| wrong_token(token)))
            .transpose()?;
        Ok(Self { after, limit })
    }

    /// The items that follow, as many as fit, and where to go on if there are more.
    pub(super) fn of<T>(&self, items: impl Iterator<Item = (K, T)>, revision: u64) -> List<T> {
        let mut items = items.peekable();
        let mut page = Vec::new();
        let mut last = None;
        while page.len() < self.limit
            && let Some((key, item)) = items.next()
        {
            page.push(item);
            last = Some(key);
        }
        let next = items.peek().and(last).map(|key| encode(&key));
        List {
            items: page,
            revision,
            next,
        }
    }
}

impl<K: FromStr + Display + Ord + Clone> Page<K> {
    /// The part of a table that this page begins with.
    pub(super) fn rest<'t, T: Clone>(
        &self,
        table: &'t Table<K, T>,
    ) -> impl Iterator<Item = (&'t K, &'t Record<T>)> {
        let start = self
            .after
            .as_ref()
            .map_or(Bound::Unbounded, Bound::Excluded)
            .cloned();
        table.range((start, Bound::Unbounded))
    }
}

/// A key as a token: hexadecimal, so that it needs no escaping and invites no guessing.
fn encode(key: &impl Display) -> String {
    key.to_string()
        .bytes()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn decode<K: FromStr>(token: &str) -> Option<K> {
    let digits: Vec<u8> = token
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let bytes = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    String::from_utf8(bytes).ok()?.parse().ok()
}

fn wrong_token(token: &str) -> Problem {
    let token: String = token.chars().take(40).collect();
    Problem::new(
        ErrorCode::Invalid,
        format!("`continue`: `{token}` is not where a page of this list ended"),
    )
    .with_hint("start the list anew, without `continue`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_double() {
        let all: Vec<u64> = (0..10).collect();
        let mut token: Option<String> = None;
        let mut seen = Vec::new();
        for _ in 0..5 {
            let page: Page<u64> = Page::asked(Some(3), token.as_deref()).expect("a page");
            let rest = all
                .iter()
                .filter(|n| page.after.is_none_or(|after| **n > after))
                .map(|n| (*n, *n));
            let list = page.of(rest, 7);
            seen.extend(list.items);
            token = list.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert_eq!(token, None);
    }

    #[test]
    fn a_made_up_token_is_refused() {
        for token in ["zz", "3", "ff", "6161"] {
            assert_eq!(
                Page::<u64>::asked(None, Some(token))
                    .expect_err("refused")
                    .code,
                ErrorCode::Invalid,
                "{token}"
            );
        }
    }
}
