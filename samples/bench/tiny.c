/* Hashes its data and answers nothing: what is measured with it is the way to the guest and back. */
#include "millrace.h"

static uint8_t data[16384];

/* Keeps the hash from being optimized away. */
uint32_t hash;

int32_t handle(void) {
  int32_t size = millrace_data_read(data, sizeof data, 0);
  hash = 2166136261u;
  for (int32_t i = 0; i < size && i < (int32_t)sizeof data; i++) {
    hash = (hash ^ data[i]) * 16777619u;
  }
  return MILLRACE_DONE;
}
