//! What people write in one piece.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use hm_model::*;

use crate::seeds;

/// Reads a text as one type and holds the parser to its promises.
fn read<T>(text: &str) -> Option<T>
where
    T: FromStr<Err = ParseError> + Display + PartialEq + Debug,
{
    match text.parse::<T>() {
        Ok(value) => {
            let printed = value.to_string();
            assert_eq!(
                printed.parse::<T>().as_ref(),
                Ok(&value),
                "{text:?} prints as {printed:?}"
            );
            Some(value)
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.chars().count() < 500, "a long message: {message}");
            assert!(
                !message.chars().any(char::is_control),
                "more than a line: {message:?}"
            );
            assert!(
                error.example.parse::<T>().is_ok(),
                "the example is wrong: {message}"
            );
            None
        }
    }
}

/// [`Name`] and its relatives, and ids.
pub fn names(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<Name>(text);
    read::<Namespace>(text);
    read::<NodeName>(text);
    read::<ObjectKey>(text);
    read::<UserName>(text);
    read::<ConfigKey>(text);
    read::<Code>(text);
    read::<NodeId>(text);
    read::<TokenId>(text);
    read::<RequestId>(text);
    read::<ReplicaId>(text);
    read::<RevisionNumber>(text);
    if let Some(name) = NodeName::from_hostname(text) {
        read::<NodeName>(name.as_str());
    }
}

pub(crate) fn name_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "web-1",
        "shop/web",
        "node-1.example.com",
        "alice@example.com",
        "app.toml",
        "shop/web.2-7k3f",
        "3v8qk2m7w0xth",
    ])
}

/// Quantities. What two of them add up to must print, too.
pub fn units(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<Cpu>(text);
    read::<Ratio>(text);
    read::<Amount>(text);
    if let Some(size) = read::<Bytes>(text) {
        read::<Bytes>(&size.saturating_add(size).to_string());
    }
    let span = read::<Span>(text).unwrap_or_default();
    if let Some(moment) = read::<Timestamp>(text) {
        read::<Timestamp>(&moment.saturating_add(span).to_string());
    }
    if let Ok(bits) = <[u8; 8]>::try_from(data) {
        let bits = u64::from_le_bytes(bits);
        for text in [
            Bytes::from_u64(bits).to_string(),
            Cpu::from_millis(bits).to_string(),
        ] {
            assert!(text.parse::<Bytes>().is_ok() || text.parse::<Cpu>().is_ok());
        }
        assert_eq!(
            Bytes::from_u64(bits).to_string().parse(),
            Ok(Bytes::from_u64(bits))
        );
        assert_eq!(
            Span::from_millis(bits).to_string().parse(),
            Ok(Span::from_millis(bits))
        );
        let moment = Timestamp::from_micros(bits.cast_signed());
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }
}

pub(crate) fn unit_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "0.5",
        "250m",
        "256M",
        "1.5Gi",
        "1h30m",
        "7d",
        "500ms",
        "25%",
        "2025-06-10T22:00:00.000001Z",
        "12345678",
    ])
}

/// Image references and digests.
pub fn images(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<Digest>(text);
    read::<PinnedImage>(text);
    if let Some(image) = read::<ImageReference>(text) {
        assert_eq!(
            image.short().parse(),
            Ok(image),
            "the short form of {text:?}"
        );
    }
}

pub(crate) fn image_seeds() -> Vec<Vec<u8>> {
    let pinned = format!("nginx:1.27@sha256:{}", "0123456789abcdef".repeat(4));
    let texts = [
        "nginx",
        "registry.example.com:5000/team/web:1.2",
        "[::1]:5000/web",
        "localhost/a__b/c-d.e",
        &pinned,
    ];
    seeds(&texts)
}

/// Labels and selectors. What a selector means must not depend on how it was written.
pub fn labels(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<LabelKey>(text);
    read::<LabelValue>(text);
    read::<LabelChange>(text);
    let mut labels = Labels::new();
    if let Some(Label { key, value }) = read::<Label>(text) {
        labels.insert(key, value);
    }
    if let Some(selector) = read::<Selector>(text) {
        let again = selector
            .to_string()
            .parse::<Selector>()
            .is_ok_and(|again| again.matches(&labels));
        assert_eq!(selector.matches(&labels), again);
    }
}

pub(crate) fn label_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "role=frontend",
        "role-",
        "hivemind.io/zone=a",
        "app=web,tier!=test,zone in (a|b),gpu,!old",
        "",
    ])
}

/// Ports, networks and policy ports.
pub fn network(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<Port>(text);
    read::<PolicyPort>(text);
    read::<Protocol>(text);
    if let Some(network) = read::<Cidr>(text) {
        assert!(network.contains(network.address()) && network.overlaps(network));
        let last = network.host(u64::from(*data.last().unwrap_or(&0)));
        assert!(last.is_none_or(|address| network.contains(address)));
        let half = network.subnet(network.prefix().saturating_add(1), 1);
        assert!(
            half.is_none_or(|half| network.overlaps(half) && !half.contains(network.address()))
        );
    }
}

pub(crate) fn network_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "80",
        "8080:80/udp",
        "127.0.0.1:8080:80",
        "[fd00::1]:53:53",
        "10.244.0.0/16",
        "fd00::/8",
        "udp:8000-8100",
    ])
}

/// Paths and mounts.
pub fn paths(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<Mount>(text);
    if let Some(path) = read::<AbsolutePath>(text) {
        assert!(
            !path
                .as_str()
                .split('/')
                .any(|part| matches!(part, "." | ".."))
        );
    }
}

pub(crate) fn path_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "/",
        "/var/lib/data/",
        "data:/var/lib/data:ro",
        "/etc/ssl:/etc/ssl",
        "config/app:/etc/app",
        "secret/tls:/tls",
    ])
}

/// Taints and tolerations.
pub fn placement(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    let toleration = read::<Toleration>(text);
    if let (Some(taint), Some(toleration)) = (read::<Taint>(text), toleration) {
        assert!(
            toleration.tolerates(&taint) || toleration.value.is_none(),
            "{text:?} does not tolerate itself"
        );
    }
}

pub(crate) fn placement_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "gpu=only:no-schedule",
        "gpu:NoExecute",
        "gpu=only",
        "*",
        "*:prefer-no-schedule",
    ])
}

/// One environment variable.
pub fn env(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<EnvName>(text);
    read::<EnvVar>(text);
}

pub(crate) fn env_seeds() -> Vec<Vec<u8>> {
    seeds(&["LOG_LEVEL=debug", "A=", "B=a=b c", "_c.d-e=é\n"])
}

/// Cron expressions. Every one that is accepted holds at some time.
pub fn cron(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    if let Some(cron) = read::<CronExpression>(text) {
        let first = cron.next_after(Timestamp::UNIX_EPOCH);
        assert!(
            first.is_some_and(|first| first > Timestamp::UNIX_EPOCH),
            "{text:?} never holds"
        );
    }
}

pub(crate) fn cron_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "*/15 8-18 * * mon-fri",
        "0 0 29 2 *",
        "5/20 1,2,3 1-31/2 jan-dec fri-sun",
        "@daily",
        "59 23 31 12 7",
    ])
}

/// Actors and what they act on.
pub fn actors(data: &[u8]) {
    let text = &String::from_utf8_lossy(data);
    read::<Actor>(text);
    read::<ObjectRef>(text);
    read::<ObjectRef>(&ObjectRef::new(ObjectKind::App, text).to_string());
}

pub(crate) fn actor_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "user/alice",
        "local/0",
        "node/3v8qk2m7w0xth",
        "system/scheduler",
        "app shop/web",
        "node node-1",
    ])
}

/// `KEY VALUE` as in `admin config set`.
pub fn settings(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (key, value) = text.split_once(' ').unwrap_or((&text, ""));
    let mut settings = Settings::default();
    let key = match SettingKey::find(key) {
        Ok(key) => key,
        Err(error) => {
            return assert!(
                !error.to_string().chars().any(char::is_control),
                "{error:?}"
            );
        }
    };
    match key.parse(value) {
        Ok(value) => {
            let before = settings.clone();
            match settings.set(key, value) {
                Ok(()) => assert_eq!(settings.get(key), value),
                Err(_) => assert_eq!(settings, before),
            }
            assert_eq!(key.parse(&value.to_string()), Ok(value));
        }
        Err(error) => assert!(
            !error.to_string().chars().any(char::is_control),
            "{error:?}"
        ),
    }
}

pub(crate) fn setting_seeds() -> Vec<Vec<u8>> {
    seeds(&[
        "network.vxlan_mtu 1450",
        "memory.overcommit_ratio 1.2",
        "scheduler.strategy binpack",
        "storage.io_weight 100",
    ])
}
