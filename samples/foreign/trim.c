/* A processor for Redpanda Connect's wasm processor, as its authors would write it: takes blanks from
   both ends of the message, and notes in the metadata how many. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("benthos_wasm"), import_name(name)))

IMPORT("v0_msg_as_bytes") uint64_t msg_as_bytes(void);
IMPORT("v0_msg_set_bytes") void msg_set_bytes(const char *bytes, uint32_t size);
IMPORT("v0_msg_set_meta")
void msg_set_meta(const char *key, uint32_t key_size, const char *value, uint32_t value_size);

__attribute__((export_name("process"))) void process(void) {
  uint64_t message = msg_as_bytes();
  const char *bytes = (const char *)(uintptr_t)(message >> 32);
  uint32_t size = (uint32_t)message;
  uint32_t from = 0;
  uint32_t to = size;
  while (from < to && bytes[from] == ' ') {
    from++;
  }
  while (to > from && bytes[to - 1] == ' ') {
    to--;
  }
  char count[16];
  int digits = snprintf(count, sizeof count, "%u", size - (to - from));
  msg_set_meta("trimmed", strlen("trimmed"), count, digits);
  msg_set_bytes(bytes + from, to - from);
}
