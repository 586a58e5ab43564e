//! Request ids: given by the caller to make retries safe, made up otherwise, always echoed.

use axum::http::HeaderMap;
use hm_api::{ErrorCode, Problem, REQUEST_ID_HEADER};
use hm_model::RequestId;
use hm_ports::Random;

/// The id the caller gave, if any: as we write them, 32 hexadecimal digits, or a UUID.
pub(super) fn given(headers: &HeaderMap) -> Result<Option<RequestId>, Problem> {
    let mut values = headers.get_all(REQUEST_ID_HEADER).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .ok()
            .and_then(parse)
            .map(Some)
            .ok_or_else(wrong),
        (Some(_), Some(_)) => Err(wrong()),
    }
}

pub(super) fn made_up(random: &dyn Random) -> RequestId {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    RequestId::from_u128(u128::from_be_bytes(bytes))
}

fn parse(text: &str) -> Option<RequestId> {
    let hexadecimal = match text.len() {
        32 => text.to_owned(),
        36 => {
            let dashes = [8, 13, 18, 23];
            let placed = text
                .bytes()
                .enumerate()
                .all(|(i, byte)| (byte == b'-') == dashes.contains(&i));
            placed.then(|| text.replace('-', ""))?
        }
        _ => return text.parse().ok(),
    };
    let digits = hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| {
        u128::from_str_radix(&hexadecimal, 16)
            .ok()
            .map(RequestId::from_u128)
    })?
}

fn wrong() -> Problem {
    Problem::new(
        ErrorCode::Invalid,
        format!(
            "header `{REQUEST_ID_HEADER}` must be given once, as 26 characters of base 32, 32 hexadecimal digits or a UUID"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_one_id() {
        let id = RequestId::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        for text in [
            "0123456789abcdef0123456789ABCDEF",
            "01234567-89ab-cdef-0123-456789abcdef",
            &id.to_string(),
        ] {
            assert_eq!(parse(text), Some(id), "{text}");
        }
        for text in [
            "",
            "1",
            "0123456789abcdef0123456789abcdeg",
            "012345678-9ab-cdef-0123-456789abcdef",
            "+123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
