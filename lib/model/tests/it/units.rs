//! Quantities: exact, and refused where they would not be.

use std::net::IpAddr;

use hm_model::*;

fn cpu(text: &str) -> u64 {
    text.parse::<Cpu>().unwrap().millis()
}

fn bytes(text: &str) -> u64 {
    text.parse::<Bytes>().unwrap().as_u64()
}

#[test]
fn cpu_is_exact_to_a_thousandth() {
    assert_eq!(
        [
            cpu("0.5"),
            cpu("2"),
            cpu("250m"),
            cpu("1.250"),
            cpu("0.001")
        ],
        [500, 2000, 250, 1250, 1]
    );
    assert_eq!(cpu("0.5000000000000000000000000000000"), 500);
    assert_eq!(Cpu::from_millis(1500).to_string(), "1.5");
    for wrong in [
        "",
        "m",
        ".5",
        "1.",
        "-1",
        "+1",
        "1.0005",
        "0.5m",
        "1e3",
        "1 ",
        "１",
        "99999999999999999999",
        "1.2.3",
    ] {
        assert!(wrong.parse::<Cpu>().is_err(), "{wrong}");
    }
}

#[test]
fn sizes_are_decimal_or_binary_as_written() {
    assert_eq!(bytes("256M"), 256_000_000);
    assert_eq!([bytes("256Mi"), bytes("256MiB")], [256 << 20, 256 << 20]);
    assert_eq!(
        [bytes("1.5G"), bytes("0.5Ki"), bytes("200G"), bytes("1T")],
        [1_500_000_000, 512, 200_000_000_000, 1_000_000_000_000]
    );
    assert_eq!(bytes("18446744073709551615"), u64::MAX);
    for wrong in [
        "",
        "G",
        "1.0001K",
        "1X",
        "1Gib",
        "1 G",
        "-1",
        "18446744073709551616",
        "20000P",
        "16384Pi",
        "0.5",
        "1.1Ki",
    ] {
        assert!(wrong.parse::<Bytes>().is_err(), "{wrong}");
    }
}

#[test]
fn sizes_print_as_short_as_they_can() {
    let printed = |bytes| Bytes::from_u64(bytes).to_string();
    assert_eq!(printed(0), "0");
    assert_eq!(printed(999), "999");
    assert_eq!(printed(1000), "1K");
    assert_eq!(printed(1024), "1Ki");
    assert_eq!(printed(1_500_000_000), "1.5G");
    assert_eq!(printed(3 << 29), "1.5Gi");
    assert_eq!(printed(256_000_000), "256M");
    assert_eq!(printed(1_000_001), "1000001");
}

#[test]
fn spans_add_up() {
    let millis = |text: &str| text.parse::<Span>().unwrap().as_millis();
    assert_eq!([millis("24h"), millis("1d")], [86_400_000, 86_400_000]);
    assert_eq!(
        [millis("90s"), millis("1m30s"), millis("500ms")],
        [90_000, 90_000, 500]
    );
    assert_eq!(millis("7d1h1m1s1ms"), 608_461_001);
    assert_eq!("24h".parse::<Span>().unwrap().to_string(), "1d");
    for wrong in [
        "",
        "90",
        "1.5h",
        "s",
        "1s1h",
        "1m1m",
        "1w",
        "1µs",
        "-1s",
        "1 s",
        "999999999999d",
        "18446744073709551615d",
    ] {
        assert!(wrong.parse::<Span>().is_err(), "{wrong}");
    }
}

#[test]
fn moments_are_utc_and_within_the_years_of_rfc_3339() {
    let moment: Timestamp = "2025-06-10T22:00:00Z".parse().unwrap();
    assert_eq!(moment.as_micros(), 1_749_592_800_000_000);
    assert_eq!("2025-06-11T00:00:00+02:00".parse(), Ok(moment));
    assert_eq!(
        moment.saturating_add(Span::from_secs(7200)).to_string(),
        "2025-06-11T00:00:00Z"
    );
    assert_eq!(
        moment.since(moment.saturating_sub(Span::from_millis(5))),
        Span::from_millis(5)
    );
    assert_eq!(moment.since(Timestamp::MAX), Span::ZERO);
    assert_eq!(Timestamp::from_micros(i64::MAX), Timestamp::MAX);
    assert_eq!(
        Timestamp::MIN.saturating_sub(Span::from_millis(u64::MAX)),
        Timestamp::MIN
    );
    assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00Z");
    for wrong in [
        "",
        "2025-06-10",
        "22:00",
        "2025-06-10T22:00:00",
        "2025-13-01T00:00:00Z",
        "-000001-01-01T00:00:00Z",
        "2025-06-10T22:00:00.0000001Z",
    ] {
        assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
    }
}

#[test]
fn short_image_names_mean_what_they_mean_to_docker() {
    let full = |text: &str| text.parse::<ImageReference>().unwrap().to_string();
    assert_eq!(full("nginx"), "docker.io/library/nginx:latest");
    assert_eq!(full("team/web:1.2"), "docker.io/team/web:1.2");
    assert_eq!(
        full("index.docker.io/nginx"),
        "docker.io/library/nginx:latest"
    );
    assert_eq!(full("localhost/web"), "localhost/web:latest");
    assert_eq!(full("registry:5000/web"), "registry:5000/web:latest");
    assert_eq!(full("[::1]:5000/web:2"), "[::1]:5000/web:2");
    let digest = format!("sha256:{}", "a1".repeat(32));
    assert_eq!(
        full(&format!("nginx@{digest}")),
        format!("docker.io/library/nginx@{digest}")
    );
    assert_eq!(
        "docker.io/library/nginx:latest"
            .parse::<ImageReference>()
            .unwrap()
            .short(),
        "nginx"
    );
    for wrong in [
        "",
        "Nginx",
        "nginx:",
        "nginx:a b",
        "a//b",
        "/a",
        "a/",
        "-a",
        "a..b",
        "nginx@sha256:12",
        "host:99999/a",
        "host.:5000/a",
        "a@b@c",
        "http://a/b",
        ":1",
        "@sha256:",
        "é",
    ] {
        assert!(wrong.parse::<ImageReference>().is_err(), "{wrong}");
    }
}

#[test]
fn a_pinned_image_has_a_digest() {
    let digest: Digest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    let image: ImageReference = "nginx:1.27".parse().unwrap();
    let pinned = image.pinned(digest.clone());
    assert_eq!(
        pinned.to_string(),
        format!("docker.io/library/nginx:1.27@{digest}")
    );
    assert_eq!(pinned.to_string().parse(), Ok(pinned));
    assert!("nginx:1.27".parse::<PinnedImage>().is_err());
}

#[test]
fn ports_in_all_their_forms() {
    let port = |text: &str| text.parse::<Port>().unwrap();
    assert_eq!(
        port("80"),
        Port {
            container: 80,
            protocol: Protocol::Tcp,
            publish: None
        }
    );
    assert_eq!(
        port("8080:80").publish,
        Some(Publish {
            address: None,
            host: 8080
        })
    );
    assert_eq!(port("8080:80/udp").protocol, Protocol::Udp);
    let loopback: IpAddr = "127.0.0.1".parse().unwrap();
    assert_eq!(
        port("127.0.0.1:8080:80").publish,
        Some(Publish {
            address: Some(loopback),
            host: 8080
        })
    );
    assert_eq!(port("[::1]:8080:80").to_string(), "[::1]:8080:80");
    for wrong in [
        "",
        "0",
        "65536",
        "80/icmp",
        ":80",
        "80:",
        "::1:80:80",
        "1.2.3:80:80",
        "a:80",
        "+80",
        "80:80:80:80",
    ] {
        assert!(wrong.parse::<Port>().is_err(), "{wrong}");
    }
}

#[test]
fn networks_hold_their_addresses() {
    let network: Cidr = "10.244.0.0/16".parse().unwrap();
    assert!(network.contains("10.244.255.1".parse().unwrap()));
    assert!(!network.contains("10.245.0.1".parse().unwrap()));
    assert!(!network.contains("::1".parse().unwrap()));
    assert_eq!(
        network.subnet(24, 255).map(|n| n.to_string()),
        Some("10.244.255.0/24".to_owned())
    );
    assert_eq!(network.subnet(24, 256), None);
    assert_eq!(network.subnet(8, 0), None);
    assert_eq!(network.host(257), Some("10.244.1.1".parse().unwrap()));
    assert_eq!(network.host(65536), None);
    let everything: Cidr = "::/0".parse().unwrap();
    assert!(everything.contains("fd00::1".parse().unwrap()));
    assert!(everything.host(u64::MAX).is_some());
    assert!(network.overlaps("10.0.0.0/8".parse().unwrap()));
    let wrong = "10.1.2.3/8".parse::<Cidr>().unwrap_err().to_string();
    assert!(wrong.contains("did you mean `10.0.0.0/8`"), "{wrong}");
    for wrong in [
        "",
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/08",
        "10.0.0/8",
        "fd00::/129",
        "/8",
    ] {
        assert!(wrong.parse::<Cidr>().is_err(), "{wrong}");
    }
}

#[test]
fn environment_files_name_the_line_that_is_wrong() {
    let text = "\u{feff}# a comment\n\nA=1\r\n  B=two = 2\nC=\"quoted\"\n";
    let variables: Vec<String> = parse_env_file(text)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(variables, ["A=1", "B=two = 2", "C=\"quoted\""]);
    let error = parse_env_file("A=1\n\nsecret words").unwrap_err();
    assert_eq!(error.line, 3);
}

#[test]
fn amounts_of_replicas() {
    let of = |text: &str, total| {
        let amount: Amount = text.parse().unwrap();
        (amount.of(total), amount.of_rounded_up(total))
    };
    assert_eq!(of("25%", 10), (2, 3));
    assert_eq!(of("100%", u32::MAX), (u32::MAX, u32::MAX));
    assert_eq!(of("3", 10), (3, 3));
    assert_eq!(Ratio::from_thousandths(1200).of(u64::MAX), u64::MAX);
    assert_eq!(Ratio::from_thousandths(1200).of(1001), 1201);
}

#[test]
fn selectors_match_labels() {
    let labels: Labels = [("app", "web"), ("tier", "front")]
        .map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()))
        .into();
    let matches = |text: &str| text.parse::<Selector>().unwrap().matches(&labels);
    for yes in [
        "",
        "app=web",
        "app==web",
        "app",
        "!gpu",
        "gpu!=yes",
        "app in (api|web)",
        "app=web, tier=front",
    ] {
        assert!(matches(yes), "{yes}");
    }
    for no in [
        "app=api",
        "app!=web",
        "!app",
        "gpu",
        "app in (api)",
        "app=web,gpu",
    ] {
        assert!(!matches(no), "{no}");
    }
}

#[test]
fn tolerations_match_taints() {
    let taint: Taint = "gpu=only:no-schedule".parse().unwrap();
    let tolerates = |text: &str| text.parse::<Toleration>().unwrap().tolerates(&taint);
    for yes in [
        "gpu=only:NoSchedule",
        "gpu=only",
        "gpu",
        "*",
        "*:no-schedule",
    ] {
        assert!(tolerates(yes), "{yes}");
    }
    for no in ["gpu=other", "gpu:no-execute", "disk", "*:no-execute"] {
        assert!(!tolerates(no), "{no}");
    }
}

#[test]
fn host_names_become_node_names() {
    let name = |host: &str| NodeName::from_hostname(host).map(|name| name.to_string());
    assert_eq!(name("My_Host."), Some("my-host".to_owned()));
    assert_eq!(
        name("node-1.example.com\n"),
        Some("node-1.example.com".to_owned())
    );
    assert_eq!(name("10.0.0.1"), Some("10.0.0.1".to_owned()));
    assert_eq!(name("höst"), None);
    assert_eq!(name(""), None);
}
