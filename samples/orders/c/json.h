/* Reads the members of one JSON object (RFC 8259), without copying them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Deeper data is refused: it would take the stack. */
enum { JSON_MAX_DEPTH = 64 };

enum json_kind { JSON_ABSENT, JSON_TEXT, JSON_NUMBER, JSON_OTHER };

/* Where a value stands; a text without its quotes and with its escapes as they are. */
struct json_value {
  enum json_kind kind;
  const char *start;
  size_t length;
};

/* A member that is looked for, and its value; of several of one name the last. */
struct json_member {
  const char *name;
  struct json_value value;
};

struct json_reader {
  const char *at;
  const char *end;
};

static bool json_next_is(const struct json_reader *json, char c) {
  return json->at < json->end && *json->at == c;
}

static bool json_take(struct json_reader *json, char c) {
  bool is = json_next_is(json, c);
  json->at += is;
  return is;
}

static void json_space(struct json_reader *json) {
  while (json->at < json->end && *json->at != 0 && strchr(" \t\n\r", *json->at) != NULL) {
    json->at++;
  }
}

static bool json_word(struct json_reader *json, const char *word) {
  size_t length = strlen(word);
  bool is = (size_t)(json->end - json->at) >= length && memcmp(json->at, word, length) == 0;
  json->at += is ? length : 0;
  return is;
}

static bool json_digits(struct json_reader *json) {
  const char *start = json->at;
  while (json->at < json->end && *json->at >= '0' && *json->at <= '9') {
    json->at++;
  }
  return json->at > start;
}

static bool json_number(struct json_reader *json) {
  json_take(json, '-');
  if (!json_take(json, '0') && !json_digits(json)) {
    return false;
  }
  if (json_take(json, '.') && !json_digits(json)) {
    return false;
  }
  if (json_take(json, 'e') || json_take(json, 'E')) {
    if (!json_take(json, '+')) {
      json_take(json, '-');
    }
    return json_digits(json);
  }
  return true;
}

static bool json_escape(struct json_reader *json) {
  if (json_take(json, 'u')) {
    for (int i = 0; i < 4; i++, json->at++) {
      if (json->at == json->end || *json->at == 0 ||
          strchr("0123456789abcdefABCDEF", *json->at) == NULL) {
        return false;
      }
    }
    return true;
  }
  if (json->at == json->end || *json->at == 0 || strchr("\"\\/bfnrt", *json->at) == NULL) {
    return false;
  }
  json->at++;
  return true;
}

static bool json_text(struct json_reader *json, struct json_value *value) {
  if (!json_take(json, '"')) {
    return false;
  }
  value->kind = JSON_TEXT;
  value->start = json->at;
  while (json->at < json->end && (unsigned char)*json->at >= ' ') {
    value->length = (size_t)(json->at - value->start);
    char c = *json->at++;
    if (c == '"') {
      return true;
    }
    if (c == '\\' && !json_escape(json)) {
      return false;
    }
  }
  return false;
}

static bool json_object(struct json_reader *json, struct json_member *wanted, size_t count,
                        int depth);

static bool json_read(struct json_reader *json, struct json_value *value, int depth);

static bool json_array(struct json_reader *json, int depth) {
  json_take(json, '[');
  json_space(json);
  if (json_take(json, ']')) {
    return true;
  }
  do {
    struct json_value element;
    if (!json_read(json, &element, depth)) {
      return false;
    }
  } while (json_take(json, ','));
  return json_take(json, ']');
}

/* Reads one value and the white space around it. */
static bool json_read(struct json_reader *json, struct json_value *value, int depth) {
  if (depth == 0) {
    return false;
  }
  json_space(json);
  bool good;
  *value = (struct json_value){.kind = JSON_OTHER, .start = json->at};
  if (json_next_is(json, '"')) {
    good = json_text(json, value);
  } else if (json_next_is(json, '{')) {
    good = json_object(json, NULL, 0, depth - 1);
  } else if (json_next_is(json, '[')) {
    good = json_array(json, depth - 1);
  } else if (json_word(json, "true") || json_word(json, "false") || json_word(json, "null")) {
    good = true;
  } else {
    good = json_number(json);
    value->kind = JSON_NUMBER;
  }
  if (value->kind != JSON_TEXT) {
    value->length = (size_t)(json->at - value->start);
  }
  json_space(json);
  return good;
}

static bool json_object(struct json_reader *json, struct json_member *wanted, size_t count,
                        int depth) {
  if (!json_take(json, '{')) {
    return false;
  }
  json_space(json);
  if (json_take(json, '}')) {
    return true;
  }
  do {
    struct json_value name;
    struct json_value value;
    if (!json_read(json, &name, 1) || name.kind != JSON_TEXT || !json_take(json, ':') ||
        !json_read(json, &value, depth)) {
      return false;
    }
    for (size_t i = 0; i < count; i++) {
      if (strlen(wanted[i].name) == name.length &&
          memcmp(wanted[i].name, name.start, name.length) == 0) {
        wanted[i].value = value;
      }
    }
  } while (json_take(json, ','));
  return json_take(json, '}');
}

/* Fills in the members that are looked for; false if the data is not one JSON object. */
static bool json_members(const char *data, size_t size, struct json_member *wanted, size_t count) {
  struct json_reader json = {.at = data, .end = data + size};
  json_space(&json);
  if (!json_object(&json, wanted, count, JSON_MAX_DEPTH)) {
    return false;
  }
  json_space(&json);
  return json.at == json.end;
}

/* The whole number that stands in a range of characters; false if it is none, or of over 64 bits. */
static bool json_whole(const char *at, size_t length, int64_t *number) {
  const char *end = at + length;
  bool negative = at < end && *at == '-';
  at += negative;
  if (at == end) {
    return false;
  }
  for (*number = 0; at < end; at++) {
    int digit = *at - '0';
    if (digit < 0 || digit > 9 || __builtin_mul_overflow(*number, (int64_t)10, number) ||
        __builtin_sub_overflow(*number, (int64_t)digit, number)) {
      return false;
    }
  }
  return negative || !__builtin_sub_overflow((int64_t)0, *number, number);
}
