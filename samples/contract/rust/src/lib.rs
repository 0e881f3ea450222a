//! Does what the contract of the SDKs asks for: the event's type says what.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use millrace::{http, kv, Event, Failure, Level, Message, Once};

static SEEN: AtomicU32 = AtomicU32::new(0);

/// A reply, or none.
struct Answer(Option<Vec<u8>>);

impl millrace::Reply for Answer {
    fn bytes(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Answer {
        Answer(Some(text.into_bytes()))
    }
}

fn behave(event: &Event) -> Result<Answer, Failure> {
    let store = kv::open("default");
    let text = || event.text();
    Ok(match event.attribute("type").unwrap_or_default().as_str() {
        "bytes" => Answer(event.data()),
        "nothing" => Answer(None),
        "look" => look(event).into(),
        "retry" => return Err(Failure::retry(text()?)),
        "retry_after" => return Err(Failure::retry_after(Duration::from_millis(1500), text()?)),
        "reject" => return Err(Failure::reject(text()?)),
        "fail" => panic!("{}", text()?),
        "seen" => (SEEN.fetch_add(1, Ordering::Relaxed) + 1).to_string().into(),
        "log" => {
            millrace::debug!("d {}", text()?);
            millrace::info!("i {}", text()?);
            millrace::warn!("w {}", text()?);
            millrace::error!("e {}", text()?);
            Answer(None)
        }
        "fields" => {
            let fields = [("order", "o-1"), ("why", "no money")];
            millrace::log_fields(Level::Warn, &text()?, &fields)?;
            Answer(None)
        }
        "heartbeat" => {
            let left = millrace::heartbeat(Some(40), &text()?)?;
            (!left.is_zero() && left <= Duration::from_secs(20)).to_string().into()
        }
        "publish" => {
            publish(event)?;
            Answer(None)
        }
        "once" => match millrace::once(&text()?, Duration::from_secs(60))? {
            Once::First => "first".to_string().into(),
            Once::Done => "done".to_string().into(),
            Once::Busy => "busy".to_string().into(),
        },
        "deadline" => {
            let left = millrace::time_left();
            (!left.is_zero() && left <= Duration::from_secs(20)).to_string().into()
        }
        "kv" => key_values(&store)?.into(),
        "kv_count" => store.increment("count", 5, kv::FOR_EVER)?.to_string().into(),
        "http" => {
            let url = text()?;
            let request = http::request("POST", &url).header("x-test", b"yes").body(b"ping");
            let response = request.send()?;
            let header = response.header("x-answer").unwrap_or_default();
            let body = String::from_utf8_lossy(&response.body).into_owned();
            format!("{} {header} {body}", response.status).into()
        }
        other => return Err(Failure::reject(format!("no behaviour {other}"))),
    })
}

fn look(event: &Event) -> String {
    let utf8 = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = vec![
        event.id(),
        event.attribute("source").unwrap_or_default(),
        event.attribute("time").unwrap_or_default(),
        event.attempt().to_string(),
        event.attribute("tenant").unwrap_or_default(),
        event.attribute("gone").unwrap_or_default(),
        event.key().map_or_else(String::new, utf8),
    ];
    for header in event.headers() {
        lines.push(format!("{}={}", header.name, header.value.map_or("-".into(), utf8)));
    }
    lines.push(millrace::config("gone").or_else(|| millrace::config("greeting")).unwrap_or_default());
    lines.join("\n")
}

fn publish(event: &Event) -> Result<(), Failure> {
    let (data, key, headers) = (event.data(), event.key(), event.headers());
    let mut message = data.as_deref().map_or_else(Message::empty, Message::new);
    if let Some(key) = &key {
        message = message.key(key);
    }
    for header in &headers {
        message = message.header(&header.name, header.value.as_deref());
    }
    Ok(message.publish("events/out")?)
}

fn key_values(store: &kv::Store) -> Result<String, Failure> {
    let mut results = vec![store.get("k")?.is_none()];
    store.set("k", b"one", kv::FOR_EVER)?;
    results.push(true);
    results.push(store.get("k")?.as_deref() == Some(b"one"));
    results.push(store.compare_and_set("k", Some(b"two"), Some(b"three"), kv::FOR_EVER)?);
    results.push(store.compare_and_set("k", Some(b"one"), Some(b"three"), Duration::from_secs(60))?);
    results.push(store.delete("k")?);
    results.push(store.delete("k")?);
    results.push(store.compare_and_set("k", None, Some(b""), kv::FOR_EVER)?);
    results.push(store.get("k")?.as_deref() == Some(b""));
    Ok(results.iter().map(bool::to_string).collect::<Vec<_>>().join(" "))
}

millrace::handler!(behave);
