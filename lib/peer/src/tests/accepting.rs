//! The door: slow strangers, other protocols, both kinds of guests.

use std::time::Duration;

use bytes::Bytes;
use hm_ports::Transport;
use hm_tls::join_client_config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::fixture::{SERVER, Server, client, credentials, soon};
use crate::{AcceptError, AcceptLimits, Accepted, Acceptor};

#[tokio::test]
async fn slow_handshakes_hold_up_nobody_and_are_ended() {
    let limits = AcceptLimits {
        handshakes: 4,
        handshake_timeout: Duration::from_millis(300),
    };
    let (server, client) = (
        Server::start_at("127.0.0.1:0".parse().unwrap(), limits),
        client(),
    );
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let call = || client.call(server.peer(), "test/echo", Bytes::new());
    let quick = tokio::time::timeout(Duration::from_millis(250), call()).await;
    assert!(quick.is_ok_and(|answer| answer.is_ok()));
    for mut stream in silent {
        assert_eq!(soon(stream.read(&mut [0; 16])).await.unwrap(), 0);
    }
    // With every place taken, the next one waits no longer than the time limit.
    let _silent: Vec<_> =
        futures_util::future::join_all((0..4).map(|_| TcpStream::connect(server.address))).await;
    client.forget(SERVER);
    assert!(soon(call()).await.is_ok());
}

async fn accept_one(acceptor: &Acceptor, listener: &TcpListener) -> Result<Accepted, AcceptError> {
    let (stream, from) = listener.accept().await.unwrap();
    acceptor.handshake(stream, from).await
}

#[tokio::test]
async fn strangers_are_led_to_the_api() {
    let server = credentials(SERVER);
    let acceptor = Acceptor::new(server.clone(), AcceptLimits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ca = server.identity().issuer().fingerprint();
    for alpn in [
        vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        vec![b"http/1.1".to_vec()],
        vec![],
    ] {
        let noon = std::sync::Arc::new(super::fixture::Noon);
        let mut config = (*join_client_config(ca, noon).unwrap()).clone();
        config.alpn_protocols = alpn;
        let connecting = async {
            let stream = TcpStream::connect(address).await.unwrap();
            let name = "127.0.0.1".try_into().unwrap();
            TlsConnector::from(std::sync::Arc::new(config))
                .connect(name, stream)
                .await
        };
        let (accepted, connected) =
            soon(async { tokio::join!(accept_one(&acceptor, &listener), connecting) }).await;
        assert!(connected.is_ok());
        assert!(matches!(accepted, Ok(Accepted::Api { .. })), "{accepted:?}");
    }
}

#[tokio::test]
async fn other_protocols_are_named_in_the_error() {
    let acceptor = Acceptor::new(credentials(SERVER), AcceptLimits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let error = soon(accept_one(&acceptor, &listener)).await.unwrap_err();
    assert!(matches!(error, AcceptError::Handshake { .. }), "{error}");
    assert!(
        error.to_string().contains("InvalidContentType") || error.to_string().contains("corrupt"),
        "{error}"
    );
}
