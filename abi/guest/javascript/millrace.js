// What a script imports as "millrace", and the globals that it finds. See millrace.d.ts.
//
// It runs once, when the sandbox is made; `host` has the worker's functions, which take and give
// ArrayBuffers.
import * as host from "millrace:host";

const DONE = 0;
const RETRY = 1;
const REJECT = 2;

// ---- bytes and texts

const none = null;

/** What stands for bytes, as one ArrayBuffer of just these bytes. */
function bufferOf(value) {
  if (typeof value === "string") return host.encode(value);
  if (value instanceof ArrayBuffer) return value;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return byteLength === buffer.byteLength
      ? buffer
      : buffer.slice(byteOffset, byteOffset + byteLength);
  }
  throw new TypeError("expected a text, a Uint8Array or an ArrayBuffer");
}

/** The same for what may be anything: objects, numbers and so on become JSON. */
function dataOf(value) {
  if (typeof value === "string" || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return bufferOf(value);
  }
  const json = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`a ${typeof value} cannot be written as JSON`);
  return host.encode(json);
}

const optional = (value) => (value === undefined || value === null ? none : bufferOf(value));
const textOrNull = (buffer) => (buffer === null ? null : host.decode(buffer));
const bytesOrNull = (buffer) => (buffer === null ? null : new Uint8Array(buffer));

// A list as host and guest exchange it: a count, then for each entry the name's length, the name,
// the value's length (-1 for none) and the value; numbers of 4 bytes, little-endian.

function decodeList(list) {
  const view = new DataView(list);
  const entries = [];
  let at = 4;
  for (let left = view.getUint32(0, true); left > 0; left--) {
    const nameEnd = at + 4 + view.getUint32(at, true);
    const name = host.decode(list.slice(at + 4, nameEnd));
    const length = view.getInt32(nameEnd, true);
    at = nameEnd + 4 + Math.max(length, 0);
    entries.push({ name, value: length < 0 ? null : new Uint8Array(list.slice(nameEnd + 4, at)) });
  }
  return entries;
}

function encodeList(headers) {
  const entries =
    typeof headers[Symbol.iterator] === "function"
      ? Array.from(headers, (header) => (Array.isArray(header) ? header : [header.name, header.value]))
      : Object.entries(headers);
  const parts = entries.map(([name, value]) => [host.encode(name), optional(value)]);
  const size = parts.reduce((sum, [name, value]) => sum + 8 + name.byteLength + (value?.byteLength ?? 0), 4);
  const list = new Uint8Array(size);
  const view = new DataView(list.buffer);
  view.setUint32(0, parts.length, true);
  let at = 4;
  const put = (buffer) => {
    view.setInt32(at, buffer === null ? -1 : buffer.byteLength, true);
    at += 4;
    if (buffer !== null) {
      list.set(new Uint8Array(buffer), at);
      at += buffer.byteLength;
    }
  };
  for (const [name, value] of parts) {
    put(name);
    put(value);
  }
  return list.buffer;
}

// ---- how a function gives up

export class Retry extends Error {
  constructor(reason = "", afterMillis) {
    super(reason);
    this.afterMillis = afterMillis;
  }
}
Retry.prototype.name = "Retry";

export class Reject extends Error {}
Reject.prototype.name = "Reject";

export class Refused extends Reject {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
Refused.prototype.name = "Refused";

export class Unavailable extends Retry {}
Unavailable.prototype.name = "Unavailable";

/** What a host function answered, unless that is a refusal. */
function checked(code, what) {
  switch (code) {
    case -2:
      throw new Refused("DENIED", `${what}: not granted by the manifest's allow`);
    case -3:
      throw new Refused("TOO_LARGE", `${what}: larger than a limit such as limits.output allows`);
    case -4:
      throw new Refused("INVALID", `${what}: not valid`);
    case -5:
      throw new Unavailable(`${what}: the other side did not answer`);
    default:
      return code;
  }
}

// ---- the event

class Event {
  get id() {
    return this.attribute("id");
  }

  get source() {
    return this.attribute("source");
  }

  get type() {
    return this.attribute("type");
  }

  get subject() {
    return this.attribute("subject");
  }

  get time() {
    return new Date(this.attribute("time"));
  }

  get attempt() {
    return Number(this.attribute("attempt"));
  }

  get trigger() {
    return this.attribute("trigger");
  }

  get data() {
    return remembered(this, "data", bytesOrNull(host.data(none)));
  }

  get key() {
    return remembered(this, "key", bytesOrNull(host.key(none)));
  }

  get headers() {
    return remembered(this, "headers", decodeList(host.headers(none)));
  }

  get attributes() {
    const attributes = {};
    for (const { name, value } of decodeList(host.attributes(none))) {
      attributes[name] = host.decode(value.buffer);
    }
    return remembered(this, "attributes", attributes);
  }

  attribute(name) {
    return textOrNull(host.attribute(host.encode(name)));
  }

  header(name) {
    const header = this.headers.find((each) => each.name === name);
    return header === undefined || header.value === null ? null : host.decode(header.value.buffer);
  }

  text() {
    const data = host.data(none);
    if (data === null) throw new Reject("the event has no data");
    return host.decode(data);
  }

  json() {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Reject(`the event's data is not JSON: ${error.message}`);
    }
  }
}

function remembered(event, name, value) {
  Object.defineProperty(event, name, { value, enumerable: true });
  return value;
}

// ---- what a function can ask of the worker

export function config(name) {
  return textOrNull(host.config(host.encode(name)));
}

export function publish(to, data, options = {}) {
  const headers = options.headers === undefined ? new ArrayBuffer(0) : encodeList(options.headers);
  const value = data === null || data === undefined ? none : dataOf(data);
  checked(host.publish(host.encode(to), optional(options.key), headers, value), `publish to '${to}'`);
}

const ONCE = ["done", "first", "busy"];

export function once(key, ttlMillis) {
  return ONCE[checked(host.once(host.encode(key), ttlMillis), `once '${key}'`)];
}

class Store {
  #name;
  #buffer;

  constructor(name) {
    this.#name = name;
    this.#buffer = host.encode(name);
  }

  get(key) {
    const size = host.kvGet(this.#buffer, host.encode(key));
    if (size === -1) return null;
    this.#checked(size, key);
    return new Uint8Array(host.answer(none));
  }

  text(key) {
    const value = this.get(key);
    return value === null ? null : host.decode(value.buffer);
  }

  set(key, value, { ttlMillis = 0 } = {}) {
    this.#checked(host.kvSet(this.#buffer, host.encode(key), dataOf(value), ttlMillis), key);
  }

  delete(key) {
    return this.#checked(host.kvDelete(this.#buffer, host.encode(key)), key) === 1;
  }

  compareAndSet(key, expected, value, { ttlMillis = 0 } = {}) {
    const written = value === null ? none : dataOf(value);
    const code = host.kvCompareAndSet(
      this.#buffer, host.encode(key), optional(expected), written, ttlMillis);
    return this.#checked(code, key) === 1;
  }

  increment(key, delta = 1, { ttlMillis = 0 } = {}) {
    const sum = host.kvIncrement(this.#buffer, host.encode(key), delta, ttlMillis);
    if (typeof sum !== "bigint") return this.#checked(sum, key);
    return typeof delta === "bigint" ? sum : Number(sum);
  }

  #checked(code, key) {
    return checked(code, `key '${key}' of store '${this.#name}'`);
  }
}

export const kv = Object.freeze({ open: (store = "default") => new Store(store) });

class Response {
  constructor(status, headers, data) {
    this.status = status;
    this.headers = headers;
    this.data = data;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  header(name) {
    const wanted = name.toLowerCase();
    const header = this.headers.find((each) => each.name === wanted);
    return header === undefined || header.value === null ? null : host.decode(header.value.buffer);
  }

  text() {
    return host.decode(bufferOf(this.data));
  }

  json() {
    return JSON.parse(this.text());
  }
}

export const http = Object.freeze({
  request(url, { method = "GET", headers, body, timeoutMillis = 0 } = {}) {
    const status = checked(
      host.http(
        host.encode(method),
        host.encode(url),
        headers === undefined ? new ArrayBuffer(0) : encodeList(headers),
        body === undefined || body === null ? none : dataOf(body),
        timeoutMillis),
      `${method} ${url}`);
    const answered = host.answerHeaders(none);
    const data = host.answer(none);
    return new Response(
      status,
      answered === null ? [] : decodeList(answered),
      data === null ? new Uint8Array(0) : new Uint8Array(data));
  },
});

export function deadline() {
  return host.deadline();
}

export function heartbeat(percent = -1, message = "") {
  return checked(host.heartbeat(Math.floor(percent), host.encode(message)), "heartbeat");
}

// ---- log

function shown(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value}\n${value.stack ?? ""}`.trimEnd();
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value);
    } catch {
      return String(value);
    }
  }
  return String(value);
}

const line = (level) => (...values) => host.log(level, host.encode(values.map(shown).join(" ")));

const LEVELS = { debug: 0, info: 1, warn: 2, error: 3 };

export const log = Object.freeze({
  debug: line(0),
  info: line(1),
  warn: line(2),
  error: line(3),

  fields(level, message, fields) {
    const texts = Object.entries(fields).map(([name, value]) => [name, shown(value)]);
    checked(host.logFields(LEVELS[level], host.encode(message), encodeList(texts)), "log");
  },
});

// ---- globals

class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return new Uint8Array(host.encode(text));
  }
}

class TextDecoder {
  constructor(label = "utf-8") {
    if (!/^(utf-?8|unicode-1-1-utf-8)$/i.test(label)) {
      throw new RangeError(`no encoding '${label}'; there is only utf-8`);
    }
  }

  get encoding() {
    return "utf-8";
  }

  decode(bytes) {
    return bytes === undefined ? "" : host.decode(bufferOf(bytes));
  }
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const crypto = {
  getRandomValues(array) {
    host.random(array.buffer, array.byteOffset, array.byteLength);
    return array;
  },

  randomUUID() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  },
};

const { debug, info, warn, error } = log;
const console = { debug, info, warn, error, log: info, trace: debug };

for (const [name, value] of Object.entries({ console, crypto, TextEncoder, TextDecoder })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

// ---- the runner's side

/** Takes the script; called once, before the first event. */
export function start(script, name) {
  const { handle } = script;
  if (typeof handle !== "function") {
    throw new TypeError(`${name} exports no function 'handle'; write: export function handle(event) { … }`);
  }
  host.start(() => run(handle));
}

function run(handle) {
  try {
    const answer = handle(new Event());
    if (answer instanceof Promise) {
      answer.then(done).catch(failed);
    } else {
      done(answer);
    }
  } catch (error) {
    failed(error);
  }
}

function done(answer) {
  if (answer !== undefined && answer !== null) checked(host.reply(dataOf(answer)), "reply");
  host.finish(DONE);
}

function failed(error) {
  if (error instanceof Retry) {
    if (error.afterMillis !== undefined) host.retryAfter(Math.ceil(error.afterMillis));
    give(RETRY, error.message);
  } else if (error instanceof Reject) {
    give(REJECT, error.message);
  } else {
    host.fail(error);
  }
}

function give(code, reason) {
  const utf8 = host.encode(reason);
  if (utf8.byteLength <= 4096) {
    host.reason(utf8);
  } else {
    host.reason(host.encode(reason.slice(0, 1000) + "…"));
  }
  host.finish(code);
}
