/*
 * Does with files what each line of the event's data says, and replies what came of it, as any C
 * program would: by the functions of the C library, which knows nothing of the host.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "millrace.h"

static char at_start[64];
static FILE *left_open;

static void say(const char *text) { millrace_reply_write(text, strlen(text)); }

static void outcome(int failed) {
  say(failed ? strerror(errno) : "ok");
}

/* Reads a file before the first event. */
__attribute__((constructor)) static void start(void) {
  FILE *file = fopen("/data/greeting.txt", "r");
  if (file != NULL) {
    at_start[fread(at_start, 1, sizeof at_start - 1, file)] = 0;
    fclose(file);
  }
}

static void cat(const char *path) {
  char buffer[256];
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    outcome(1);
    return;
  }
  size_t length;
  while ((length = fread(buffer, 1, sizeof buffer, file)) > 0) {
    millrace_reply_write(buffer, length);
  }
  fclose(file);
}

static void write_to(const char *path, const char *mode, const char *text) {
  FILE *file = fopen(path, mode);
  if (file == NULL) {
    outcome(1);
    return;
  }
  int failed = fputs(text, file) < 0;
  outcome(fclose(file) != 0 || failed);
}

static void list(const char *path) {
  DIR *directory = opendir(path);
  if (directory == NULL) {
    outcome(1);
    return;
  }
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL) {
    say(entry->d_name);
    say(entry->d_type == DT_DIR ? "/ " : " ");
  }
  closedir(directory);
}

static void size(const char *path) {
  struct stat found;
  if (stat(path, &found) != 0) {
    outcome(1);
    return;
  }
  char digits[32];
  snprintf(digits, sizeof digits, "%lld", (long long)found.st_size);
  say(digits);
}

static void run(char *line) {
  char *word = strtok(line, " ");
  char *path = strtok(NULL, " ");
  char *rest = strtok(NULL, "");
  if (word == NULL) {
    return;
  } else if (!strcmp(word, "start")) {
    say(at_start);
  } else if (!strcmp(word, "cat")) {
    cat(path);
  } else if (!strcmp(word, "put")) {
    write_to(path, "w", rest);
  } else if (!strcmp(word, "add")) {
    write_to(path, "a", rest);
  } else if (!strcmp(word, "list")) {
    list(path);
  } else if (!strcmp(word, "size")) {
    size(path);
  } else if (!strcmp(word, "mkdir")) {
    outcome(mkdir(path, 0777));
  } else if (!strcmp(word, "remove")) {
    outcome(remove(path));
  } else if (!strcmp(word, "rename")) {
    outcome(rename(path, rest));
  } else if (!strcmp(word, "leave-open")) {
    left_open = fopen(path, "r");
    outcome(left_open == NULL);
  } else if (!strcmp(word, "read-on")) {
    outcome(left_open == NULL || fgetc(left_open) == EOF);
  } else if (!strcmp(word, "trap")) {
    __builtin_trap();
  }
  say("\n");
}

int32_t handle(void) {
  char data[1024];
  int32_t length = millrace_data_read(data, sizeof data - 1, 0);
  if (length < 0 || length >= (int32_t)sizeof data) {
    return MILLRACE_REJECT;
  }
  data[length] = 0;
  char *next = data;
  while (next != NULL) {
    char *line = next;
    next = strchr(line, '\n');
    if (next != NULL) {
      *next++ = 0;
    }
    run(line);
  }
  return MILLRACE_DONE;
}
