//! Every text form reads back to the same value, through `Display` and through each format.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use hm_model::*;
use proptest::prelude::*;
use proptest::string::string_regex;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Parses, prints and parses again; the same through JSON and CBOR.
fn round_trip<T>(text: &str)
where
    T: FromStr<Err = ParseError> + Display + PartialEq + Debug + Serialize + DeserializeOwned,
{
    let value: T = text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}"));
    let printed = value.to_string();
    assert_eq!(
        printed.parse::<T>().as_ref(),
        Ok(&value),
        "{text:?} printed as {printed:?}"
    );
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(
        serde_json::from_str::<T>(&json).unwrap(),
        value,
        "{text:?} as {json}"
    );
    let mut cbor = Vec::new();
    ciborium::into_writer(&value, &mut cbor).unwrap();
    assert_eq!(
        ciborium::from_reader::<T, _>(&cbor[..]).unwrap(),
        value,
        "{text:?} as CBOR"
    );
}

macro_rules! round_trips {
    ($($name:ident: $type:ty = $regex:expr;)+) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(128))]
            $(
                #[test]
                fn $name(text in string_regex($regex).unwrap()) {
                    round_trip::<$type>(&text);
                }
            )+
        }
    };
}

const LABEL: &str = "[a-z]([a-z0-9-]{0,20}[a-z0-9])?";

round_trips! {
    name: Name = "[a-z]([a-z0-9-]{0,61}[a-z0-9])?";
    namespace: Namespace = LABEL;
    node_name: NodeName = "[a-z0-9]{1,9}(\\.[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?){0,4}";
    object_key: ObjectKey = "([a-z]{1,9}/)?[a-z]([a-z0-9-]{0,9}[a-z0-9])?";
    label: Label = "([a-z][a-z.]{0,3}[a-z]/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[a-z0-9])?=([A-Za-z0-9]([A-Za-z0-9._-]{0,20}[a-z0-9])?)?";
    selector: Selector = "(([a-z]{1,5}(=|==|!=)[a-z0-9]{0,4}|!?[a-z]{1,5}|[a-z]{1,5} in \\(([a-z]{1,3}\\|){0,3}[a-z]{1,3}\\)), ?){0,4}[a-z]{1,5}";
    node_id: NodeId = "[0-9a-f][0-9a-hjkmnp-tv-z]{12}";
    token_id: TokenId = "[0-9a-f][0-9a-hjkmnp-tv-z]{12}";
    request_id: RequestId = "[0-7][0-9a-hjkmnp-tv-z]{25}";
    replica_id: ReplicaId = "([a-z]{1,9}/)?[a-z]{1,9}\\.(0|[1-9][0-9]{0,8})-(0|[1-9a-hjkmnp-tv-z][0-9a-hjkmnp-tv-z]{0,11})";
    cpu: Cpu = "([0-9]{1,12}(\\.[0-9]{1,3})?|[0-9]{1,15}m)";
    bytes: Bytes = "[0-9]{1,4}(K|M|G|T|P|k|Ki|Mi|Gi|Ti|Pi|KB|MiB|B|)";
    bytes_with_fraction: Bytes = "[0-9]{1,3}\\.[0-9]{1,3}(K|M|G|T|P)";
    span: Span = "([0-9]{1,3}d)?([0-9]{1,3}h)?([0-9]{1,3}m)?([0-9]{1,3}s)?[0-9]{1,6}ms";
    timestamp: Timestamp = "[1-8][0-9]{3}-(0[1-9]|1[0-2])-[0-2][1-8]T(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|\\+02:00)";
    image: ImageReference = "(([a-z]{1,5}\\.){1,2}[a-z]{2}(:[1-9][0-9]{0,3})?/)?([a-z0-9]{1,8}((\\.|_|__|-{1,3})[a-z0-9]{1,3})?/){0,3}[a-z0-9]{1,8}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?(@sha256:[0-9a-f]{64})?";
    pinned_image: PinnedImage = "[a-z]{1,8}(:[a-z0-9][a-z0-9.]{0,3}[a-z])?@sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})";
    port: Port = "([1-9][0-9]{0,3}:)?[1-9][0-9]{0,3}(/(tcp|udp))?";
    port_on_an_address: Port = "(10\\.[1-9][0-9]?\\.0\\.1|\\[fd00::[0-9a-f]{1,4}\\]):[1-9][0-9]{0,3}:[1-9][0-9]{0,3}(/udp)?";
    mount: Mount = "([a-z]{1,9}|/[a-z]{1,5}(/[a-z.]{3,5})?|config/[a-z]{1,9}|secret/[a-z]{1,9}):/[a-z]{1,5}(/[a-z ]{1,5})?/?(:ro)?";
    env_variable: EnvVar = "[A-Za-z_][A-Za-z0-9_.-]{0,20}=[^\0]{0,40}";
    cidr4: Cidr = "[1-9][0-9]?\\.0\\.0\\.0/(8|9|1[0-9]|2[0-9]|3[0-2])";
    cidr6: Cidr = "fd[0-9a-f]{2}::/(1[6-9]|[2-9][0-9]|12[0-8])";
    path: AbsolutePath = "(/[a-zA-Z0-9_é -]{1,9}){0,5}/";
    amount: Amount = "([0-9]{1,9}|[1-9]?[0-9]%|100%)";
    ratio: Ratio = "[0-9]{1,9}(\\.[0-9]{0,2}[0-9])?";
    taint: Taint = "[a-z]{1,9}(=[a-z0-9]{0,9})?:(no-schedule|prefer-no-schedule|NoExecute)";
    toleration: Toleration = "(\\*|[a-z]{1,9}(=[a-z0-9]{0,9})?)(:(no-schedule|no-execute))?";
    policy_port: PolicyPort = "(tcp|udp)(:[1-9][0-9]{0,2}(-[1-9][0-9]{3})?)?";
    actor: Actor = "(user/[a-z0-9][a-z0-9@._-]{0,9}|local/(0|[1-9][0-9]{0,8})|node/[0-9a-f][0-9a-h]{12}|system/[a-z]{1,9})";
    object_ref: ObjectRef = "(app|node|cron-job) [^\\pC]{0,60}";
    code: Code = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    config_key: ConfigKey = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,40}";
    user_name: UserName = "[a-z0-9][a-z0-9@._-]{0,63}";
    cron_expression: CronExpression = "(\\*|[0-5]?[0-9])(/[1-9])? (\\*|[0-9]|1[0-9]|2[0-3]|8-18/2) (\\*|[1-9]|1,15) (\\*|[1-9]|jan-mar) (\\*|[0-7]|mon-fri|FRI-SUN)";
    digest: Digest = "sha256:[0-9a-f]{64}";
}

proptest! {
    #[test]
    fn quantities_from_numbers(bits: u64, micros: i64) {
        round_trip::<Cpu>(&Cpu::from_millis(bits).to_string());
        round_trip::<Bytes>(&Bytes::from_u64(bits).to_string());
        round_trip::<Span>(&Span::from_millis(bits).to_string());
        round_trip::<Ratio>(&Ratio::from_thousandths(bits).to_string());
        let moment = Timestamp::from_micros(micros);
        prop_assert_eq!(moment.to_string().parse::<Timestamp>(), Ok(moment));
    }

    #[test]
    fn sizes_of_whole_units(count in 0u64..4096, power in 0u32..6) {
        for size in [count.saturating_mul(1000u64.pow(power)), count << (10 * power)] {
            let size = Bytes::from_u64(size);
            prop_assert_eq!(size.to_string().parse::<Bytes>(), Ok(size));
        }
    }

    #[test]
    fn moments_the_state_can_hold(micros in Timestamp::MIN.as_micros()..=Timestamp::MAX.as_micros()) {
        round_trip::<Timestamp>(&Timestamp::from_micros(micros).to_string());
    }

    #[test]
    fn ids_from_numbers(high: u64, low: u64, slot: u32) {
        round_trip::<NodeId>(&NodeId::from_u64(high).to_string());
        round_trip::<RequestId>(&RequestId::from_u128(u128::from(high) << 64 | u128::from(low)).to_string());
        let app: ObjectKey = "shop/web".parse().unwrap();
        let id = ReplicaId { app, slot, incarnation: high };
        prop_assert_eq!(id.to_string().parse::<ReplicaId>(), Ok(id));
    }

    #[test]
    fn image_short_forms_mean_the_same(text in "((docker\\.io|ghcr\\.io)/)?(library/|team/)?[a-z]{1,5}(:latest|:1)?") {
        let image: ImageReference = text.parse().unwrap();
        prop_assert_eq!(image.short().parse::<ImageReference>(), Ok(image));
    }

    #[test]
    fn incarnations_sort_like_their_text(one: u32, other: u32) {
        // Identities of equal length compare the same as text and as numbers, so that listings are in order.
        let [one, other] = [one, other].map(|bits| NodeId::from_u64(bits.into()));
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
    }
}

#[test]
fn words_read_back() {
    fn all<
        T: FromStr<Err = ParseError> + Display + PartialEq + Debug + Serialize + DeserializeOwned,
    >(
        words: &[T],
    ) {
        for word in words {
            round_trip::<T>(&word.to_string());
        }
    }
    all(Mode::ALL);
    all(RestartPolicy::ALL);
    all(OnNodeLoss::ALL);
    all(Phase::ALL);
    all(NodeState::ALL);
    all(StopSignal::ALL);
    all(SettingKey::ALL);
    all(Resource::ALL);
    all(Action::ALL);
    all(ObjectKind::ALL);
    all(Balancing::ALL);
    all(TaintEffect::ALL);
}
