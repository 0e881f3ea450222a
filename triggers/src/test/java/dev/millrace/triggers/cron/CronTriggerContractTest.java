package dev.millrace.triggers.cron;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import dev.millrace.triggers.testing.DurableTriggerContract;
import dev.millrace.triggers.testing.InMemoryFireLedger;
import java.time.Clock;
import java.time.Duration;

class CronTriggerContractTest extends DurableTriggerContract {

  private final ManualTime time = new ManualTime("2026-01-01T10:00:30Z");
  private final InMemoryFireLedger ledger = InMemoryFireLedger.create();

  @Override
  protected Trigger create(TriggerContext context) {
    return new CronTriggerFactory(
            CronBench.options("* * * * *", Missed.ALL, Overlap.ALLOW), ledger, Runnable::run, time)
        .create(context);
  }

  @Override
  protected Trigger createUnreachable(TriggerContext context) {
    ledger.health(InMemoryFireLedger.Health.AWAY);
    return create(context);
  }

  @Override
  protected void produce() {
    time.advance(Duration.ofMinutes(1));
  }

  @Override
  protected Clock clock() {
    return time;
  }
}
