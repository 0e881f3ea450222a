/* Accepts an order: counts it into its currency's total and tells whoever listens, once. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "millrace.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* More than any order has, and little enough for totals that every language holds exactly. */
static const int64_t MAX_AMOUNT = 1000000000000;
static const int64_t HOLD_MILLIS = 1000;
/* How long a redelivery may take. */
static const int64_t REMEMBERED_MILLIS = 24 * 60 * 60 * 1000;

enum { MAX_ID = 64, CURRENCY = 3 };

struct order {
  char id[MAX_ID + 1];
  /* In the currency's smallest unit. */
  int64_t amount;
  char currency[CURRENCY + 1];
};

static int32_t reject(const char *reason) {
  millrace_reason_write(reason, strlen(reason));
  return MILLRACE_REJECT;
}

static int32_t retry(const char *reason) {
  millrace_reason_write(reason, strlen(reason));
  return MILLRACE_RETRY;
}

/* What was refused will never work, unless the other side was away. */
static int32_t refused(const char *what, int32_t code) {
  char reason[64];
  snprintf(reason, sizeof reason, "%s: refused with %" PRId32, what, code);
  return code == MILLRACE_UNAVAILABLE ? retry(reason) : reject(reason);
}

static int32_t reply(const char *text) {
  int32_t code = millrace_reply_write(text, strlen(text));
  return code == MILLRACE_OK ? MILLRACE_DONE : refused("the reply", code);
}

static int letter_digit_or_hyphen(int c) { return isalnum(c) || c == '-'; }

/* Copies a text of so many characters of a kind; false if it is another one. */
static bool take(const struct json_value *value, size_t least, size_t most, int (*kind)(int c),
                 char *to) {
  if (value->kind != JSON_TEXT || value->length < least || value->length > most) {
    return false;
  }
  for (size_t i = 0; i < value->length; i++) {
    if (!kind((unsigned char)value->start[i])) {
      return false;
    }
  }
  memcpy(to, value->start, value->length);
  to[value->length] = 0;
  return true;
}

/* Takes what an order may have, so that it can be written as JSON again without escapes. */
static int32_t read_order(const char *data, size_t size, struct order *order) {
  struct json_member members[] = {{.name = "id"}, {.name = "amount"}, {.name = "currency"}};
  const struct json_value *amount = &members[1].value;
  if (!json_members(data, size, members, 3)) {
    return reject("not an order: no JSON object");
  }
  if (amount->kind != JSON_NUMBER || !json_whole(amount->start, amount->length, &order->amount)) {
    return reject("not an order: amount is no whole number");
  }
  if (!take(&members[0].value, 1, MAX_ID, letter_digit_or_hyphen, order->id)) {
    return reject("no id of 1 to 64 letters, digits and hyphens");
  }
  char reason[160];
  if (order->amount < 0 || order->amount > MAX_AMOUNT) {
    snprintf(reason, sizeof reason, "order %s: amount %" PRId64 " is not 0 to %" PRId64, order->id,
             order->amount, MAX_AMOUNT);
    return reject(reason);
  }
  if (!take(&members[2].value, CURRENCY, CURRENCY, isupper, order->currency)) {
    snprintf(reason, sizeof reason, "order %s: no currency of three capital letters", order->id);
    return reject(reason);
  }
  return MILLRACE_DONE;
}

static bool read_limit(int64_t *limit) {
  char text[24];
  int32_t size = millrace_config_read(TEXT("limit"), text, sizeof text);
  return size > 0 && size <= (int32_t)sizeof text && json_whole(text, (size_t)size, limit);
}

static bool first_attempt(void) {
  char attempt[16];
  int32_t size = millrace_attribute_read(TEXT("attempt"), attempt, sizeof attempt);
  return size == 1 && attempt[0] == '1';
}

static int32_t publish(const struct order *order) {
  char data[160];
  int length = snprintf(data, sizeof data, "{\"id\":\"%s\",\"amount\":%" PRId64
                        ",\"currency\":\"%s\"}", order->id, order->amount, order->currency);
  /* A list of one header, as millrace.h describes it. */
  char headers[] = "\1\0\0\0\10\0\0\0currency\3\0\0\0EUR";
  memcpy(headers + sizeof headers - 1 - CURRENCY, order->currency, CURRENCY);
  return millrace_publish(TEXT("events/orders.accepted"), order->id, (int32_t)strlen(order->id),
                          headers, sizeof headers - 1, data, length);
}

static int32_t accept(const struct order *order) {
  char text[160];
  int length = snprintf(text, sizeof text, "accepted:%s", order->id);
  int32_t claim = millrace_once(text, (size_t)length, REMEMBERED_MILLIS);
  if (claim < 0) {
    return refused("once", claim);
  }
  if (claim == MILLRACE_ONCE_BUSY) {
    snprintf(text, sizeof text, "order %s: another event has it", order->id);
    return retry(text);
  }
  if (claim == MILLRACE_ONCE_DONE) {
    length = snprintf(text, sizeof text, "order %s was accepted before", order->id);
    millrace_log(MILLRACE_INFO, text, (size_t)length);
    snprintf(text, sizeof text, "{\"id\":\"%s\",\"status\":\"duplicate\"}", order->id);
    return reply(text);
  }

  int32_t published = publish(order);
  if (published != MILLRACE_OK) {
    return refused("publish", published);
  }
  /* Last, because it takes effect at once: what fails after it would count again. */
  int64_t total;
  length = snprintf(text, sizeof text, "total:%s", order->currency);
  int32_t counted = millrace_kv_increment(TEXT("default"), text, (size_t)length, order->amount, 0,
                                          &total);
  if (counted != MILLRACE_OK) {
    return refused("kv_increment", counted);
  }
  length = snprintf(text, sizeof text, "accepted %" PRId64 " %s of order %s", order->amount,
                    order->currency, order->id);
  millrace_log(MILLRACE_INFO, text, (size_t)length);
  snprintf(text, sizeof text,
           "{\"id\":\"%s\",\"status\":\"accepted\",\"currency\":\"%s\",\"total\":%" PRId64 "}",
           order->id, order->currency, total);
  return reply(text);
}

static int32_t handle_data(const char *data, size_t size) {
  struct order order;
  int32_t read = read_order(data, size, &order);
  if (read != MILLRACE_DONE) {
    return read;
  }
  int64_t limit;
  if (!read_limit(&limit)) {
    return reject("config.limit is no number");
  }
  if (order.amount > limit && first_attempt()) {
    char reason[160];
    snprintf(reason, sizeof reason, "order %s: %" PRId64 " is over the limit of %" PRId64, order.id,
             order.amount, limit);
    millrace_retry_after(HOLD_MILLIS);
    return retry(reason);
  }
  return accept(&order);
}

int32_t handle(void) {
  int32_t size = millrace_data_read(NULL, 0, 0);
  if (size < 0) {
    return reject("not an order: no data");
  }
  char *data = malloc((size_t)size + 1);
  if (data == NULL) {
    return reject("the order does not fit into limits.memory");
  }
  millrace_data_read(data, (size_t)size, 0);
  int32_t answer = handle_data(data, (size_t)size);
  free(data);
  return answer;
}
