/** Settles the payments of the time before a cron fire: the data names the job. */
import * as millrace from "../../../../abi/guest/assemblyscript/millrace";

const MILLIS_PER_MINUTE: i64 = 60_000;

export function handle(): i32 {
  const job = millrace.text();
  if (job === null || job.length == 0) return millrace.reject("no job: set the trigger's data");

  const fireTime = millrace.attribute("time");
  if (fireTime === null) return millrace.retry("the event has no time");
  const account = millrace.config("account");
  if (account === null) return millrace.reject("no account: set the function's config.account");
  const minutes = windowMinutes();
  if (minutes <= 0) return millrace.reject("config.window_minutes must be a number above 0");

  const to = Date.fromString(fireTime);
  const from = new Date(to.getTime() - minutes * MILLIS_PER_MINUTE);
  const window = from.toISOString() + " to " + to.toISOString();
  millrace.info(job + ": settled account " + account + " from " + window);
  return millrace.reply(job + " " + account + " " + window);
}

function windowMinutes(): i64 {
  const configured = millrace.config("window_minutes");
  return configured === null ? 5 : I64.parseInt(configured);
}
