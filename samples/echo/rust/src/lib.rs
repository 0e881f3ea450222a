//! Answers with everything that a function can see of its event, and publishes the event again.

use millrace::{Event, Failure, Level, Message};

fn echo(event: &Event) -> Result<String, Failure> {
    let data = event.data();
    let key = event.key();
    let headers = event.headers();

    let mut reply = format!("id={}\nattempt={}\n", event.id(), event.attempt());
    reply += &format!("time={}\n", event.attribute("time").unwrap_or_default());
    reply += &format!("key={}\n", text(key.as_deref()));
    for header in &headers {
        reply += &format!("header {}={}\n", header.name, text(header.value.as_deref()));
    }
    reply += &format!("greeting={}\n", millrace::config("greeting").unwrap_or_else(|| "-".into()));
    reply += &format!("data={}\n", text(data.as_deref()));

    let mut message = match &data {
        Some(data) => Message::new(data),
        None => Message::empty(),
    };
    if let Some(key) = &key {
        message = message.key(key);
    }
    for header in &headers {
        message = message.header(&header.name, header.value.as_deref());
    }
    message.publish("events/echo")?;

    millrace::log(Level::Debug, "debug line");
    millrace::info!("info line");
    millrace::warn!("warn line");
    millrace::log(Level::Error, "error line");
    if millrace::time_left().is_zero() {
        return Err(Failure::retry("no time left"));
    }
    Ok(reply)
}

fn text(bytes: Option<&[u8]>) -> String {
    bytes.map_or("-".into(), |bytes| String::from_utf8_lossy(bytes).into_owned())
}

millrace::handler!(echo);
