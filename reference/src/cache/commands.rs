//! What each command does. Names, arguments and replies are those of Redis.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::entries::{Entries, Left, OutOfMemory};
use super::resp::Reply;

const OK: Reply = Reply::Simple("OK");

type Refusal = String;

/// Does a command, which has at least its name.
pub(super) fn run(entries: &mut Entries, command: &[Bytes]) -> Reply {
    let Some((name, arguments)) = command.split_first() else {
        return Reply::Error("ERR empty command".to_owned());
    };
    let name = String::from_utf8_lossy(name).to_ascii_uppercase();
    dispatch(entries, &name, arguments).unwrap_or_else(Reply::Error)
}

fn dispatch(entries: &mut Entries, name: &str, arguments: &[Bytes]) -> Result<Reply, Refusal> {
    match (name, arguments) {
        ("PING", []) => Ok(Reply::Simple("PONG")),
        ("PING" | "ECHO", [text]) => Ok(Reply::Bulk(text.clone())),
        ("GET", [key]) => Ok(entries.get(key).map_or(Reply::Nil, Reply::Bulk)),
        ("MGET", [_, ..]) => Ok(Reply::Array(
            arguments
                .iter()
                .map(|key| entries.get(key).map_or(Reply::Nil, Reply::Bulk))
                .collect(),
        )),
        ("SET", [key, value, options @ ..]) => set(entries, key, value, options),
        ("SETEX", [key, time, value]) => set(entries, key, value, &["EX".into(), time.clone()]),
        ("DEL" | "UNLINK", [_, ..]) => Ok(count(arguments, |key| entries.remove(key))),
        ("EXISTS", [_, ..]) => Ok(count(arguments, |key| entries.get(key).is_some())),
        ("INCR", [key]) => increase(entries, key),
        ("EXPIRE", [key, time]) => expire(entries, key, time, 1_000),
        ("PEXPIRE", [key, time]) => expire(entries, key, time, 1),
        ("PERSIST", [key]) => Ok(Reply::Integer(entries.expire(key, None).into())),
        ("TTL", [key]) => Ok(left(entries, key, 1_000)),
        ("PTTL", [key]) => Ok(left(entries, key, 1)),
        ("KEYS", [pattern]) => Ok(Reply::Array(
            entries
                .keys()
                .into_iter()
                .filter(|key| matches(pattern, key))
                .map(Reply::Bulk)
                .collect(),
        )),
        ("DBSIZE", []) => Ok(number_reply(entries.len())),
        ("FLUSHDB" | "FLUSHALL", _) => {
            entries.clear();
            Ok(OK)
        }
        ("SELECT", [index]) if &index[..] == b"0" => Ok(OK),
        ("SELECT", [_]) => Err("ERR DB index is out of range".to_owned()),
        ("CLIENT", [what, ..]) if is(what, "SETINFO") || is(what, "SETNAME") => Ok(OK),
        ("COMMAND", _) => Ok(Reply::Array(Vec::new())),
        ("INFO", _) => Ok(Reply::Bulk(
            concat!(
                "# Server\r\nredis_mode:standalone\r\nassay_version:",
                env!("CARGO_PKG_VERSION"),
                "\r\n"
            )
            .into(),
        )),
        ("HELLO", [version, ..]) if &version[..] != b"2" => {
            Err("NOPROTO unsupported protocol version".to_owned())
        }
        ("QUIT", []) => Ok(OK),
        _ => Err(format!(
            "ERR unknown command or wrong number of arguments for '{name}'"
        )),
    }
}

fn is(argument: &Bytes, word: &str) -> bool {
    argument.eq_ignore_ascii_case(word.as_bytes())
}

fn count(keys: &[Bytes], mut done: impl FnMut(&Bytes) -> bool) -> Reply {
    number_reply(keys.iter().filter(|key| done(key)).count())
}

fn number_reply(count: usize) -> Reply {
    Reply::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

fn number(argument: &Bytes) -> Result<i64, Refusal> {
    std::str::from_utf8(argument)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| "ERR value is not an integer or out of range".to_owned())
}

/// So many units from now; none if that is not after now.
fn moment(units: i64, unit_ms: u64) -> Option<Instant> {
    let units = u64::try_from(units).ok().filter(|units| *units > 0)?;
    Instant::now().checked_add(Duration::from_millis(units.checked_mul(unit_ms)?))
}

fn set(
    entries: &mut Entries,
    key: &Bytes,
    value: &Bytes,
    options: &[Bytes],
) -> Result<Reply, Refusal> {
    let mut ends = None;
    let (mut only_new, mut only_old) = (false, false);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        if is(option, "NX") {
            only_new = true;
        } else if is(option, "XX") {
            only_old = true;
        } else if is(option, "EX") || is(option, "PX") {
            let unit_ms = if is(option, "EX") { 1_000 } else { 1 };
            let time = number(options.next().ok_or("ERR syntax error")?)?;
            let moment = moment(time, unit_ms);
            ends = Some(moment.ok_or("ERR invalid expire time in 'set' command")?);
        } else {
            return Err("ERR syntax error".to_owned());
        }
    }
    if only_new && only_old {
        return Err("ERR syntax error".to_owned());
    }
    let exists = entries.get(key).is_some();
    if (only_new && exists) || (only_old && !exists) {
        return Ok(Reply::Nil);
    }
    store(entries, key, value, ends)?;
    Ok(OK)
}

fn store(
    entries: &mut Entries,
    key: &Bytes,
    value: &[u8],
    ends: Option<Instant>,
) -> Result<(), Refusal> {
    // What came in is a slice of a whole command; a copy keeps no more memory than is counted.
    let (key, value) = (Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
    entries
        .set(key, value, ends)
        .map_err(|OutOfMemory| "OOM command not allowed when used memory > 'maxmemory'.".to_owned())
}

fn increase(entries: &mut Entries, key: &Bytes) -> Result<Reply, Refusal> {
    let before = entries.get(key).map_or(Ok(0), |value| number(&value))?;
    let after = before
        .checked_add(1)
        .ok_or("ERR increment or decrement would overflow")?;
    let now = Instant::now();
    let ends = entries.left(key).duration().map(|left| now + left);
    store(entries, key, after.to_string().as_bytes(), ends)?;
    Ok(Reply::Integer(after))
}

fn expire(
    entries: &mut Entries,
    key: &Bytes,
    time: &Bytes,
    unit_ms: u64,
) -> Result<Reply, Refusal> {
    let changed = match moment(number(time)?, unit_ms) {
        Some(ends) => entries.expire(key, Some(ends)),
        // A time that is not in the future removes the entry, as Redis does.
        None => entries.remove(key),
    };
    Ok(Reply::Integer(changed.into()))
}

fn left(entries: &mut Entries, key: &Bytes, unit_ms: u64) -> Reply {
    Reply::Integer(match entries.left(key) {
        Left::Absent => -2,
        Left::ForEver => -1,
        Left::For(left) => {
            let ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
            i64::try_from(ms.div_ceil(unit_ms)).unwrap_or(i64::MAX)
        }
    })
}

/// A pattern of `KEYS`: `*` for any run of bytes, `?` for any byte, everything else for itself.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_line(entries: &mut Entries, line: &str) -> Reply {
        let parts: Vec<Bytes> = line
            .split(' ')
            .map(|part| Bytes::copy_from_slice(part.as_bytes()))
            .collect();
        run(entries, &parts)
    }

    #[tokio::test(start_paused = true)]
    async fn commands_answer_as_redis_does() {
        let mut entries = Entries::default();
        let bulk = |text: &'static str| Reply::Bulk(text.into());
        for (line, reply) in [
            ("PING", Reply::Simple("PONG")),
            ("get k", Reply::Nil),
            ("SET k v", OK),
            ("SET k w NX", Reply::Nil),
            ("SET other w XX", Reply::Nil),
            ("GET k", bulk("v")),
            ("TTL k", Reply::Integer(-1)),
            ("SET k w EX 10 XX", OK),
            ("TTL k", Reply::Integer(10)),
            ("PTTL k", Reply::Integer(10_000)),
            ("PERSIST k", Reply::Integer(1)),
            ("TTL k", Reply::Integer(-1)),
            ("TTL none", Reply::Integer(-2)),
            ("INCR n", Reply::Integer(1)),
            ("INCR n", Reply::Integer(2)),
            ("EXISTS k n none", Reply::Integer(2)),
            ("KEYS ?", Reply::Array(vec![bulk("k"), bulk("n")])),
            ("DEL k none", Reply::Integer(1)),
            ("EXPIRE n 0", Reply::Integer(1)),
            ("DBSIZE", Reply::Integer(0)),
            ("MGET a b", Reply::Array(vec![Reply::Nil, Reply::Nil])),
            ("CLIENT SETINFO LIB-NAME x", OK),
            ("SELECT 0", OK),
        ] {
            let mut given = run_line(&mut entries, line);
            if let Reply::Array(parts) = &mut given {
                parts.sort_by_key(|part| format!("{part:?}"));
            }
            assert_eq!(given, reply, "{line}");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_an_error_and_changes_nothing() {
        let mut entries = Entries::default();
        for line in [
            "SET k",
            "SET k v EX",
            "SET k v EX 0",
            "SET k v EX x",
            "SET k v NX XX",
            "SELECT 1",
            "HELLO 3",
            "NONSENSE",
        ] {
            let reply = run_line(&mut entries, line);
            assert!(matches!(reply, Reply::Error(_)), "{line}: {reply:?}");
        }
        assert_eq!(entries.len(), 0);
    }

    #[test]
    fn patterns_match_whole_keys() {
        for (pattern, text, wanted) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*:job:*", "x:job:7", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                wanted,
                "{pattern} {text}"
            );
        }
    }
}
