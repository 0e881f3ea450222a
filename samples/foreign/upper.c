/* A function for Apache Camel's wasm component, as its authors would write it: the body in upper case.
   It gets and gives {"headers":{...},"body":"base64"}, and exports alloc and dealloc for them. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

EXPORT("alloc") void *alloc_bytes(uint32_t size) { return malloc(size); }

EXPORT("dealloc") void dealloc_bytes(void *at, uint32_t size) {
  (void)size;
  free(at);
}

static uint64_t answer(const void *bytes, size_t size, uint32_t flag) {
  void *copy = malloc(size);
  memcpy(copy, bytes, size);
  return (uint64_t)(uintptr_t)copy << 32 | (uint32_t)size | flag;
}

static uint64_t error(const char *text) { return answer(text, strlen(text), 0x80000000u); }

static int digit(char of) {
  const char *found = of == 0 ? NULL : strchr(DIGITS, of);
  return found == NULL ? 0 : (int)(found - DIGITS);
}

/* Four digits of base64 in place: the same bytes in upper case. */
static void upper(char *quad) {
  uint32_t bits = (uint32_t)digit(quad[0]) << 18 | (uint32_t)digit(quad[1]) << 12 |
                  (uint32_t)digit(quad[2]) << 6 | (uint32_t)digit(quad[3]);
  uint32_t changed = (uint32_t)toupper(bits >> 16 & 0xff) << 16 |
                     (uint32_t)toupper(bits >> 8 & 0xff) << 8 | (uint32_t)toupper(bits & 0xff);
  for (int i = 0; i < 4; i++) {
    if (quad[i] != '=') {
      quad[i] = DIGITS[changed >> (18 - 6 * i) & 0x3f];
    }
  }
}

EXPORT("process") uint64_t process(char *at, uint32_t size) {
  char *envelope = malloc(size + 1);
  memcpy(envelope, at, size);
  envelope[size] = 0;
  char *body = strstr(envelope, "\"body\":\"");
  if (body == NULL) {
    free(envelope);
    return error("the message has no body");
  }
  body += strlen("\"body\":\"");
  for (char *end = strchr(body, '"'); body + 4 <= end; body += 4) {
    upper(body);
  }
  uint64_t result = answer(envelope, size, 0);
  free(envelope);
  return result;
}
