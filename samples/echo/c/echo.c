/* Answers with everything that a function can see of its event, and publishes the event again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "millrace.h"

static const char destination[] = "events/echo";

/* Bytes that the worker handed over; the size is negative where there are none. */
struct bytes {
  char *start;
  int32_t size;
};

static struct bytes read_with(int32_t (*read)(void *to, size_t capacity)) {
  struct bytes bytes = {.start = NULL, .size = read(NULL, 0)};
  if (bytes.size > 0) {
    bytes.start = malloc((size_t)bytes.size);
    if (bytes.start == NULL) {
      abort();
    }
    read(bytes.start, (size_t)bytes.size);
  }
  return bytes;
}

static int32_t read_data(void *to, size_t capacity) { return millrace_data_read(to, capacity, 0); }

static int32_t read_id(void *to, size_t capacity) {
  return millrace_attribute_read("id", 2, to, capacity);
}

static int32_t read_attempt(void *to, size_t capacity) {
  return millrace_attribute_read("attempt", 7, to, capacity);
}

static int32_t read_time(void *to, size_t capacity) {
  return millrace_attribute_read("time", 4, to, capacity);
}

static int32_t read_greeting(void *to, size_t capacity) {
  return millrace_config_read("greeting", 8, to, capacity);
}

static void reply(const char *text, size_t length) {
  if (length > 0 && millrace_reply_write(text, length) != MILLRACE_OK) {
    abort();
  }
}

static void reply_line(const char *name, struct bytes value) {
  reply(name, strlen(name));
  reply("=", 1);
  if (value.size < 0) {
    reply("-", 1);
  } else {
    reply(value.start, (size_t)value.size);
  }
  reply("\n", 1);
}

static int32_t take_int(const char **at) {
  int32_t number;
  memcpy(&number, *at, sizeof number);
  *at += sizeof number;
  return number;
}

static void reply_headers(struct bytes list) {
  const char *at = list.start;
  for (int32_t count = take_int(&at); count > 0; count--) {
    int32_t name_length = take_int(&at);
    char name[256];
    snprintf(name, sizeof name, "header %.*s", (int)name_length, at);
    at += name_length;
    int32_t value_length = take_int(&at);
    reply_line(name, (struct bytes){.start = (char *)at, .size = value_length});
    at += value_length < 0 ? 0 : value_length;
  }
}

static void say(int32_t level, const char *line) { millrace_log(level, line, strlen(line)); }

int32_t handle(void) {
  struct bytes data = read_with(read_data);
  struct bytes key = read_with(millrace_key_read);
  struct bytes headers = read_with(millrace_headers_read);
  reply_line("id", read_with(read_id));
  reply_line("attempt", read_with(read_attempt));
  reply_line("time", read_with(read_time));
  reply_line("key", key);
  reply_headers(headers);
  reply_line("greeting", read_with(read_greeting));
  reply_line("data", data);

  if (millrace_publish(destination, sizeof destination - 1, key.start,
                       key.size < 0 ? MILLRACE_NONE : key.size, headers.start,
                       (size_t)headers.size, data.start,
                       data.size < 0 ? MILLRACE_NONE : data.size) != MILLRACE_OK) {
    static const char reason[] = "not granted by allow.publish";
    millrace_reason_write(reason, sizeof reason - 1);
    return MILLRACE_REJECT;
  }

  say(MILLRACE_DEBUG, "debug line");
  say(MILLRACE_INFO, "info line");
  say(MILLRACE_WARN, "warn line");
  say(MILLRACE_ERROR, "error line");
  if (millrace_deadline_ms() <= 0) {
    return MILLRACE_RETRY;
  }
  return MILLRACE_DONE;
}
