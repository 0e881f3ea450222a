package dev.millrace.worker.admin;

import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.dispatch.Dispatcher;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is asked of one trigger at each scrape. The suppliers are cheap and safe for any thread.
 *
 * @param trigger its name
 * @param function the function it calls
 * @param system the messaging system behind it: {@code kafka}, {@code redis} or {@code cron}
 * @param account its conservation ledger
 * @param queues its queues in the dispatcher
 * @param parkedKeys how many of its keys queue behind a dead letter
 * @param parkedRetries how many of its retries wait in the store
 * @param status what it is doing
 */
public record TriggerGauges(
    String trigger,
    String function,
    String system,
    Supplier<Conservation> account,
    Supplier<Dispatcher.Queues> queues,
    LongSupplier parkedKeys,
    LongSupplier parkedRetries,
    Supplier<TriggerStatus> status) {}
