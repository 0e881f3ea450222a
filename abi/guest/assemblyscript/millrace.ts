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
@external("millrace", "log_fields")
declare function host_log_fields(
  level: i32, from: usize, length: i32, fields: usize, fieldsLength: i32): i32;
@external("millrace", "heartbeat")
declare function host_heartbeat(percent: i32, message: usize, length: i32): i64;
@external("millrace", "deadline_ms")
declare function deadline_ms(): i64;
@external("millrace", "once")
declare function host_once(key: usize, length: i32, ttlMillis: i64): i32;

@external("millrace", "kv_get")
declare function host_kv_get(store: usize, storeLength: i32, key: usize, keyLength: i32): i32;
@external("millrace", "kv_set")
declare function host_kv_set(
  store: usize, storeLength: i32, key: usize, keyLength: i32,
  value: usize, valueLength: i32, ttlMillis: i64): i32;
@external("millrace", "kv_delete")
declare function host_kv_delete(store: usize, storeLength: i32, key: usize, keyLength: i32): i32;
@external("millrace", "kv_compare_and_set")
declare function host_kv_compare_and_set(
  store: usize, storeLength: i32, key: usize, keyLength: i32,
  expected: usize, expectedLength: i32, value: usize, valueLength: i32, ttlMillis: i64): i32;
@external("millrace", "kv_increment")
declare function host_kv_increment(
  store: usize, storeLength: i32, key: usize, keyLength: i32,
  delta: i64, ttlMillis: i64, sum: usize): i32;
@external("millrace", "http")
declare function host_http(
  method: usize, methodLength: i32, url: usize, urlLength: i32,
  headers: usize, headersLength: i32, body: usize, bodyLength: i32, timeoutMillis: i64): i32;
@external("millrace", "answer_read")
declare function answer_read(to: usize, capacity: i32, offset: i32): i32;
@external("millrace", "answer_headers_read")
declare function answer_headers_read(to: usize, capacity: i32): i32;

/** What `handle` returns. */
export const DONE: i32 = 0;
export const RETRY: i32 = 1;
export const REJECT: i32 = 2;

/** What `publish`, `replyBytes` and the calls of a `Store` return. */
export const OK: i32 = 0;
/** There is no such key. */
export const ABSENT: i32 = -1;
/** The manifest's `allow` does not cover it. */
export const DENIED: i32 = -2;
/** A limit such as `limits.output` would be exceeded. */
export const TOO_LARGE: i32 = -3;
/** An empty name, or a value that is no number. */
export const INVALID: i32 = -4;
/** The other side did not answer: it is away or too slow. Answer `retry` then. */
export const UNAVAILABLE: i32 = -5;

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

/**
 * A key-value store of the worker's, granted by `allow.kv`. What a call was refused with is its
 * answer, or `code` where it answers a value.
 */
export class Store {
  /** What the last call came to: OK, or DENIED, TOO_LARGE, INVALID, UNAVAILABLE. */
  code: i32 = OK;
  /** What the last increment came to. */
  sum: i64 = 0;
  private name: ArrayBuffer;

  constructor(name: string) {
    this.name = String.UTF8.encode(name);
  }

  /** The value of a key; null where there is none, or with a `code`. */
  get(key: string): ArrayBuffer | null {
    const utf8 = String.UTF8.encode(key);
    const size = host_kv_get(
      changetype<usize>(this.name), this.name.byteLength, changetype<usize>(utf8), utf8.byteLength);
    this.code = size < ABSENT ? size : OK;
    return size < 0 ? null : readAnswer(size);
  }

  /** Gives a key a value, for some time or, with 0, for ever. */
  set(key: string, value: ArrayBuffer, ttlMillis: i64 = 0): i32 {
    const utf8 = String.UTF8.encode(key);
    this.code = host_kv_set(
      changetype<usize>(this.name), this.name.byteLength, changetype<usize>(utf8), utf8.byteLength,
      changetype<usize>(value), value.byteLength, ttlMillis);
    return this.code;
  }

  /** Removes a key: 1 if it was there, 0 if not. */
  delete(key: string): i32 {
    const utf8 = String.UTF8.encode(key);
    this.code = host_kv_delete(
      changetype<usize>(this.name), this.name.byteLength, changetype<usize>(utf8), utf8.byteLength);
    return this.code;
  }

  /**
   * Sets a key if it has the expected value, null for not being there; a value of null removes it.
   * 1 if it did, 0 if the value is another one.
   */
  compareAndSet(
    key: string, expected: ArrayBuffer | null, value: ArrayBuffer | null, ttlMillis: i64 = 0): i32 {
    const utf8 = String.UTF8.encode(key);
    this.code = host_kv_compare_and_set(
      changetype<usize>(this.name), this.name.byteLength, changetype<usize>(utf8), utf8.byteLength,
      changetype<usize>(expected), expected === null ? NONE : expected.byteLength,
      changetype<usize>(value), value === null ? NONE : value.byteLength, ttlMillis);
    return this.code;
  }

  /**
   * Adds to a key's decimal number, 0 if there is none; `sum` has what it came to. The time counts
   * if the key is created.
   */
  increment(key: string, delta: i64 = 1, ttlMillis: i64 = 0): i32 {
    const utf8 = String.UTF8.encode(key);
    const sum = new ArrayBuffer(8);
    this.code = host_kv_increment(
      changetype<usize>(this.name), this.name.byteLength, changetype<usize>(utf8), utf8.byteLength,
      delta, ttlMillis, changetype<usize>(sum));
    this.sum = load<i64>(changetype<usize>(sum));
    return this.code;
  }
}

/** Names a store; it asks nothing yet. */
export function open(store: string): Store {
  return new Store(store);
}

/** What came back from an HTTP request, whatever its status; below 0 it was refused. */
export class Response {
  constructor(public status: i32, public headers: Header[], public body: ArrayBuffer) {}

  /** The first header of a name, which is in lower case, as text. */
  header(name: string): string | null {
    for (let i = 0; i < this.headers.length; i++) {
      const value = this.headers[i].value;
      if (this.headers[i].name == name && value !== null) return String.UTF8.decode(value);
    }
    return null;
  }
}

/**
 * Sends an HTTP request to where `allow.http` grants it, and waits. `timeoutMillis` is 0 for as long
 * as the invocation has.
 */
export function request(
  method: string, url: string, headers: Header[] | null = null, body: ArrayBuffer | null = null,
  timeoutMillis: i64 = 0): Response {
  const verb = String.UTF8.encode(method);
  const address = String.UTF8.encode(url);
  const list = headers === null || headers.length == 0 ? new ArrayBuffer(0) : encodeHeaders(headers);
  const status = host_http(
    changetype<usize>(verb), verb.byteLength, changetype<usize>(address), address.byteLength,
    changetype<usize>(list), list.byteLength,
    changetype<usize>(body), body === null ? NONE : body.byteLength, timeoutMillis);
  if (status < 0) return new Response(status, [], new ArrayBuffer(0));
  const size = answer_headers_read(0, 0);
  const answered = new ArrayBuffer(size < 0 ? 0 : size);
  answer_headers_read(changetype<usize>(answered), answered.byteLength);
  const length = answer_read(0, 0, 0);
  return new Response(
    status, size < 0 ? [] : decodeHeaders(answered), readAnswer(length < 0 ? 0 : length));
}

function readAnswer(size: i32): ArrayBuffer {
  const answer = new ArrayBuffer(size);
  answer_read(changetype<usize>(answer), size, 0);
  return answer;
}

export function debug(line: string): void { log(0, line); }
export function info(line: string): void { log(1, line); }
export function warn(line: string): void { log(2, line); }
export function error(line: string): void { log(3, line); }

/** Writes one log line with fields, at a level of 0 (debug) to 3 (error); OK, TOO_LARGE or INVALID. */
export function logFields(level: i32, line: string, fields: Header[]): i32 {
  const utf8 = String.UTF8.encode(line);
  const list = encodeHeaders(fields);
  return host_log_fields(
    level, changetype<usize>(utf8), utf8.byteLength, changetype<usize>(list), list.byteLength);
}

/**
 * Says that the invocation lives, which gives it `limits.timeout` from now on, up to
 * `limits.max_duration`; `percent` is -1 if it is not known. The milliseconds left, TOO_LARGE or
 * INVALID.
 */
export function heartbeat(percent: i32 = -1, message: string = ""): i64 {
  const utf8 = String.UTF8.encode(message);
  return host_heartbeat(percent, changetype<usize>(utf8), utf8.byteLength);
}

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
