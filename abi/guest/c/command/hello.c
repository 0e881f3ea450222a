/* Answers a name with a greeting: an ordinary program, stdin to stdout. */
#include <stdio.h>

int main(void) {
  char name[256];
  if (!fgets(name, sizeof name, stdin)) {
    fputs("no name\n", stderr);
    return 65; /* reject: a dead letter at once; 75 asks for a retry */
  }
  printf("hello %s", name);
  return 0;
}
