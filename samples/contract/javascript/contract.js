// Does what the contract of the SDKs asks for: the event's type says what.
import { config, deadline, heartbeat, http, kv, log, once, publish, Reject, Retry } from "millrace";

let seen = 0;

const behaviours = {
  bytes: (event) => event.data,
  nothing: () => undefined,
  look: (event) =>
    [
      event.id,
      event.source,
      event.attribute("time"),
      event.attempt,
      event.attribute("tenant"),
      event.attribute("gone") ?? "",
      event.key === null ? "" : new TextDecoder().decode(event.key),
      ...event.headers.map(
        ({ name, value }) => `${name}=${value === null ? "-" : new TextDecoder().decode(value)}`),
      config("gone") ?? config("greeting"),
    ].join("\n"),
  retry: (event) => {
    throw new Retry(event.text());
  },
  retry_after: (event) => {
    throw new Retry(event.text(), 1500);
  },
  reject: (event) => {
    throw new Reject(event.text());
  },
  fail: (event) => {
    throw new Error(event.text());
  },
  seen: () => ++seen,
  log: (event) => {
    log.debug("d", event.text());
    log.info("i", event.text());
    log.warn("w", event.text());
    log.error("e", event.text());
  },
  fields: (event) => log.fields("warn", event.text(), { order: "o-1", why: "no money" }),
  heartbeat: (event) => {
    const left = heartbeat(40, event.text());
    return left > 0 && left <= 20_000;
  },
  publish: ({ data, key, headers }) => publish("events/out", data, { key, headers }),
  once: (event) => once(event.text(), 60_000),
  deadline: () => deadline() > 0 && deadline() <= 20_000,
  kv: () => {
    const store = kv.open("default");
    const results = [store.get("k") === null];
    store.set("k", "one");
    results.push(true, store.text("k") === "one");
    results.push(store.compareAndSet("k", "two", "three"));
    results.push(store.compareAndSet("k", "one", "three", { ttlMillis: 60_000 }));
    results.push(store.delete("k"), store.delete("k"));
    results.push(store.compareAndSet("k", null, ""));
    results.push(store.get("k")?.length === 0);
    return results.join(" ");
  },
  kv_count: () => kv.open("default").increment("count", 5),
  http: (event) => {
    const response = http.request(event.text(), {
      method: "POST",
      body: "ping",
      headers: { "x-test": "yes" },
    });
    return `${response.status} ${response.header("x-answer")} ${response.text()}`;
  },
};

export function handle(event) {
  const behaviour = behaviours[event.type];
  if (behaviour === undefined) throw new Reject(`no behaviour ${event.type}`);
  return behaviour(event);
}
