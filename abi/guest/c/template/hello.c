/* Answers a name with a greeting. */
#include <string.h>

#include "millrace.h"

static int32_t reject(const char *reason) {
  millrace_reason_write(reason, strlen(reason));
  return MILLRACE_REJECT;
}

int32_t handle(void) {
  char name[256];
  int32_t length = millrace_data_read(name, sizeof name, 0);
  if (length <= 0) {
    return reject("no name");
  }
  if (length > (int32_t)sizeof name) {
    return reject("a name of more than 256 bytes");
  }
  if (millrace_reply_write("hello ", 6) != MILLRACE_OK ||
      millrace_reply_write(name, (size_t)length) != MILLRACE_OK) {
    return reject("the reply does not fit into limits.output");
  }
  return MILLRACE_DONE;
}
