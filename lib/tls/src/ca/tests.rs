use proptest::prelude::*;

use super::*;
use crate::identity::{Identity, IdentityError};
use crate::trust::{Trust, TrustError};
use crate::validity::at;

const NOW: u64 = 1_800_000_000;

fn subject(node: NodeId) -> NodeSubject {
    NodeSubject {
        node,
        names: vec![],
        addresses: vec![],
    }
}

fn ca() -> ClusterCa {
    ClusterCa::create("test", at(NOW)).unwrap()
}

fn names_of(certificate: &NodeCertificate) -> Vec<String> {
    let parsed = certificate::parse(certificate.der()).unwrap();
    let names = parsed.subject_alternative_name().unwrap().unwrap();
    names
        .value
        .general_names
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_ca_survives_storage_and_signs_alike() {
    let ca = ca();
    let key = PrivateKey::from_pkcs8_der(ca.key().pkcs8_der()).unwrap();
    let stored = ClusterCa::from_parts(ca.certificate().der().clone(), key).unwrap();
    assert_eq!(stored.fingerprint(), ca.fingerprint());

    let node = NodeId::from_u64(7);
    let key = PrivateKey::generate().unwrap();
    let request = key.certificate_request().unwrap();
    let certificate = stored
        .sign(&request, &subject(node), Validity::of_node(at(NOW)))
        .unwrap();
    assert_eq!(certificate.node(), node);
    assert!(Identity::new(certificate, ca.certificate().clone(), key).is_ok());
}

#[test]
fn a_ca_and_a_foreign_key_do_not_fit() {
    let error = ClusterCa::from_parts(
        ca().certificate().der().clone(),
        PrivateKey::generate().unwrap(),
    );
    assert_eq!(error.unwrap_err(), CaError::KeyMismatch);
}

#[test]
fn a_certificate_names_its_node_and_what_browsers_type() {
    let request = PrivateKey::generate()
        .unwrap()
        .certificate_request()
        .unwrap();
    let subject = NodeSubject {
        node: NodeId::from_u64(1),
        names: vec!["Alpha".to_owned(), "localhost".to_owned()],
        addresses: vec!["10.0.0.1".parse().unwrap(), "127.0.0.1".parse().unwrap()],
    };
    let certificate = ca()
        .sign(&request, &subject, Validity::of_node(at(NOW)))
        .unwrap();
    let names = names_of(&certificate).join(" ");
    assert!(
        names.contains("DNSName(0000000000001.node.hivemind)"),
        "{names}"
    );
    assert!(names.contains("DNSName(alpha)"), "{names}");
    assert_eq!(names.matches("localhost").count(), 1, "{names}");
    assert_eq!(names.matches("IPAddress").count(), 3, "{names}");
}

#[test]
fn nobody_gets_the_name_of_another_node() {
    let request = PrivateKey::generate()
        .unwrap()
        .certificate_request()
        .unwrap();
    for name in [
        "0000000000002.node.hivemind",
        "X.NODE.HIVEMIND",
        "0000000000002.node.hivemind.",
    ] {
        let mut subject = subject(NodeId::from_u64(1));
        subject.names.push(name.to_owned());
        let error = ca()
            .sign(&request, &subject, Validity::of_node(at(NOW)))
            .unwrap_err();
        assert_eq!(error, CaError::ReservedName(name.to_owned()));
    }
    let mut subject = subject(NodeId::from_u64(1));
    subject.names.push("two words".to_owned());
    let error = ca()
        .sign(&request, &subject, Validity::of_node(at(NOW)))
        .unwrap_err();
    assert_eq!(error, CaError::BadName("two words".to_owned()));
}

#[test]
fn no_certificate_outlives_its_ca() {
    let ca = ca();
    let end = ca.certificate().validity().not_after;
    let request = PrivateKey::generate()
        .unwrap()
        .certificate_request()
        .unwrap();
    let late = at(end.as_secs() - 1000);
    let certificate = ca
        .sign(
            &request,
            &subject(NodeId::from_u64(1)),
            Validity::of_node(late),
        )
        .unwrap();
    assert_eq!(certificate.validity().not_after, end);
    let too_late = Validity::of_node(at(end.as_secs() + 2 * 3600));
    let error = ca
        .sign(&request, &subject(NodeId::from_u64(1)), too_late)
        .unwrap_err();
    assert_eq!(error, CaError::Expired);
}

#[test]
fn absurd_times_and_names_are_refused() {
    assert_eq!(
        ClusterCa::create("test", at(u64::MAX)).unwrap_err(),
        CaError::BadTime
    );
    assert!(matches!(
        ClusterCa::create("", at(NOW)),
        Err(CaError::BadClusterName(_))
    ));
    assert!(matches!(
        ClusterCa::create("a\nb", at(NOW)),
        Err(CaError::BadClusterName(_))
    ));
}

#[test]
fn requests_are_checked() {
    let ca = ca();
    let validity = Validity::of_node(at(NOW));
    let mut request = PrivateKey::generate()
        .unwrap()
        .certificate_request()
        .unwrap();
    *request.last_mut().unwrap() ^= 1;
    let error = ca
        .sign(&request, &subject(NodeId::from_u64(1)), validity)
        .unwrap_err();
    assert!(matches!(error, CaError::BadRequest { .. }), "{error}");

    let other = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let request = CertificateParams::default()
        .serialize_request(&other)
        .unwrap();
    let error = ca
        .sign(request.der(), &subject(NodeId::from_u64(1)), validity)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the certificate request cannot be accepted: its key is not ECDSA P-256"
    );

    let error = ca
        .sign(&[0; 5000], &subject(NodeId::from_u64(1)), validity)
        .unwrap_err();
    assert!(error.to_string().contains("5000 bytes"), "{error}");
}

#[test]
fn files_come_back_and_their_faults_are_named() {
    let ca = ca();
    let key = PrivateKey::generate().unwrap();
    let request = key.certificate_request().unwrap();
    let certificate = ca
        .sign(
            &request,
            &subject(NodeId::from_u64(1)),
            Validity::of_node(at(NOW)),
        )
        .unwrap();
    let key_pem = key.to_pem();
    let identity = Identity::new(certificate, ca.certificate().clone(), key).unwrap();
    let chain_pem = identity.chain_to_pem();
    let read = |chain: &str, key: &str| Identity::from_pem(chain.as_bytes(), key.as_bytes());

    let back = read(&format!("a comment\n{chain_pem}"), &key_pem).unwrap();
    assert_eq!(back.certificate(), identity.certificate());
    let trust = Trust::from_pem(ca.certificate().to_pem().as_bytes()).unwrap();
    assert_eq!(Trust::from_pem(trust.to_pem().as_bytes()), Ok(trust));

    let other_key = PrivateKey::generate().unwrap().to_pem();
    let mismatch = IdentityError::KeyMismatch {
        node: NodeId::from_u64(1),
    };
    assert_eq!(read(&chain_pem, &other_key).unwrap_err(), mismatch);
    let other_ca = ClusterCa::create("test", at(NOW))
        .unwrap()
        .certificate()
        .to_pem();
    let leaf = chain_pem
        .split_inclusive("-----END CERTIFICATE-----\n")
        .next()
        .unwrap();
    let wrong_issuer = IdentityError::WrongIssuer {
        node: NodeId::from_u64(1),
    };
    assert_eq!(
        read(&format!("{leaf}{other_ca}"), &key_pem).unwrap_err(),
        wrong_issuer
    );
    assert_eq!(
        read(leaf, &key_pem).unwrap_err(),
        IdentityError::WrongLength { count: 1 }
    );

    let chain_error = |chain: &str| {
        let error = read(chain, &key_pem).unwrap_err();
        std::error::Error::source(&error).unwrap().to_string()
    };
    assert_eq!(chain_error("  \n"), "the file is empty");
    assert_eq!(
        chain_error("hello"),
        "no `-----BEGIN CERTIFICATE-----` in the file"
    );
    assert_eq!(
        chain_error(&key_pem),
        "the file holds a `PRIVATE KEY`; a `CERTIFICATE` is needed"
    );
    assert!(chain_error(&leaf.replace("MII", "M?I")).starts_with("the file is damaged: "));
    let sec1 = key_pem.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let error = PrivateKey::from_pem(sec1.as_bytes()).unwrap_err();
    assert!(
        matches!(error, KeyError::Pem(crate::PemError::WrongBlock { .. })),
        "{error:?}"
    );
    let leaf_as_ca = Trust::from_pem(leaf.as_bytes()).unwrap_err();
    assert_eq!(
        leaf_as_ca,
        TrustError::Certificate(CertificateError::NotACa)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let der = CertificateDer::from(bytes.clone());
        prop_assert!(NodeCertificate::from_der(der.clone()).is_err());
        prop_assert!(CaCertificate::from_der(der).is_err());
        prop_assert!(PrivateKey::from_pkcs8_der(&bytes).is_err());
        prop_assert!(requested_key(&bytes).is_err());
        prop_assert!(Identity::from_pem(&bytes, &bytes).is_err());
        prop_assert!(Trust::from_pem(&bytes).is_err());
    }

    /// Closer to the truth than noise: real material with one byte changed or cut off.
    #[test]
    fn damaged_material_never_panics(position in 0usize..4000, change in 1u8..=255, cut in any::<bool>()) {
        let ca = ca();
        let key = PrivateKey::generate().unwrap();
        let damage = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let position = position % bytes.len();
            if cut { bytes.truncate(position) } else { bytes[position] ^= change }
            bytes
        };
        let request = damage(&key.certificate_request().unwrap());
        let signed = ca.sign(&request, &subject(NodeId::from_u64(1)), Validity::of_node(at(NOW)));
        prop_assert!(signed.is_err());
        let _key = PrivateKey::from_pkcs8_der(&damage(key.pkcs8_der()));
        let _ca = CaCertificate::from_der(CertificateDer::from(damage(ca.certificate().der())));
        let _trust = Trust::from_pem(&damage(ca.certificate().to_pem().as_bytes()));
    }
}
