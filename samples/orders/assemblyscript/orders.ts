/** Accepts an order: counts it into its currency's total and tells whoever listens, once. */
import * as millrace from "../../../abi/guest/assemblyscript/millrace";
import { isWhole, members } from "./json";

/** More than any order has, and little enough for totals that every language holds exactly. */
const MAX_AMOUNT: i64 = 1_000_000_000_000;
const MAX_ID: i32 = 64;
const HOLD_MILLIS: i64 = 1_000;
/** How long a redelivery may take. */
const REMEMBERED_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/** Its texts need no escapes in JSON; the amount is in the currency's smallest unit. */
class Order {
  constructor(public id: string, public amount: i64, public currency: string) {}
}

export function handle(): i32 {
  const text = millrace.text();
  const read = members(text === null ? "" : text);
  if (read === null) return millrace.reject("not an order: no JSON object");
  const number = read.number("amount");
  if (!isWhole(number)) return millrace.reject("not an order: amount is no whole number");
  const id = read.text("id");
  if (!isId(id)) return millrace.reject("no id of 1 to 64 letters, digits and hyphens");
  const amount = I64.parseInt(number);
  if (amount < 0 || amount > MAX_AMOUNT) {
    return millrace.reject(`order ${id}: amount ${amount} is not 0 to ${MAX_AMOUNT}`);
  }
  const currency = read.text("currency");
  if (!isCurrency(currency)) {
    return millrace.reject(`order ${id}: no currency of three capital letters`);
  }

  const configured = millrace.config("limit");
  if (configured === null || !isWhole(configured)) {
    return millrace.reject("config.limit is no number");
  }
  if (amount > I64.parseInt(configured) && millrace.attempt() == 1) {
    return millrace.retry(`order ${id}: ${amount} is over the limit of ${configured}`, HOLD_MILLIS);
  }
  return accept(new Order(id, amount, currency));
}

function accept(order: Order): i32 {
  const claim = millrace.once("accepted:" + order.id, REMEMBERED_MILLIS);
  if (claim < 0) return refused("once", claim);
  if (claim == millrace.ONCE_BUSY) return millrace.retry(`order ${order.id}: another event has it`);
  if (claim == millrace.ONCE_DONE) {
    millrace.info(`order ${order.id} was accepted before`);
    return millrace.reply(`{"id":"${order.id}","status":"duplicate"}`);
  }

  const published = millrace.publish(
    "events/orders.accepted",
    String.UTF8.encode(
      `{"id":"${order.id}","amount":${order.amount},"currency":"${order.currency}"}`),
    String.UTF8.encode(order.id),
    [new millrace.Header("currency", String.UTF8.encode(order.currency))]);
  if (published != millrace.OK) return refused("publish", published);
  // Last, because it takes effect at once: what fails after it would count again.
  const store = millrace.open("default");
  const counted = store.increment("total:" + order.currency, order.amount);
  if (counted != millrace.OK) return refused("increment", counted);
  millrace.info(`accepted ${order.amount} ${order.currency} of order ${order.id}`);
  return millrace.reply(
    `{"id":"${order.id}","status":"accepted","currency":"${order.currency}","total":${store.sum}}`);
}

/** What was refused will never work, unless the other side was away. */
function refused(what: string, code: i32): i32 {
  const reason = `${what}: refused with ${code}`;
  return code == millrace.UNAVAILABLE ? millrace.retry(reason) : millrace.reject(reason);
}

function isId(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const letter = c | 0x20;
    const good = (letter >= 0x61 && letter <= 0x7a) || (c >= 0x30 && c <= 0x39) || c == 0x2d;
    if (!good) return false;
  }
  return text.length >= 1 && text.length <= MAX_ID;
}

function isCurrency(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x41 || c > 0x5a) return false;
  }
  return text.length == 3;
}
