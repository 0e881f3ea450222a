/*
 * Says which cache entries a message of channel cache.<kind> makes stale: a plain WASI program,
 * with the message on stdin, the channel in the environment, and the answer on stdout.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From sysexits.h: the event will never work; another attempt may. */
enum { EX_DATAERR = 65, EX_TEMPFAIL = 75 };

static const char channel_prefix[] = "cache.";

static int reject(const char *what, const char *of) {
  fprintf(stderr, "%s: '%s'\n", what, of);
  return EX_DATAERR;
}

/* Ids are what the application uses as keys: letters, digits, '-' and '_'. */
static int is_id(const char *text) {
  for (; *text; text++) {
    if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_') {
      return 0;
    }
  }
  return 1;
}

int main(void) {
  const char *channel = getenv("MILLRACE_REDISCHANNEL");
  if (channel == NULL || strncmp(channel, channel_prefix, strlen(channel_prefix)) != 0) {
    return reject("not a channel of the cache", channel == NULL ? "" : channel);
  }
  const char *kind = channel + strlen(channel_prefix);

  static char message[4096];
  size_t length = fread(message, 1, sizeof message - 1, stdin);
  if (getchar() != EOF) {
    return reject("message too long", kind);
  }
  if (ferror(stdin)) {
    fputs("cannot read the message\n", stderr);
    return EX_TEMPFAIL;
  }
  if (memchr(message, '\0', length) != NULL) {
    return reject("message with a NUL", kind);
  }

  int count = 0;
  for (char *id = strtok(message, " ,\r\n"); id != NULL; id = strtok(NULL, " ,\r\n")) {
    if (!is_id(id)) {
      return reject("not an id", id);
    }
    printf("DEL %s:%s\n", kind, id);
    count++;
  }
  if (count == 0) {
    return reject("a message without ids on channel", channel);
  }
  fprintf(stderr, "%d stale in %s\n", count, kind);
  return 0;
}
