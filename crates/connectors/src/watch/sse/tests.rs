use proptest::prelude::*;

use super::SseScanner;

const MOST: usize = 64;

fn scan<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, u64) {
    let mut scanner = SseScanner::new(MOST);
    let mut events = Vec::new();
    for piece in pieces {
        scanner.feed(piece, &mut |data| events.push(data.to_vec()));
    }
    scanner.finish(&mut |data| events.push(data.to_vec()));
    (events, scanner.passed_over())
}

fn texts(stream: &str) -> Vec<String> {
    scan([stream.as_bytes()]).0.into_iter().map(|data| String::from_utf8(data).unwrap()).collect()
}

/// The same, the slow and simple way.
fn simply(stream: &[u8]) -> (Vec<Vec<u8>>, u64) {
    let mut lines: Vec<Vec<u8>> = vec![Vec::new()];
    for (at, byte) in stream.iter().enumerate() {
        match byte {
            b'\n' if at > 0 && stream[at - 1] == b'\r' => {}
            b'\n' | b'\r' => lines.push(Vec::new()),
            byte => lines.last_mut().unwrap().push(*byte),
        }
    }
    lines.push(Vec::new());
    let (mut events, mut passed_over) = (Vec::new(), 0);
    let (mut data, mut is_too_long) = (Vec::<Vec<u8>>::new(), false);
    for (at, line) in lines.iter().enumerate() {
        let is_line_too_long = line.len() > MOST;
        // The mark at the beginning of a text is no part of its first line, though it takes room there.
        let line = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| at == 0).unwrap_or(line);
        if line.is_empty() {
            let joined = data.join(&b'\n');
            match is_too_long || joined.len() > MOST {
                true => passed_over += 1,
                false if joined.is_empty() => {}
                false => events.push(joined),
            }
            (data, is_too_long) = (Vec::new(), false);
        } else if is_line_too_long {
            is_too_long = true;
        } else if let Some(value) = line.strip_prefix(b"data:") {
            data.push(value.strip_prefix(b" ").unwrap_or(value).to_vec());
        } else if line == b"data" {
            data.push(Vec::new());
        }
    }
    (events, passed_over)
}

#[test]
fn what_the_format_allows_is_read() {
    assert_eq!(texts("data: a\n\ndata:b\n\n"), ["a", "b"]);
    assert_eq!(texts("data: a\r\n\r\ndata: b\r\rdata: c\n\n"), ["a", "b", "c"]);
    assert_eq!(texts("\u{feff}data: a\n\n"), ["a"]);
    assert_eq!(texts(": comment\nevent: x\nid: 7\ndata: a\ndata: b\n\n"), ["a\nb"]);
    assert_eq!(texts("data:  two spaces\n\n"), [" two spaces"]);
    assert_eq!(texts("data\n\ndatax: no\n\nDATA: no\n\n\n\n"), [""; 0]);
    assert_eq!(texts("data: [DONE]"), ["[DONE]"], "a stream that ends without a blank line");
}

#[test]
fn what_is_too_long_is_passed_over_and_the_rest_is_read() {
    let long = format!("data: a\n\ndata: {}\ndata: x\n\ndata: b\n\n", "y".repeat(MOST));
    assert_eq!(scan([long.as_bytes()]), (vec![b"a".to_vec(), b"b".to_vec()], 1));
    let many = format!("{}\ndata: b\n\n", "data: 1234567890\n".repeat(10));
    assert_eq!(scan([many.as_bytes()]), (vec![b"b".to_vec()], 1));
}

#[test]
fn memory_does_not_grow_with_the_stream() {
    let mut scanner = SseScanner::new(1 << 20);
    let mut count = 0;
    for _ in 0..64 {
        scanner.feed(&[b'x'; 1 << 18], &mut |_| count += 1);
        assert!(scanner.line.capacity() <= 2 << 20);
    }
    scanner.feed(b"\n\ndata: a\n\n", &mut |_| count += 1);
    assert_eq!(count, 1);
    assert!(scanner.line.capacity() + scanner.data.capacity() <= 2 * super::KEPT_BYTES);
}

/// Streams made of parts that matter to the format.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just("data: ".to_owned()),
        Just("data:".to_owned()),
        Just("data".to_owned()),
        Just(": note".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\n\n".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("[DONE]".to_owned()),
        Just("{\"a\":\"ü🍎\"}".to_owned()),
        "[a-z ]{0,70}",
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_events(stream in stream(), cuts in prop::collection::vec(0usize..400, 0..12)) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
        let expected = simply(&stream);
        prop_assert_eq!(scan(pieces), expected.clone());
        prop_assert_eq!(scan(stream.chunks(1)), expected.clone());
        prop_assert_eq!(scan([&stream[..]]), expected);
    }
}
