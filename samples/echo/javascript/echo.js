// Answers with everything that a function can see of its event, and publishes the event again.
import { config, deadline, log, publish, Retry } from "millrace";

const text = (bytes) => (bytes === null ? "-" : new TextDecoder().decode(bytes));

export function handle(event) {
  const { data, key, headers } = event;
  publish("events/echo", data, { key, headers });

  log.debug("debug line");
  log.info("info line");
  log.warn("warn line");
  log.error("error line");
  if (deadline() <= 0) throw new Retry("no time left");

  return [
    `id=${event.id}`,
    `attempt=${event.attempt}`,
    `time=${event.attribute("time")}`,
    `key=${text(key)}`,
    ...headers.map(({ name, value }) => `header ${name}=${text(value)}`),
    `greeting=${config("greeting") ?? "-"}`,
    `data=${text(data)}`,
    "",
  ].join("\n");
}
