// Answers a name with a greeting.
import { log, Reject } from "millrace";

export function handle(event) {
  const name = event.data === null ? "" : event.text();
  if (name === "") throw new Reject("no name");
  log.info("attempt", event.attempt);
  return `hello ${name}`;
}
