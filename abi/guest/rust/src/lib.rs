//! Write Millrace functions in Rust.
//!
//! ```ignore
//! use millrace::{Event, Failure};
//!
//! fn greet(event: &Event) -> Result<String, Failure> {
//!     let name = event.text()?;
//!     Ok(format!("hello {name}"))
//! }
//!
//! millrace::handler!(greet);
//! ```
//!
//! Build it as a `cdylib` for `wasm32-wasip1` (`wasm32-wasi` before Rust 1.78). A panic fails the
//! attempt with its message, and the worker then retries; say [`Failure::reject`] for what will never work.

use std::fmt;
use std::time::Duration;

mod host;
pub mod http;
pub mod kv;

/// Makes a function the module's entry point.
///
/// It takes an [`Event`] and answers `Result<R, Failure>`, where `R` is the reply: `()` for none,
/// a `String`, or a `Vec<u8>`.
#[macro_export]
macro_rules! handler {
    ($function:path) => {
        #[no_mangle]
        pub extern "C" fn handle() -> i32 {
            $crate::run($function)
        }
    };
}

/// The event of this invocation. Everything is read from the worker when it is asked for.
pub struct Event(());

impl Event {
    /// The data; `None` where the source carried none, as a Kafka tombstone does.
    pub fn data(&self) -> Option<Vec<u8>> {
        host::data()
    }

    /// The data as text. Absent data and data that is not UTF-8 are rejected.
    pub fn text(&self) -> Result<String, Failure> {
        let data = self.data().ok_or_else(|| Failure::reject("the event has no data"))?;
        String::from_utf8(data).map_err(|_| Failure::reject("the event's data is not UTF-8"))
    }

    /// The transport's key, by which order is kept.
    pub fn key(&self) -> Option<Vec<u8>> {
        host::key()
    }

    /// The transport's headers, in their order.
    pub fn headers(&self) -> Vec<Header> {
        decode(&host::headers())
    }

    /// A CloudEvents attribute (`id`, `source`, `type`, `time`, `kafkatopic`, `redischannel`, …), or
    /// `attempt`, `trigger` or `function`.
    pub fn attribute(&self, name: &str) -> Option<String> {
        host::attribute(name).map(utf8)
    }

    /// All attributes by name.
    pub fn attributes(&self) -> Vec<(String, String)> {
        decode(&host::attributes())
            .into_iter()
            .map(|header| (header.name, utf8(header.value.unwrap_or_default())))
            .collect()
    }

    /// The same on every redelivery: a key for what must happen once.
    pub fn id(&self) -> String {
        self.attribute("id").unwrap_or_default()
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attribute("attempt").and_then(|text| text.parse().ok()).unwrap_or(1)
    }
}

/// One transport header. A name may occur more than once, and a value may be absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    pub value: Option<Vec<u8>>,
}

/// Why an event was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    retry: bool,
    after: Option<Duration>,
    reason: String,
}

impl Failure {
    /// The event will never work: it becomes a dead letter at once.
    pub fn reject(reason: impl Into<String>) -> Failure {
        Failure { retry: false, after: None, reason: reason.into() }
    }

    /// Another attempt may work; the worker waits as the trigger's back-off says.
    pub fn retry(reason: impl Into<String>) -> Failure {
        Failure { retry: true, after: None, reason: reason.into() }
    }

    /// Another attempt may work, not before `after`.
    pub fn retry_after(after: Duration, reason: impl Into<String>) -> Failure {
        Failure { retry: true, after: Some(after), reason: reason.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Failure {}

/// Why the worker did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The manifest's `allow` does not cover it.
    Denied,
    /// A limit would be exceeded, such as `limits.output`.
    TooLarge,
    /// A name is empty or not UTF-8, or a value is no number.
    Invalid,
    /// The other side did not answer: it is away or too slow.
    Unavailable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Denied => "not granted by the manifest's allow",
            Refused::TooLarge => "larger than a limit such as limits.output allows",
            Refused::Invalid => "not valid",
            Refused::Unavailable => "the other side did not answer",
        })
    }
}

impl std::error::Error for Refused {}

/// The manifest or the code must change before another attempt can work, unless the other side was
/// away.
impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::Unavailable => Failure::retry(refused.to_string()),
            _ => Failure::reject(refused.to_string()),
        }
    }
}

/// What a handler may answer as its reply.
pub trait Reply {
    /// The reply's bytes; `None` for no reply, which is not the same as an empty one.
    fn bytes(&self) -> Option<&[u8]>;
}

impl Reply for () {
    fn bytes(&self) -> Option<&[u8]> {
        None
    }
}

impl Reply for String {
    fn bytes(&self) -> Option<&[u8]> {
        Some(self.as_bytes())
    }
}

impl Reply for Vec<u8> {
    fn bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// A message to publish. It is sent and confirmed after the handler has succeeded, and before the
/// event is acknowledged; a failed attempt publishes nothing.
#[derive(Clone, Debug, Default)]
pub struct Message<'a> {
    key: Option<&'a [u8]>,
    headers: Vec<(&'a str, Option<&'a [u8]>)>,
    data: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    pub fn new(data: &'a [u8]) -> Message<'a> {
        Message { data: Some(data), ..Message::default() }
    }

    /// A message without data; one with a key deletes that key in a compacted Kafka topic.
    pub fn empty() -> Message<'a> {
        Message::default()
    }

    pub fn key(mut self, key: &'a [u8]) -> Message<'a> {
        self.key = Some(key);
        self
    }

    /// Adds a header; its value is `&[u8]`, or `None` for a header without one.
    pub fn header(mut self, name: &'a str, value: impl Into<Option<&'a [u8]>>) -> Message<'a> {
        self.headers.push((name, value.into()));
        self
    }

    /// Publishes to a destination as the manifest writes it: `events/orders.charged`.
    pub fn publish(&self, to: &str) -> Result<(), Refused> {
        let headers = if self.headers.is_empty() { Vec::new() } else { encode(&self.headers) };
        refused(host::publish(to, self.key, &headers, self.data))
    }
}

/// A value of the function's `config`, secrets included.
pub fn config(name: &str) -> Option<String> {
    host::config(name).map(utf8)
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// It is yours to do.
    First,
    /// It was done before: there is nothing to do.
    Done,
    /// Another event is at it: ask for a retry.
    Busy,
}

/// Claims a key of up to 512 bytes, so that what it stands for is done once. It counts as done for
/// `ttl` from the moment this event is; if the attempt fails, the claim is given up. Needs
/// `allow.once` in the manifest.
pub fn once(key: &str, ttl: Duration) -> Result<Once, Refused> {
    match host::once(key, ttl) {
        0 => Ok(Once::Done),
        1 => Ok(Once::First),
        2 => Ok(Once::Busy),
        code => Err(refused(code).err().unwrap_or(Refused::Invalid)),
    }
}

/// What is left until the invocation is stopped.
pub fn time_left() -> Duration {
    host::time_left()
}

/// Says that the invocation lives, which gives it `limits.timeout` from now on, up to
/// `limits.max_duration`; answers what is left. A message has at most 1 KiB.
pub fn heartbeat(percent: Option<u8>, message: &str) -> Result<Duration, Refused> {
    let left = host::heartbeat(percent.map_or(-1, i32::from), message);
    match u64::try_from(left) {
        Ok(millis) => Ok(Duration::from_millis(millis)),
        Err(_) => Err(refused(left as i32).err().unwrap_or(Refused::Invalid)),
    }
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Warn = 2,
    Error = 3,
}

/// Writes one log line.
pub fn log(level: Level, line: &str) {
    host::log(level as i32, line);
}

/// Writes one log line with fields: `INFO charged order=o-1`.
pub fn log_fields(level: Level, line: &str, fields: &[(&str, &str)]) -> Result<(), Refused> {
    let list: Vec<_> = fields.iter().map(|(name, text)| (*name, Some(text.as_bytes()))).collect();
    refused(host::log_fields(level as i32, line, &encode(&list)))
}

/// Logs a line at [`Level::Debug`], formatted as by `format!`.
#[macro_export]
macro_rules! debug {
    ($($argument:tt)*) => { $crate::log($crate::Level::Debug, &format!($($argument)*)) };
}

/// Logs a line at [`Level::Error`], formatted as by `format!`.
#[macro_export]
macro_rules! error {
    ($($argument:tt)*) => { $crate::log($crate::Level::Error, &format!($($argument)*)) };
}

/// Logs a line at [`Level::Info`], formatted as by `format!`.
#[macro_export]
macro_rules! info {
    ($($argument:tt)*) => { $crate::log($crate::Level::Info, &format!($($argument)*)) };
}

/// Logs a line at [`Level::Warn`], formatted as by `format!`.
#[macro_export]
macro_rules! warn {
    ($($argument:tt)*) => { $crate::log($crate::Level::Warn, &format!($($argument)*)) };
}

/// Runs a handler for the present event and answers `handle`'s code. [`handler!`] calls it.
pub fn run<R: Reply>(handler: fn(&Event) -> Result<R, Failure>) -> i32 {
    const DONE: i32 = 0;
    const RETRY: i32 = 1;
    const REJECT: i32 = 2;

    std::panic::set_hook(Box::new(|panic| {
        host::reason(&panic.to_string());
    }));
    let answer = handler(&Event(())).and_then(|reply| match reply.bytes() {
        Some(bytes) => refused(host::reply(bytes)).map_err(Failure::from),
        None => Ok(()),
    });
    let failure = match answer {
        Ok(()) => return DONE,
        Err(failure) => failure,
    };
    host::reason(&failure.reason);
    if let Some(after) = failure.after {
        host::retry_after(after);
    }
    if failure.retry {
        RETRY
    } else {
        REJECT
    }
}

fn refused(code: i32) -> Result<(), Refused> {
    match code {
        0.. => Ok(()),
        -2 => Err(Refused::Denied),
        -3 => Err(Refused::TooLarge),
        -5 => Err(Refused::Unavailable),
        _ => Err(Refused::Invalid),
    }
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A list as host and guest exchange it: a count, then for each entry the name's length, the name,
/// the value's length (-1 for none) and the value; all numbers little-endian, 4 bytes.
fn encode(headers: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let mut list = (headers.len() as u32).to_le_bytes().to_vec();
    for (name, value) in headers {
        list.extend_from_slice(&(name.len() as u32).to_le_bytes());
        list.extend_from_slice(name.as_bytes());
        list.extend_from_slice(&value.map_or(-1, |value| value.len() as i32).to_le_bytes());
        list.extend_from_slice(value.unwrap_or_default());
    }
    list
}

fn decode(list: &[u8]) -> Vec<Header> {
    let mut rest = list;
    let count = take_i32(&mut rest);
    (0..count)
        .map(|_| {
            let name_length = take_i32(&mut rest);
            let name = utf8(take(&mut rest, name_length as usize).to_vec());
            let value = match take_i32(&mut rest) {
                -1 => None,
                length => Some(take(&mut rest, length as usize).to_vec()),
            };
            Header { name, value }
        })
        .collect()
}

fn take_i32(rest: &mut &[u8]) -> i32 {
    let bytes = take(rest, 4);
    i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, remaining) = rest.split_at(length);
    *rest = remaining;
    taken
}
