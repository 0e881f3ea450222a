//! Accepts an order: counts it into its currency's total and tells whoever listens, once.

use std::time::Duration;

use millrace::{kv, Event, Failure, Message, Once};
use serde::{Deserialize, Serialize};

/// More than any order has, and little enough for totals that every language holds exactly.
const MAX_AMOUNT: i64 = 1_000_000_000_000;
const MAX_ID: usize = 64;
const HOLD: Duration = Duration::from_secs(1);
/// How long a redelivery may take.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize, Serialize)]
struct Order {
    #[serde(default)]
    id: String,
    /// In the currency's smallest unit.
    amount: i64,
    #[serde(default)]
    currency: String,
}

#[derive(Serialize)]
struct Accepted<'a> {
    id: &'a str,
    status: &'a str,
    currency: &'a str,
    total: i64,
}

#[derive(Serialize)]
struct Duplicate<'a> {
    id: &'a str,
    status: &'a str,
}

fn accept(event: &Event) -> Result<Vec<u8>, Failure> {
    let order = read(event)?;
    let limit = limit()?;
    if order.amount > limit && event.attempt() == 1 {
        let reason = format!("order {}: {} is over the limit of {limit}", order.id, order.amount);
        return Err(Failure::retry_after(HOLD, reason));
    }

    match millrace::once(&format!("accepted:{}", order.id), REMEMBERED)? {
        Once::First => {}
        Once::Busy => {
            return Err(Failure::retry(format!("order {}: another event has it", order.id)))
        }
        Once::Done => {
            millrace::info!("order {} was accepted before", order.id);
            return json(&Duplicate { id: &order.id, status: "duplicate" });
        }
    }
    Message::new(&json(&order)?)
        .key(order.id.as_bytes())
        .header("currency", order.currency.as_bytes())
        .publish("events/orders.accepted")?;
    // Last, because it takes effect at once: what fails after it would count again.
    let total = kv::open("default").increment(
        &format!("total:{}", order.currency),
        order.amount,
        kv::FOR_EVER,
    )?;
    millrace::info!("accepted {} {} of order {}", order.amount, order.currency, order.id);
    json(&Accepted { id: &order.id, status: "accepted", currency: &order.currency, total })
}

fn read(event: &Event) -> Result<Order, Failure> {
    let data = event.data().unwrap_or_default();
    let order: Order = serde_json::from_slice(&data)
        .map_err(|error| Failure::reject(format!("not an order: {error}")))?;
    let id_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(1..=MAX_ID).contains(&order.id.len()) || !order.id.bytes().all(id_byte) {
        return Err(Failure::reject("no id of 1 to 64 letters, digits and hyphens"));
    }
    if !(0..=MAX_AMOUNT).contains(&order.amount) {
        let reason =
            format!("order {}: amount {} is not 0 to {MAX_AMOUNT}", order.id, order.amount);
        return Err(Failure::reject(reason));
    }
    if order.currency.len() != 3 || !order.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let reason = format!("order {}: no currency of three capital letters", order.id);
        return Err(Failure::reject(reason));
    }
    Ok(order)
}

fn limit() -> Result<i64, Failure> {
    millrace::config("limit")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Failure::reject("config.limit is no number"))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|error| Failure::reject(error.to_string()))
}

millrace::handler!(accept);
