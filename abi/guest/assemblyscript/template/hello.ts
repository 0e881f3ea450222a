/** Answers a name with a greeting. */
import * as millrace from "../sdk/assemblyscript/millrace";

export function handle(): i32 {
  const name = millrace.text();
  if (name === null || name.length == 0) return millrace.reject("no name");
  millrace.info("attempt " + millrace.attempt().toString());
  return millrace.reply("hello " + name);
}
