/** Answers with everything that a function can see of its event, and publishes the event again. */
import * as millrace from "../../../abi/guest/assemblyscript/millrace";

export function handle(): i32 {
  const data = millrace.data();
  const key = millrace.key();
  const headers = millrace.headers();
  const id = millrace.attribute("id");
  const time = millrace.attribute("time");
  const greeting = millrace.config("greeting");

  let reply = "id=" + (id === null ? "-" : id) + "\n";
  reply += "attempt=" + millrace.attempt().toString() + "\n";
  reply += "time=" + (time === null ? "-" : time) + "\n";
  reply += "key=" + text(key) + "\n";
  for (let i = 0; i < headers.length; i++) {
    reply += "header " + headers[i].name + "=" + text(headers[i].value) + "\n";
  }
  reply += "greeting=" + (greeting === null ? "-" : greeting) + "\n";
  reply += "data=" + text(data) + "\n";

  if (millrace.publish("events/echo", data, key, headers) != millrace.OK) {
    return millrace.reject("not granted by allow.publish");
  }

  millrace.debug("debug line");
  millrace.info("info line");
  millrace.warn("warn line");
  millrace.error("error line");
  if (millrace.timeLeftMillis() <= 0) return millrace.retry("no time left");
  return millrace.reply(reply);
}

function text(bytes: ArrayBuffer | null): string {
  return bytes === null ? "-" : String.UTF8.decode(bytes);
}
