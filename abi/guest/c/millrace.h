/*
 * Write Millrace functions in C.
 *
 *     #include "millrace.h"
 *
 *     int32_t handle(void) {
 *       return millrace_reply_write("hello", 5) == MILLRACE_OK ? MILLRACE_DONE : MILLRACE_REJECT;
 *     }
 *
 * Build it with
 *
 *     clang --target=wasm32-wasi -O2 -s -mexec-model=reactor fn.c -o fn.wasm
 *
 * A function that reads into a buffer copies what fits and answers the whole size: call it again
 * with a larger buffer when the answer exceeds the capacity. Text is UTF-8 without a NUL at its
 * end. A pointer outside the module's memory traps, which fails the attempt.
 */
#ifndef MILLRACE_H
#define MILLRACE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MILLRACE_IMPORT(name) \
  __attribute__((import_module("millrace"), import_name(#name))) extern

/* What handle() returns. */
enum {
  MILLRACE_DONE = 0,
  /* Try again: by the trigger's back-off, or after millrace_retry_after(). */
  MILLRACE_RETRY = 1,
  /* Never try again: the event becomes a dead letter. */
  MILLRACE_REJECT = 2
};

/* What the functions below return. */
enum {
  MILLRACE_OK = 0,
  /* There is no data, no such attribute, no such configuration value. */
  MILLRACE_ABSENT = -1,
  /* The manifest's allow does not cover it. */
  MILLRACE_DENIED = -2,
  /* limits.output, or the length of a reason, would be exceeded. */
  MILLRACE_TOO_LARGE = -3,
  /* Not UTF-8, an empty destination or key, a malformed header list. */
  MILLRACE_INVALID = -4,
  /* The other side did not answer: it is away or too slow. */
  MILLRACE_UNAVAILABLE = -5
};

enum { MILLRACE_DEBUG = 0, MILLRACE_INFO = 1, MILLRACE_WARN = 2, MILLRACE_ERROR = 3 };

/* The length that stands for no key, no data, no header value. */
enum { MILLRACE_NONE = -1 };

/* The module's entry point: yours to define. Called once for each event. */
__attribute__((export_name("handle"))) int32_t handle(void);

/* The event's data from `offset` on; the size of all of it, or MILLRACE_ABSENT. */
MILLRACE_IMPORT(data_read)
int32_t millrace_data_read(void *to, size_t capacity, size_t offset);

/*
 * A CloudEvents attribute (id, source, type, time, kafkatopic, redischannel, ...), or attempt,
 * trigger or function.
 */
MILLRACE_IMPORT(attribute_read)
int32_t millrace_attribute_read(const char *name, size_t name_length, void *to, size_t capacity);

/* All attributes, as a list (see below). */
MILLRACE_IMPORT(attributes_read)
int32_t millrace_attributes_read(void *to, size_t capacity);

/* The transport's key. */
MILLRACE_IMPORT(key_read)
int32_t millrace_key_read(void *to, size_t capacity);

/*
 * The transport's headers, as a list: a count, then for each entry the length of its name, the
 * name, the length of its value (MILLRACE_NONE for none), and the value. All numbers are 4 bytes,
 * little-endian, and nothing is padded.
 */
MILLRACE_IMPORT(headers_read)
int32_t millrace_headers_read(void *to, size_t capacity);

/* A value of the function's configuration. */
MILLRACE_IMPORT(config_read)
int32_t millrace_config_read(const char *name, size_t name_length, void *to, size_t capacity);

/* Appends to the reply. */
MILLRACE_IMPORT(reply_write)
int32_t millrace_reply_write(const void *from, size_t length);

/* Says why, before handle() returns MILLRACE_RETRY or MILLRACE_REJECT. */
MILLRACE_IMPORT(reason_write)
int32_t millrace_reason_write(const char *from, size_t length);

/* How long to wait before the next attempt, with MILLRACE_RETRY. */
MILLRACE_IMPORT(retry_after)
void millrace_retry_after(int64_t millis);

/*
 * A message to a destination as the manifest writes it ("events/orders.charged"). It is sent after
 * handle() has returned MILLRACE_DONE, and confirmed before the event is acknowledged; a failed
 * attempt publishes nothing. `headers` is a list as headers_read gives it, or empty.
 */
MILLRACE_IMPORT(publish)
int32_t millrace_publish(const char *to, size_t to_length,
                         const void *key, int32_t key_length,
                         const void *headers, size_t headers_length,
                         const void *data, int32_t data_length);

/* What millrace_once() answers. */
enum {
  /* It was done before: there is nothing to do. */
  MILLRACE_ONCE_DONE = 0,
  /* It is yours to do. */
  MILLRACE_ONCE_FIRST = 1,
  /* Another event is at it: answer MILLRACE_RETRY. */
  MILLRACE_ONCE_BUSY = 2
};

/*
 * Claims a key of up to 512 bytes, so that what it stands for is done once. It counts as done for
 * `ttl_millis` from the moment this event is; if the attempt fails, the claim is given up. One of
 * the answers above, or MILLRACE_DENIED without allow.once, MILLRACE_TOO_LARGE, MILLRACE_INVALID.
 */
MILLRACE_IMPORT(once)
int32_t millrace_once(const char *key, size_t key_length, int64_t ttl_millis);

/*
 * The size of a key's value in a store that allow.kv grants, or MILLRACE_ABSENT;
 * millrace_answer_read() then reads it.
 */
MILLRACE_IMPORT(kv_get)
int32_t millrace_kv_get(const char *store, size_t store_length, const char *key, size_t key_length);

/* Sets a key, for ever if `ttl_millis` is 0. */
MILLRACE_IMPORT(kv_set)
int32_t millrace_kv_set(const char *store, size_t store_length, const char *key, size_t key_length,
                        const void *value, size_t value_length, int64_t ttl_millis);

/* Removes a key: 1 if it was there, else 0. */
MILLRACE_IMPORT(kv_delete)
int32_t millrace_kv_delete(const char *store, size_t store_length,
                           const char *key, size_t key_length);

/*
 * Sets a key if it has the expected value: 1 if it did, 0 if the value is another one. An expected
 * length of MILLRACE_NONE is for a key that is not there; a value of that length removes the key.
 */
MILLRACE_IMPORT(kv_compare_and_set)
int32_t millrace_kv_compare_and_set(const char *store, size_t store_length,
                                    const char *key, size_t key_length,
                                    const void *expected, int32_t expected_length,
                                    const void *value, int32_t value_length, int64_t ttl_millis);

/*
 * Adds to the decimal number that a key has, 0 if there is none, and writes the sum; `ttl_millis`
 * counts if the key is created. MILLRACE_INVALID if the value is no number.
 */
MILLRACE_IMPORT(kv_increment)
int32_t millrace_kv_increment(const char *store, size_t store_length,
                              const char *key, size_t key_length,
                              int64_t delta, int64_t ttl_millis, int64_t *sum);

/*
 * Sends an HTTP request to where allow.http grants it, and waits: the status, 100 to 599.
 * `headers` is a list, or empty; the body's length is MILLRACE_NONE for none; `timeout_millis` is 0
 * for as long as the invocation has. millrace_answer_read() then reads the response's body.
 */
MILLRACE_IMPORT(http)
int32_t millrace_http(const char *method, size_t method_length, const char *url, size_t url_length,
                      const void *headers, size_t headers_length,
                      const void *body, int32_t body_length, int64_t timeout_millis);

/*
 * What the last of the calls above brought, from `offset` on; the size of all of it, or
 * MILLRACE_ABSENT.
 */
MILLRACE_IMPORT(answer_read)
int32_t millrace_answer_read(void *to, size_t capacity, size_t offset);

/* The response's headers, as a list, names in lower case. */
MILLRACE_IMPORT(answer_headers_read)
int32_t millrace_answer_headers_read(void *to, size_t capacity);

/* Writes one log line. */
MILLRACE_IMPORT(log)
void millrace_log(int32_t level, const char *from, size_t length);

/*
 * Writes one log line with fields, a list; message and list have at most 16 KiB each. MILLRACE_OK,
 * MILLRACE_TOO_LARGE or MILLRACE_INVALID.
 */
MILLRACE_IMPORT(log_fields)
int32_t millrace_log_fields(int32_t level, const char *from, size_t length,
                            const void *fields, size_t fields_length);

/*
 * Says that the invocation lives, which gives it limits.timeout from now on, up to
 * limits.max_duration; `percent` is -1 if it is not known, the message has at most 1 KiB. The
 * milliseconds left, MILLRACE_TOO_LARGE or MILLRACE_INVALID.
 */
MILLRACE_IMPORT(heartbeat)
int64_t millrace_heartbeat(int32_t percent, const char *message, size_t message_length);

/* How many milliseconds are left until the invocation is stopped. */
MILLRACE_IMPORT(deadline_ms)
int64_t millrace_deadline_ms(void);

#undef MILLRACE_IMPORT

#ifdef __cplusplus
}
#endif

#endif
