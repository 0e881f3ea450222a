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
  /* allow.publish does not cover the destination, or allow.once is not given. */
  MILLRACE_DENIED = -2,
  /* limits.output, or the length of a reason, would be exceeded. */
  MILLRACE_TOO_LARGE = -3,
  /* Not UTF-8, an empty destination, a malformed header list. */
  MILLRACE_INVALID = -4
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

/* Writes one log line. */
MILLRACE_IMPORT(log)
void millrace_log(int32_t level, const char *from, size_t length);

/* How many milliseconds are left until the invocation is stopped. */
MILLRACE_IMPORT(deadline_ms)
int64_t millrace_deadline_ms(void);

#undef MILLRACE_IMPORT

#ifdef __cplusplus
}
#endif

#endif
