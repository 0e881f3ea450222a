package dev.millrace.triggers.cron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailboxTest {

  @Test
  void runsOneTaskAtATimeOnManyThreads() throws InterruptedException {
    int senders = 4;
    int each = 5000;
    List<Integer> ran = new ArrayList<>(); // not safe for threads, as a trigger's fields are not
    CountDownLatch all = new CountDownLatch(senders * each);
    try (ExecutorService threads = Executors.newFixedThreadPool(3);
        ExecutorService posting = Executors.newFixedThreadPool(senders)) {
      Mailbox mailbox = new Mailbox(threads);
      for (int sender = 0; sender < senders; sender++) {
        int first = sender * each;
        posting.execute(
            () -> {
              for (int i = 0; i < each; i++) {
                int number = first + i;
                mailbox.post(
                    () -> {
                      ran.add(number);
                      all.countDown();
                    });
              }
            });
      }
      assertTrue(all.await(60, TimeUnit.SECONDS));
    }

    assertEquals(senders * each, ran.size());
    for (int sender = 0; sender < senders; sender++) {
      int of = sender;
      List<Integer> fromOne = ran.stream().filter(number -> number / each == of).toList();
      assertEquals(fromOne.stream().sorted().toList(), fromOne, "in the order of posting");
    }
  }

  @Test
  void runsWhatATaskPostsAfterThatTask() {
    List<String> ran = new ArrayList<>();
    Mailbox mailbox = new Mailbox(Runnable::run);

    mailbox.post(
        () -> {
          mailbox.post(() -> ran.add("second"));
          ran.add("first");
        });

    assertEquals(List.of("first", "second"), ran);
  }
}
