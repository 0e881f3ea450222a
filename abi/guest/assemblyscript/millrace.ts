/**
 * Write Millrace functions in AssemblyScript.
 *
 *     import * as millrace from "./millrace";
 *
 *     export function handle(): i32 {
 *       const name = millrace.text();
 *       if (name === null) return millrace.reject("no data");
 *       return millrace.reply("hello " + name);
 *     }
 *
 * Build it with `asc fn.ts -o fn.wasm -O --exportStart _initialize --use abort=millrace/abort`,
 * where `millrace/abort` names this file without its extension. What throws fails the attempt,
 * which the worker then retries; answer `reject` for what will never work.
 */

@external("millrace", "data_read")
declare function data_read(to: usize, capacity: i32, offset: i32): i32;
@external("millrace", "attribute_read")
declare function attribute_read(name: usize, length: i32, to: usize, capacity: i32): i32;
@external("millrace", "key_read")
declare function key_read(to: usize, capacity: i32): i32;
@external("millrace", "headers_read")
declare function headers_read(to: usize, capacity: i32): i32;
@external("millrace", "config_read")
declare function config_read(name: usize, length: i32, to: usize, capacity: i32): i32;
@external("millrace", "reply_write")
declare function reply_write(from: usize, length: i32): i32;
@external("millrace", "reason_write")
declare function reason_write(from: usize, length: i32): i32;
@external("millrace", "retry_after")
declare function retry_after(millis: i64): void;
@external("millrace", "publish")
declare function host_publish(
  to: usize, toLength: i32, key: usize, keyLength: i32,
  headers: usize, headersLength: i32, data: usize, dataLength: i32): i32;
@external("millrace", "log")
declare function host_log(level: i32, from: usize, length: i32): void;
@external("millrace", "deadline_ms")
declare function deadline_ms(): i64;
@external("millrace", "once")
declare function host_once(key: usize, length: i32, ttlMillis: i64): i32;

/** What `handle` returns. */
export const DONE: i32 = 0;
export const RETRY: i32 = 1;
export const REJECT: i32 = 2;

/** What `publish` and `replyBytes` return. */
export const OK: i32 = 0;
/** `allow.publish` does not cover the destination. */
export const DENIED: i32 = -2;
/** `limits.output` would be exceeded. */
export const TOO_LARGE: i32 = -3;
/** An empty destination. */
export const INVALID: i32 = -4;

/** What `once` returns: it was done before, it is yours to do, another event is at it. */
export const ONCE_DONE: i32 = 0;
export const ONCE_FIRST: i32 = 1;
export const ONCE_BUSY: i32 = 2;

const NONE: i32 = -1;
const FIRST_BUFFER: i32 = 1024;

/** One transport header. A name may occur more than once, and a value may be absent. */
export class Header {
  constructor(public name: string, public value: ArrayBuffer | null) {}
}

/** The event's data; null where the source carried none, as a Kafka tombstone does. */
export function data(): ArrayBuffer | null {
  let buffer = new ArrayBuffer(FIRST_BUFFER);
  let size = data_read(changetype<usize>(buffer), buffer.byteLength, 0);
  if (size > buffer.byteLength) {
    buffer = new ArrayBuffer(size);
    size = data_read(changetype<usize>(buffer), size, 0);
  }
  return size < 0 ? null : buffer.slice(0, size);
}

/** The event's data as text; null where there is none. */
export function text(): string | null {
  const bytes = data();
  return bytes === null ? null : String.UTF8.decode(bytes);
}

/**
 * A CloudEvents attribute (`id`, `source`, `type`, `time`, `kafkatopic`, `redischannel`, ...), or
 * `attempt`, `trigger` or `function`; null where there is none.
 */
export function attribute(name: string): string | null {
  const utf8 = String.UTF8.encode(name);
  const from = changetype<usize>(utf8);
  let buffer = new ArrayBuffer(FIRST_BUFFER);
  let size = attribute_read(from, utf8.byteLength, changetype<usize>(buffer), buffer.byteLength);
  if (size > buffer.byteLength) {
    buffer = new ArrayBuffer(size);
    size = attribute_read(from, utf8.byteLength, changetype<usize>(buffer), size);
  }
  return size < 0 ? null : String.UTF8.decode(buffer.slice(0, size));
}

/** A value of the function's configuration, secrets included; null where there is none. */
export function config(name: string): string | null {
  const utf8 = String.UTF8.encode(name);
  const from = changetype<usize>(utf8);
  let buffer = new ArrayBuffer(FIRST_BUFFER);
  let size = config_read(from, utf8.byteLength, changetype<usize>(buffer), buffer.byteLength);
  if (size > buffer.byteLength) {
    buffer = new ArrayBuffer(size);
    size = config_read(from, utf8.byteLength, changetype<usize>(buffer), size);
  }
  return size < 0 ? null : String.UTF8.decode(buffer.slice(0, size));
}

/** The transport's key; null where there is none. */
export function key(): ArrayBuffer | null {
  let buffer = new ArrayBuffer(FIRST_BUFFER);
  let size = key_read(changetype<usize>(buffer), buffer.byteLength);
  if (size > buffer.byteLength) {
    buffer = new ArrayBuffer(size);
    size = key_read(changetype<usize>(buffer), size);
  }
  return size < 0 ? null : buffer.slice(0, size);
}

/** The transport's headers, in their order. */
export function headers(): Header[] {
  let buffer = new ArrayBuffer(FIRST_BUFFER);
  const size = headers_read(changetype<usize>(buffer), buffer.byteLength);
  if (size > buffer.byteLength) {
    buffer = new ArrayBuffer(size);
    headers_read(changetype<usize>(buffer), size);
  }
  return size < 0 ? [] : decodeHeaders(buffer);
}

/** Which attempt this is, from 1. */
export function attempt(): i32 {
  const number = attribute("attempt");
  return number === null ? 1 : I32.parseInt(number);
}

/** Replies with text; answers what `handle` returns. */
export function reply(text: string): i32 {
  if (replyBytes(String.UTF8.encode(text)) == OK) return DONE;
  return reject("the reply is larger than limits.output allows");
}

/** Appends bytes to the reply; answers OK or TOO_LARGE. */
export function replyBytes(bytes: ArrayBuffer): i32 {
  return reply_write(changetype<usize>(bytes), bytes.byteLength);
}

/** The event will never work: it becomes a dead letter. Answers what `handle` returns. */
export function reject(reason: string): i32 {
  writeReason(reason);
  return REJECT;
}

/**
 * Another attempt may work, by the trigger's back-off or after `afterMillis`. Answers what
 * `handle` returns.
 */
export function retry(reason: string, afterMillis: i64 = -1): i32 {
  writeReason(reason);
  if (afterMillis >= 0) retry_after(afterMillis);
  return RETRY;
}

/**
 * Publishes to a destination as the manifest writes it: `events/orders.charged`. The message is
 * sent after `handle` has answered DONE, and confirmed before the event is acknowledged; a failed
 * attempt publishes nothing. Answers OK, DENIED, TOO_LARGE or INVALID.
 */
export function publish(
  to: string, data: ArrayBuffer | null, key: ArrayBuffer | null = null,
  headers: Header[] | null = null): i32 {
  const destination = String.UTF8.encode(to);
  const list = headers === null || headers.length == 0 ? new ArrayBuffer(0) : encodeHeaders(headers);
  return host_publish(
    changetype<usize>(destination), destination.byteLength,
    changetype<usize>(key), key === null ? NONE : key.byteLength,
    changetype<usize>(list), list.byteLength,
    changetype<usize>(data), data === null ? NONE : data.byteLength);
}

/**
 * Claims a key of up to 512 bytes, so that what it stands for is done once. It counts as done for
 * `ttlMillis` from the moment this event is; if the attempt fails, the claim is given up. Answers
 * ONCE_DONE, ONCE_FIRST, ONCE_BUSY (answer `retry` then), DENIED without `allow.once`, TOO_LARGE or
 * INVALID.
 */
export function once(key: string, ttlMillis: i64): i32 {
  const bytes = String.UTF8.encode(key);
  return host_once(changetype<usize>(bytes), bytes.byteLength, ttlMillis);
}

export function debug(line: string): void { log(0, line); }
export function info(line: string): void { log(1, line); }
export function warn(line: string): void { log(2, line); }
export function error(line: string): void { log(3, line); }

/** How many milliseconds are left until the invocation is stopped. */
export function timeLeftMillis(): i64 {
  return deadline_ms();
}

/** Logs why the module gives up; for asc's `--use abort=`. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  error(
    (message === null ? "abort" : message) + " at " + (file === null ? "?" : file) + ":" +
    line.toString() + ":" + column.toString());
  unreachable();
}

function log(level: i32, line: string): void {
  const utf8 = String.UTF8.encode(line);
  host_log(level, changetype<usize>(utf8), utf8.byteLength);
}

function writeReason(reason: string): void {
  const utf8 = String.UTF8.encode(reason);
  reason_write(changetype<usize>(utf8), utf8.byteLength);
}

/**
 * A list as host and guest exchange it: a count, then for each entry the name's length, the name,
 * the value's length (-1 for none) and the value; all numbers little-endian, 4 bytes.
 */
function encodeHeaders(headers: Header[]): ArrayBuffer {
  const names: ArrayBuffer[] = [];
  let size = 4;
  for (let i = 0; i < headers.length; i++) {
    const name = String.UTF8.encode(headers[i].name);
    const value = headers[i].value;
    names.push(name);
    size += 8 + name.byteLength + (value === null ? 0 : value.byteLength);
  }
  const list = new ArrayBuffer(size);
  let at = changetype<usize>(list);
  store<i32>(at, headers.length);
  at += 4;
  for (let i = 0; i < headers.length; i++) {
    const value = headers[i].value;
    at = appendBytes(at, names[i]);
    if (value === null) {
      store<i32>(at, NONE);
      at += 4;
    } else {
      at = appendBytes(at, value);
    }
  }
  return list;
}

function appendBytes(at: usize, bytes: ArrayBuffer): usize {
  store<i32>(at, bytes.byteLength);
  memory.copy(at + 4, changetype<usize>(bytes), bytes.byteLength);
  return at + 4 + bytes.byteLength;
}

function decodeHeaders(list: ArrayBuffer): Header[] {
  const start = changetype<usize>(list);
  const count = load<i32>(start);
  const headers: Header[] = [];
  let at: i32 = 4;
  for (let i = 0; i < count; i++) {
    const nameLength = load<i32>(start + at);
    const name = String.UTF8.decode(list.slice(at + 4, at + 4 + nameLength));
    at += 4 + nameLength;
    const valueLength = load<i32>(start + at);
    at += 4;
    if (valueLength == NONE) {
      headers.push(new Header(name, null));
    } else {
      headers.push(new Header(name, list.slice(at, at + valueLength)));
      at += valueLength;
    }
  }
  return headers;
}
