// Accepts an order: counts it into its currency's total and tells whoever listens, once.
import { config, kv, log, once, publish, Reject, Retry } from "millrace";

// More than any order has, and little enough for totals that every language holds exactly.
const MAX_AMOUNT = 1_000_000_000_000;
const HOLD_MILLIS = 1_000;
// How long a redelivery may take.
const REMEMBERED_MILLIS = 24 * 60 * 60 * 1_000;

export function handle(event) {
  const order = read(event);
  const { id, amount, currency } = order;
  const configured = config("limit") ?? "";
  if (!/^-?\d+$/.test(configured)) throw new Reject("config.limit is no number");
  const limit = Number(configured);
  if (amount > limit && event.attempt === 1) {
    throw new Retry(`order ${id}: ${amount} is over the limit of ${limit}`, HOLD_MILLIS);
  }

  switch (once(`accepted:${id}`, REMEMBERED_MILLIS)) {
    case "busy":
      throw new Retry(`order ${id}: another event has it`);
    case "done":
      log.info(`order ${id} was accepted before`);
      return { id, status: "duplicate" };
  }
  publish("events/orders.accepted", order, { key: id, headers: { currency } });
  // Last, because it takes effect at once: what fails after it would count again.
  const total = kv.open("default").increment(`total:${currency}`, amount);
  log.info(`accepted ${amount} ${currency} of order ${id}`);
  return { id, status: "accepted", currency, total };
}

// The amount is in the currency's smallest unit.
function read(event) {
  const { id = "", amount, currency = "" } = parsed(event);
  if (!Number.isInteger(amount)) throw new Reject("not an order: amount is no whole number");
  if (typeof id !== "string" || !/^[A-Za-z0-9-]{1,64}$/.test(id)) {
    throw new Reject("no id of 1 to 64 letters, digits and hyphens");
  }
  if (amount < 0 || amount > MAX_AMOUNT) {
    throw new Reject(`order ${id}: amount ${amount} is not 0 to ${MAX_AMOUNT}`);
  }
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) {
    throw new Reject(`order ${id}: no currency of three capital letters`);
  }
  return { id, amount, currency };
}

function parsed(event) {
  let value;
  try {
    value = JSON.parse(event.text());
  } catch (error) {
    throw new Reject(`not an order: ${error.message}`);
  }
  if (typeof value !== "object" || value === null) throw new Reject("not an order: no JSON object");
  return value;
}
