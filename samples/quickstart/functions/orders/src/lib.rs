//! Charges an order and answers it with its receipt.

use std::time::Duration;

use millrace::{Event, Failure};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    id: String,
    /// In the currency's smallest unit.
    amount: i64,
    currency: String,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default)]
    card: Card,
}

/// What the payment provider will say of the card; in production it would be asked.
#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Card {
    #[default]
    Valid,
    /// Answers at the second attempt.
    Busy,
}

#[derive(Serialize)]
struct Charged<'a> {
    id: &'a str,
    status: &'a str,
    amount: i64,
    fee: i64,
    currency: &'a str,
    items: &'a [String],
    attempt: u32,
}

fn charge(event: &Event) -> Result<Vec<u8>, Failure> {
    let data = event.data().unwrap_or_default();
    let order: Order = serde_json::from_slice(&data)
        .map_err(|error| Failure::reject(format!("not an order: {error}")))?;
    if order.amount <= 0 {
        let reason = format!("order {}: amount {} is not positive", order.id, order.amount);
        return Err(Failure::reject(reason));
    }
    if order.card == Card::Busy && event.attempt() == 1 {
        let reason = format!("order {}: the card is busy", order.id);
        return Err(Failure::retry_after(Duration::from_millis(300), reason));
    }

    let charged = Charged {
        id: &order.id,
        status: "charged",
        amount: order.amount,
        fee: fee(order.amount)?,
        currency: &order.currency,
        items: &order.items,
        attempt: event.attempt(),
    };
    millrace::info!("charged {} {} for order {}", order.amount, order.currency, order.id);
    serde_json::to_vec(&charged).map_err(|error| Failure::reject(error.to_string()))
}

/// The provider's share, from the function's configuration.
fn fee(amount: i64) -> Result<i64, Failure> {
    let per_mille = millrace::config("fee_per_mille").unwrap_or_else(|| "0".to_string());
    let per_mille: i64 = per_mille
        .parse()
        .map_err(|_| Failure::reject(format!("config fee_per_mille '{per_mille}' is no number")))?;
    i64::try_from(i128::from(amount) * i128::from(per_mille) / 1000)
        .map_err(|_| Failure::reject(format!("the fee of {amount} is out of range")))
}

millrace::handler!(charge);
