use std::task::Waker;

use proptest::prelude::*;

use super::*;

/// Everything that a body sends for these messages.
fn sent(messages: &[Bytes]) -> Vec<Bytes> {
    let (outgoing, queue) = mpsc::channel(messages.len().max(1));
    for message in messages {
        outgoing.try_send(message.clone()).unwrap();
    }
    drop(outgoing);
    let mut body = FrameBody::new(queue, oneshot::channel().0);
    let mut cx = Context::from_waker(Waker::noop());
    let mut chunks = Vec::new();
    loop {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(frame)) => chunks.push(frame.unwrap().into_data().unwrap()),
            Poll::Ready(None) => return chunks,
            Poll::Pending => panic!("everything is queued"),
        }
    }
}

fn received(chunks: impl IntoIterator<Item = Bytes>) -> (Vec<Bytes>, FrameDecoder) {
    let mut decoder = FrameDecoder::default();
    let mut messages = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(message) = decoder.next().unwrap() {
            messages.push(message);
        }
    }
    (messages, decoder)
}

#[test]
fn small_messages_leave_together_and_large_ones_uncopied() {
    let small: Vec<Bytes> = (0..100).map(|n| Bytes::from(vec![n; 20])).collect();
    assert_eq!(sent(&small).len(), 1);
    let large = Bytes::from(vec![1; 100_000]);
    let chunks = sent(std::slice::from_ref(&large));
    assert_eq!(chunks.len(), 2);
    assert_eq!(chunks[1].as_ptr(), large.as_ptr());
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_anything_is_stored() {
    let mut decoder = FrameDecoder::default();
    decoder.push(Bytes::from_static(&[0xff, 0xff, 0xff, 0xff]));
    assert!(matches!(
        decoder.next(),
        Err(FrameError::TooLarge { size: 0xffff_ffff })
    ));
}

#[test]
fn a_stopped_body_sends_what_is_queued_and_ends() {
    let (outgoing, queue) = mpsc::channel(4);
    let (end, stop) = oneshot::channel();
    let mut body = FrameBody::new(queue, oneshot::channel().0).until(stop);
    outgoing.try_send(Bytes::from_static(b"last")).unwrap();
    drop(end);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(
        Pin::new(&mut body).poll_frame(&mut cx),
        Poll::Ready(Some(Ok(_)))
    ));
    assert!(matches!(
        Pin::new(&mut body).poll_frame(&mut cx),
        Poll::Ready(None)
    ));
    assert!(outgoing.is_closed());
}

proptest! {
    #[test]
    fn messages_survive_any_cutting(
        sizes in prop::collection::vec(0usize..20_000, 0..12),
        cut in 1usize..5000,
    ) {
        let messages: Vec<Bytes> = sizes.iter().map(|size| Bytes::from(vec![*size as u8; *size])).collect();
        let stream = Bytes::from(sent(&messages).concat());
        let chunks = (0..stream.len()).step_by(cut).map(|at| stream.slice(at..stream.len().min(at + cut)));
        let (back, decoder) = received(chunks);
        prop_assert_eq!(back, messages);
        prop_assert!(decoder.is_between_messages());
    }

    #[test]
    fn a_cut_message_is_noticed(size in 1usize..5000, kept in 1usize..5000) {
        let stream = Bytes::from(sent(&[Bytes::from(vec![1; size])]).concat());
        let kept = kept.min(stream.len() - 1);
        let (back, decoder) = received([stream.slice(..kept)]);
        prop_assert!(back.is_empty());
        prop_assert!(!decoder.is_between_messages());
    }

    #[test]
    fn garbage_never_panics(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..20)) {
        let mut decoder = FrameDecoder::default();
        'stream: for chunk in chunks {
            decoder.push(chunk.into());
            loop {
                match decoder.next() {
                    Ok(Some(_)) => (),
                    Ok(None) => break,
                    Err(_) => break 'stream,
                }
            }
        }
    }
}
