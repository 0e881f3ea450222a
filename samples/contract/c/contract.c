/* Does what the contract of the SDKs asks for: the event's type says what. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "millrace.h"

#define TEXT(literal) literal, sizeof(literal) - 1

/* Bytes that the worker handed over; the size is negative where there are none. */
struct bytes {
  char *start;
  int32_t size;
};

static int seen;

static struct bytes read_with(int32_t (*read)(void *to, size_t capacity)) {
  struct bytes bytes = {.start = NULL, .size = read(NULL, 0)};
  if (bytes.size >= 0) {
    bytes.start = malloc((size_t)bytes.size + 1);
    if (bytes.start == NULL) {
      abort();
    }
    read(bytes.start, (size_t)bytes.size);
    bytes.start[bytes.size] = 0;
  }
  return bytes;
}

static int32_t read_data(void *to, size_t capacity) { return millrace_data_read(to, capacity, 0); }

static int32_t read_answer(void *to, size_t capacity) {
  return millrace_answer_read(to, capacity, 0);
}

static int32_t reject(const char *reason) {
  millrace_reason_write(reason, strlen(reason));
  return MILLRACE_REJECT;
}

static int32_t refused(int32_t code) {
  if (code == MILLRACE_UNAVAILABLE) {
    millrace_reason_write(TEXT("the other side did not answer"));
    return MILLRACE_RETRY;
  }
  return reject("not granted by the manifest's allow");
}

static int32_t reply(const char *text) {
  int32_t code = millrace_reply_write(text, strlen(text));
  return code == MILLRACE_OK ? MILLRACE_DONE : refused(code);
}

static void add(const char *text, size_t length) {
  if (millrace_reply_write(text, length) != MILLRACE_OK) {
    abort();
  }
}

static void add_attribute(const char *name) {
  char value[256];
  int32_t size = millrace_attribute_read(name, strlen(name), value, sizeof value);
  if (size > 0) {
    add(value, (size_t)size);
  }
  add("\n", 1);
}

static int32_t take_int(const char **at) {
  int32_t number;
  memcpy(&number, *at, sizeof number);
  *at += sizeof number;
  return number;
}

static int32_t look(void) {
  static const char *const attributes[] = {"id", "source", "time", "attempt", "tenant", "gone"};
  for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
    add_attribute(attributes[i]);
  }
  struct bytes key = read_with(millrace_key_read);
  add(key.start, key.size < 0 ? 0 : (size_t)key.size);
  add("\n", 1);
  struct bytes headers = read_with(millrace_headers_read);
  const char *at = headers.start;
  for (int32_t count = take_int(&at); count > 0; count--) {
    int32_t length = take_int(&at);
    add(at, (size_t)length);
    at += length;
    add("=", 1);
    int32_t size = take_int(&at);
    add(size < 0 ? "-" : at, size < 0 ? 1 : (size_t)size);
    at += size < 0 ? 0 : size;
    add("\n", 1);
  }
  char config[64];
  int32_t size = millrace_config_read(TEXT("gone"), config, sizeof config);
  if (size == MILLRACE_ABSENT) {
    size = millrace_config_read(TEXT("greeting"), config, sizeof config);
  }
  add(config, (size_t)size);
  return MILLRACE_DONE;
}

static void say(int32_t level, const char *prefix, struct bytes data) {
  char line[256];
  int length = snprintf(line, sizeof line, "%s %s", prefix, data.start);
  millrace_log(level, line, (size_t)length);
}

static bool is(struct bytes value, const char *text) {
  return value.size == (int32_t)strlen(text) && memcmp(value.start, text, strlen(text)) == 0;
}

static bool value_is(const char *text) {
  return millrace_kv_get(TEXT("default"), TEXT("k")) >= 0 && is(read_with(read_answer), text);
}

static int32_t key_values(void) {
  int32_t before = millrace_kv_get(TEXT("default"), TEXT("k"));
  if (before < MILLRACE_ABSENT) {
    return refused(before);
  }
  bool results[9] = {before == MILLRACE_ABSENT};
  results[1] = millrace_kv_set(TEXT("default"), TEXT("k"), TEXT("one"), 0) == MILLRACE_OK;
  results[2] = value_is("one");
  results[3] = millrace_kv_compare_and_set(TEXT("default"), TEXT("k"), TEXT("two"), TEXT("three"), 0);
  results[4] =
      millrace_kv_compare_and_set(TEXT("default"), TEXT("k"), TEXT("one"), TEXT("three"), 60000);
  results[5] = millrace_kv_delete(TEXT("default"), TEXT("k"));
  results[6] = millrace_kv_delete(TEXT("default"), TEXT("k"));
  results[7] = millrace_kv_compare_and_set(TEXT("default"), TEXT("k"), NULL, MILLRACE_NONE, "", 0, 0);
  results[8] = value_is("");
  for (size_t i = 0; i < sizeof results; i++) {
    const char *result = results[i] ? " true" : " false";
    add(result + (i == 0), strlen(result) - (i == 0));
  }
  return MILLRACE_DONE;
}

static int32_t count(void) {
  int64_t sum;
  int32_t code = millrace_kv_increment(TEXT("default"), TEXT("count"), 5, 0, &sum);
  if (code != MILLRACE_OK) {
    return refused(code);
  }
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, sum);
  return reply(text);
}

/* A list of one header. */
static size_t header_list(char *to, const char *name, const char *value) {
  int32_t numbers[] = {1, (int32_t)strlen(name), (int32_t)strlen(value)};
  memcpy(to, &numbers[0], 8);
  memcpy(to + 8, name, strlen(name));
  memcpy(to + 8 + strlen(name), &numbers[2], 4);
  memcpy(to + 12 + strlen(name), value, strlen(value));
  return 12 + strlen(name) + strlen(value);
}

static int32_t http(struct bytes url) {
  char sent[64];
  size_t sent_size = header_list(sent, "x-test", "yes");
  int32_t status = millrace_http(TEXT("POST"), url.start, (size_t)url.size, sent, sent_size,
                                 TEXT("ping"), 0);
  if (status < 0) {
    return refused(status);
  }
  char text[16];
  snprintf(text, sizeof text, "%" PRId32 " ", status);
  add(text, strlen(text));
  struct bytes headers = read_with(millrace_answer_headers_read);
  const char *at = headers.start;
  for (int32_t left = take_int(&at); left > 0; left--) {
    int32_t length = take_int(&at);
    bool wanted = length == 8 && memcmp(at, "x-answer", 8) == 0;
    at += length;
    int32_t size = take_int(&at);
    if (wanted) {
      add(at, (size_t)size);
    }
    at += size < 0 ? 0 : size;
  }
  add(" ", 1);
  struct bytes body = read_with(read_answer);
  add(body.start, body.size < 0 ? 0 : (size_t)body.size);
  return MILLRACE_DONE;
}

int32_t handle(void) {
  char name[32];
  int32_t length = millrace_attribute_read(TEXT("type"), name, sizeof name);
  struct bytes type = {.start = name, .size = length};
  struct bytes data = read_with(read_data);
  if (is(type, "bytes")) {
    add(data.start, data.size < 0 ? 0 : (size_t)data.size);
    return MILLRACE_DONE;
  }
  if (is(type, "nothing")) {
    return MILLRACE_DONE;
  }
  if (is(type, "look")) {
    return look();
  }
  if (is(type, "retry") || is(type, "retry_after")) {
    millrace_reason_write(data.start, (size_t)data.size);
    if (is(type, "retry_after")) {
      millrace_retry_after(1500);
    }
    return MILLRACE_RETRY;
  }
  if (is(type, "reject")) {
    return reject(data.start);
  }
  if (is(type, "fail")) {
    millrace_reason_write(data.start, (size_t)data.size);
    abort();
  }
  if (is(type, "seen")) {
    char text[16];
    snprintf(text, sizeof text, "%d", ++seen);
    return reply(text);
  }
  if (is(type, "log")) {
    say(MILLRACE_DEBUG, "d", data);
    say(MILLRACE_INFO, "i", data);
    say(MILLRACE_WARN, "w", data);
    say(MILLRACE_ERROR, "e", data);
    return MILLRACE_DONE;
  }
  if (is(type, "fields")) {
    static const char fields[] = "\2\0\0\0\5\0\0\0order\3\0\0\0o-1\3\0\0\0why\10\0\0\0no money";
    millrace_log_fields(MILLRACE_WARN, data.start, (size_t)data.size, TEXT(fields));
    return MILLRACE_DONE;
  }
  if (is(type, "heartbeat")) {
    int64_t left = millrace_heartbeat(40, data.start, (size_t)data.size);
    return reply(left > 0 && left <= 20000 ? "true" : "false");
  }
  if (is(type, "publish")) {
    struct bytes key = read_with(millrace_key_read);
    struct bytes headers = read_with(millrace_headers_read);
    int32_t code = millrace_publish(TEXT("events/out"), key.start, key.size, headers.start,
                                    (size_t)headers.size, data.start, data.size);
    return code == MILLRACE_OK ? MILLRACE_DONE : refused(code);
  }
  if (is(type, "once")) {
    static const char *const claims[] = {"done", "first", "busy"};
    int32_t claim = millrace_once(data.start, (size_t)data.size, 60000);
    return claim < 0 ? refused(claim) : reply(claims[claim]);
  }
  if (is(type, "deadline")) {
    int64_t left = millrace_deadline_ms();
    return reply(left > 0 && left <= 20000 ? "true" : "false");
  }
  if (is(type, "kv")) {
    return key_values();
  }
  if (is(type, "kv_count")) {
    return count();
  }
  if (is(type, "http")) {
    return http(data);
  }
  return reject("no such behaviour");
}
