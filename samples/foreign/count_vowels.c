/* An Extism plugin, as its authors would write it: counts the vowels of its input, and in the variable
   "total" those of all inputs. Only the published imports of extism:host/env are used. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define IMPORT(name) __attribute__((import_module("extism:host/env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("input_length") uint64_t input_length(void);
IMPORT("input_load_u8") uint8_t input_load_u8(uint64_t);
IMPORT("alloc") uint64_t alloc(uint64_t);
IMPORT("length") uint64_t length(uint64_t);
IMPORT("load_u8") uint8_t load_u8(uint64_t);
IMPORT("store_u8") void store_u8(uint64_t, uint8_t);
IMPORT("output_set") void output_set(uint64_t, uint64_t);
IMPORT("error_set") void error_set(uint64_t);
IMPORT("config_get") uint64_t config_get(uint64_t);
IMPORT("var_get") uint64_t var_get(uint64_t);
IMPORT("var_set") void var_set(uint64_t, uint64_t);

static uint64_t block(const void *bytes, size_t size) {
  uint64_t offset = alloc(size);
  for (size_t i = 0; i < size; i++) {
    store_u8(offset + i, ((const uint8_t *)bytes)[i]);
  }
  return offset;
}

static size_t load(uint64_t offset, char *to, size_t capacity) {
  size_t size = length(offset) < capacity ? length(offset) : capacity;
  for (size_t i = 0; i < size; i++) {
    to[i] = (char)load_u8(offset + i);
  }
  return size;
}

EXPORT("count_vowels") int32_t count_vowels(void) {
  uint64_t size = input_length();
  if (size == 0) {
    const char *error = "there is nothing to count";
    error_set(block(error, strlen(error)));
    return 65;
  }
  char vowels[64] = "aeiouAEIOU";
  uint64_t configured = config_get(block("vowels", 6));
  if (configured != 0) {
    vowels[load(configured, vowels, sizeof vowels - 1)] = 0;
  }
  uint32_t count = 0;
  for (uint64_t i = 0; i < size; i++) {
    char next = (char)input_load_u8(i);
    count += next != 0 && strchr(vowels, next) != NULL;
  }
  uint32_t total = 0;
  uint64_t variable = var_get(block("total", 5));
  if (variable != 0) {
    load(variable, (char *)&total, sizeof total);
  }
  total += count;
  var_set(block("total", 5), block(&total, sizeof total));
  char output[64];
  int written = snprintf(output, sizeof output, "{\"count\":%u,\"total\":%u}", count, total);
  output_set(block(output, written), written);
  return 0;
}
