/** Does what the contract of the SDKs asks for: the event's type says what. */
import * as millrace from "../../../abi/guest/assemblyscript/millrace";

let seen: i32 = 0;

export function handle(): i32 {
  const type = millrace.attribute("type");
  const said = millrace.text();
  const text = said === null ? "" : said;
  const store = millrace.open("default");
  if (type == "bytes") {
    const data = millrace.data();
    return data === null || millrace.replyBytes(data) == millrace.OK ? millrace.DONE : refused();
  }
  if (type == "nothing") return millrace.DONE;
  if (type == "look") return millrace.reply(look());
  if (type == "retry") return millrace.retry(text);
  if (type == "retry_after") return millrace.retry(text, 1500);
  if (type == "reject") return millrace.reject(text);
  if (type == "fail") throw new Error(text);
  if (type == "seen") return millrace.reply((++seen).toString());
  if (type == "log") {
    millrace.debug("d " + text);
    millrace.info("i " + text);
    millrace.warn("w " + text);
    millrace.error("e " + text);
    return millrace.DONE;
  }
  if (type == "fields") {
    const fields = [
      new millrace.Header("order", String.UTF8.encode("o-1")),
      new millrace.Header("why", String.UTF8.encode("no money")),
    ];
    return millrace.logFields(2, text, fields) == millrace.OK ? millrace.DONE : refused();
  }
  if (type == "heartbeat") {
    const left = millrace.heartbeat(40, text);
    return millrace.reply((left > 0 && left <= 20000).toString());
  }
  if (type == "publish") {
    const code = millrace.publish(
      "events/out", millrace.data(), millrace.key(), millrace.headers());
    return code == millrace.OK ? millrace.DONE : refused();
  }
  if (type == "once") {
    const claim = millrace.once(text, 60000);
    if (claim < 0) return refused();
    return millrace.reply(
      claim == millrace.ONCE_FIRST ? "first" : claim == millrace.ONCE_DONE ? "done" : "busy");
  }
  if (type == "deadline") {
    const left = millrace.timeLeftMillis();
    return millrace.reply((left > 0 && left <= 20000).toString());
  }
  if (type == "kv") return keyValues(store);
  if (type == "kv_count") {
    return store.increment("count", 5) == millrace.OK ? millrace.reply(store.sum.toString()) : refused();
  }
  if (type == "http") {
    const headers = [new millrace.Header("x-test", String.UTF8.encode("yes"))];
    const response = millrace.request("POST", text, headers, String.UTF8.encode("ping"));
    if (response.status == millrace.UNAVAILABLE) return millrace.retry("the other side did not answer");
    if (response.status < 0) return refused();
    const header = response.header("x-answer");
    return millrace.reply(
      response.status.toString() + " " + (header === null ? "" : header) + " " +
      String.UTF8.decode(response.body));
  }
  return millrace.reject("no behaviour " + (type === null ? "" : type));
}

function refused(): i32 {
  return millrace.reject("not granted by the manifest's allow");
}

function look(): string {
  const lines: string[] = [
    text(millrace.attribute("id")), text(millrace.attribute("source")),
    text(millrace.attribute("time")), millrace.attempt().toString(),
    text(millrace.attribute("tenant")), text(millrace.attribute("gone")),
  ];
  const key = millrace.key();
  lines.push(key === null ? "" : String.UTF8.decode(key));
  const headers = millrace.headers();
  for (let i = 0; i < headers.length; i++) {
    const value = headers[i].value;
    lines.push(headers[i].name + "=" + (value === null ? "-" : String.UTF8.decode(value)));
  }
  const gone = millrace.config("gone");
  lines.push(gone === null ? text(millrace.config("greeting")) : gone);
  return lines.join("\n");
}

function text(value: string | null): string {
  return value === null ? "" : value;
}

function keyValues(store: millrace.Store): i32 {
  const results: bool[] = [store.get("k") === null && store.code == millrace.OK];
  if (store.code != millrace.OK) return refused();
  results.push(store.set("k", String.UTF8.encode("one")) == millrace.OK);
  const value = store.get("k");
  results.push(value !== null && String.UTF8.decode(value) == "one");
  results.push(store.compareAndSet("k", String.UTF8.encode("two"), String.UTF8.encode("three")) == 1);
  results.push(
    store.compareAndSet("k", String.UTF8.encode("one"), String.UTF8.encode("three"), 60000) == 1);
  results.push(store.delete("k") == 1);
  results.push(store.delete("k") == 1);
  results.push(store.compareAndSet("k", null, new ArrayBuffer(0)) == 1);
  const empty = store.get("k");
  results.push(empty !== null && empty.byteLength == 0);
  return millrace.reply(results.join(" "));
}
