/* Does what the first byte of its data says: it waits for a server, never ends, or fails. */
#include "millrace.h"

#define URL "http://waits.example/"

int32_t handle(void) {
  volatile uint32_t turns = 0;
  uint8_t act = 0;
  millrace_data_read(&act, 1, 0);
  switch (act) {
    case 'w':
      return millrace_http("GET", 3, URL, sizeof URL - 1, "", 0, "", MILLRACE_NONE, 0) == 200
                 ? MILLRACE_DONE
                 : MILLRACE_RETRY;
    case 'l':
      for (;;) {
        turns++;
      }
    case 't':
      __builtin_trap();
    default:
      return MILLRACE_DONE;
  }
}
