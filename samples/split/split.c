/*
 * Splits an event of many lines into one message a line. Each message keeps the event's key and
 * says in its headers which line of which event it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "millrace.h"

static const char destination[] = "events/lines";

/* A list of headers as publish takes it. */
struct headers {
  unsigned char bytes[512];
  size_t length;
};

static void append(struct headers *to, const void *from, int32_t length) {
  memcpy(to->bytes + to->length, &length, sizeof length);
  memcpy(to->bytes + to->length + sizeof length, from, (size_t)length);
  to->length += sizeof length + (size_t)length;
}

static int32_t reject(const char *reason) {
  millrace_reason_write(reason, strlen(reason));
  return MILLRACE_REJECT;
}

static int32_t publish(const char *line, size_t length, int number, const char *id,
                       int32_t id_length, const void *key, int32_t key_length) {
  char digits[16];
  int digits_length = snprintf(digits, sizeof digits, "%d", number);
  struct headers headers = {.length = sizeof(int32_t)};
  int32_t count = 2;
  memcpy(headers.bytes, &count, sizeof count);
  append(&headers, "batch", 5);
  append(&headers, id, id_length);
  append(&headers, "line", 4);
  append(&headers, digits, digits_length);
  return millrace_publish(destination, sizeof destination - 1, key, key_length, headers.bytes,
                          headers.length, line, (int32_t)length);
}

int32_t handle(void) {
  int32_t size = millrace_data_read(NULL, 0, 0);
  if (size <= 0) {
    return reject("the event has no lines");
  }
  char id[256];
  int32_t id_length = millrace_attribute_read("id", 2, id, sizeof id);
  if (id_length < 0) {
    return reject("the event has no id");
  }
  char key[256];
  int32_t key_length = millrace_key_read(key, sizeof key);
  if (id_length > (int32_t)sizeof id || key_length > (int32_t)sizeof key) {
    return reject("an id or a key of more than 256 bytes");
  }

  char *data = malloc((size_t)size);
  if (data == NULL) {
    return reject("the event does not fit into limits.memory");
  }
  millrace_data_read(data, (size_t)size, 0);

  int32_t refused = MILLRACE_OK;
  int number = 0;
  const char *end = data + size;
  for (const char *line = data, *stop; line < end && refused == MILLRACE_OK;
       line = stop == end ? end : stop + 1) {
    stop = memchr(line, '\n', (size_t)(end - line));
    if (stop == NULL) {
      stop = end;
    }
    if (stop > line) {
      refused = publish(line, (size_t)(stop - line), ++number, id, id_length, key, key_length);
    }
  }
  free(data);

  switch (refused) {
    case MILLRACE_OK:
      return MILLRACE_DONE;
    case MILLRACE_DENIED:
      return reject("allow.publish does not cover events/lines");
    case MILLRACE_TOO_LARGE:
      return reject("more lines than limits.output allows");
    default:
      return reject("publish refused the message");
  }
}
