/* A Redpanda data transform, as its authors would write it: replaces digits in a record's value by *,
   and keeps key and headers. Only the published imports of redpanda_transform are used. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define IMPORT(name) __attribute__((import_module("redpanda_transform"), import_name(name)))

IMPORT("check_abi_version_1") void check_abi_version_1(void);
IMPORT("read_batch_header")
int32_t read_batch_header(int64_t *base_offset, int32_t *record_count, int32_t *leader_epoch,
                          int16_t *attributes, int32_t *last_offset_delta, int64_t *base_timestamp,
                          int64_t *max_timestamp, int64_t *producer_id, int16_t *producer_epoch,
                          int32_t *base_sequence);
IMPORT("read_next_record")
int32_t read_next_record(uint8_t *attributes, int64_t *timestamp, int64_t *offset, uint8_t *buffer,
                         uint32_t size);
IMPORT("write_record") int32_t write_record(const uint8_t *buffer, uint32_t size);

/* A zigzag varint; moves on behind it. */
static int64_t number(const uint8_t **at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    uint8_t next = *(*at)++;
    value |= (uint64_t)(next & 0x7f) << shift;
    if (next < 0x80) {
      return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    }
  }
}

static void fail(const char *what, int32_t code) {
  fprintf(stderr, "%s: %d\n", what, code);
  exit(1);
}

int main(void) {
  check_abi_version_1();
  for (;;) {
    int64_t base_offset, base_timestamp, max_timestamp, producer_id;
    int32_t count, leader_epoch, last_offset_delta, base_sequence;
    int16_t attributes, producer_epoch;
    int32_t size = read_batch_header(&base_offset, &count, &leader_epoch, &attributes,
                                     &last_offset_delta, &base_timestamp, &max_timestamp,
                                     &producer_id, &producer_epoch, &base_sequence);
    if (size < 0) {
      fail("no batch", size);
    }
    uint8_t *record = malloc(size);
    for (int32_t i = 0; i < count; i++) {
      uint8_t record_attributes;
      int64_t timestamp, offset;
      int32_t read = read_next_record(&record_attributes, &timestamp, &offset, record, size);
      if (read < 0) {
        fail("no record", read);
      }
      const uint8_t *at = record;
      int64_t key = number(&at);
      at += key > 0 ? key : 0;
      int64_t value = number(&at);
      for (uint8_t *next = (uint8_t *)at; next < at + value; next++) {
        *next = *next >= '0' && *next <= '9' ? '*' : *next;
      }
      int32_t written = write_record(record, read);
      if (written != read) {
        fail("not written", written);
      }
    }
    free(record);
  }
}
