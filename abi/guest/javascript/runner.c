/*
 * Runs JavaScript functions: QuickJS, and the worker's host functions for it.
 *
 * The script is read, compiled and evaluated in _initialize, so that the sandbox that each event
 * finds already holds the program. What a script sees is in millrace.js, which is compiled into
 * this module and calls the functions of `host` below; they do no more than hand over bytes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "millrace.h"
#include "quickjs.h"
#include "sdk.h"

/* The program that the manifest names under `script`, with the files it imports: see docs/abi.md. */
__attribute__((import_module("millrace"), import_name("script_read"))) extern int32_t
millrace_script_read(void *to, size_t capacity, size_t offset);

/* What a thread of the worker has for the frames of compiled code ends before this does. */
#define STACK_BYTES (256 << 10)
#define FIRST_BUFFER 1024
#define REASON_BYTES 4096

#define SDK "millrace"
#define HOST "millrace:host"
#define START "millrace:start"

static JSRuntime *runtime;
static JSContext *context;

/* The SDK's function that handles one event with the script's `handle`. */
static JSValue run_event;

/* A file of the script: its path from the script's directory, and its text with a NUL behind it. */
struct file {
  char *name;
  char *text;
  size_t size;
};

static struct file *files;
static int32_t file_count;

/* What `handle` is to answer; negative until the script has come to an end. */
static int32_t code;

/* Random numbers of this event: drawn anew in each, whatever a snapshot remembers. */
static uint64_t random_state;
static bool random_seeded;

/* Rejected promises that nobody has handled so far. */
static struct rejection {
  struct rejection *next;
  JSValue promise;
  JSValue reason;
} *rejections;

/* ---- ends ---------------------------------------------------------------------------------- */

/* Says why and fails the attempt, or the deployment. */
_Noreturn static void fail(const char *why, size_t length) {
  if (length > REASON_BYTES) {
    length = REASON_BYTES;
    while ((why[length] & 0xc0) == 0x80) {
      length--;
    }
  }
  if (millrace_reason_write(why, length) != MILLRACE_OK) {
    /* There is no event yet; the log's last line is shown. */
    char line[REASON_BYTES];
    for (size_t i = 0; i < length; i++) {
      line[i] = why[i] == '\n' ? ' ' : why[i];
    }
    millrace_log(MILLRACE_ERROR, line, length);
  }
  _Exit(EXIT_FAILURE);
}

_Noreturn static void fail_text(const char *why) { fail(why, strlen(why)); }

/* Appends the lines of a stack that are the script's own. */
static size_t append_stack(char *to, size_t length, const char *stack) {
  while (*stack != 0) {
    size_t line = strcspn(stack, "\n");
    const char *place = memchr(stack, '(', line);
    bool ours = place != NULL && strncmp(place, "(" SDK, sizeof SDK) == 0;
    if (line > 0 && !ours) {
      to[length++] = '\n';
      memcpy(to + length, stack, line);
      length += line;
    }
    stack += line + (stack[line] == '\n' ? 1 : 0);
  }
  return length;
}

/* Fails with a thrown value: its message and, if it has one, its stack. */
_Noreturn static void fail_with(JSContext *ctx, JSValueConst thrown) {
  size_t length;
  const char *message = JS_ToCStringLen(ctx, &length, thrown);
  if (message == NULL) {
    fail_text("what was thrown cannot be shown");
  }
  JSValue stack = JS_IsError(ctx, thrown) ? JS_GetPropertyStr(ctx, thrown, "stack") : JS_UNDEFINED;
  size_t stack_length = 0;
  const char *trace = JS_IsString(stack) ? JS_ToCStringLen(ctx, &stack_length, stack) : NULL;
  char *both = trace == NULL ? NULL : malloc(length + stack_length + 2);
  if (both == NULL) {
    fail(message, length);
  }
  memcpy(both, message, length);
  fail(both, append_stack(both, length, trace));
}

_Noreturn static void fail_with_exception(JSContext *ctx) {
  fail_with(ctx, JS_GetException(ctx));
}

/* ---- bytes --------------------------------------------------------------------------------- */

static void free_bytes(JSRuntime *rt, void *opaque, void *bytes) { free(bytes); }

typedef int32_t reader(void *to, size_t capacity, const char *name, size_t name_length);

/* Reads all that a host function has: an ArrayBuffer, or null where it has nothing. */
static JSValue read_all(JSContext *ctx, reader *read, const char *name, size_t name_length) {
  int32_t capacity = FIRST_BUFFER;
  uint8_t *bytes = malloc(FIRST_BUFFER);
  if (bytes == NULL) {
    return JS_ThrowOutOfMemory(ctx);
  }
  int32_t size = read(bytes, (size_t)capacity, name, name_length);
  if (size > capacity) {
    free(bytes);
    bytes = malloc((size_t)size);
    if (bytes == NULL) {
      return JS_ThrowOutOfMemory(ctx);
    }
    size = read(bytes, (size_t)size, name, name_length);
  }
  if (size < 0) {
    free(bytes);
    return JS_NULL;
  }
  return JS_NewArrayBuffer(ctx, bytes, (size_t)size, free_bytes, NULL, false);
}

/* An argument of bytes. The SDK passes ArrayBuffers; null stands for none. */
struct bytes {
  const uint8_t *start;
  int32_t length;
};

static struct bytes bytes_of(JSContext *ctx, JSValueConst value) {
  struct bytes bytes = {.start = NULL, .length = MILLRACE_NONE};
  if (!JS_IsNull(value)) {
    size_t length;
    bytes.start = JS_GetArrayBuffer(ctx, &length, value);
    if (bytes.start == NULL) {
      fail_with_exception(ctx);
    }
    bytes.length = (int32_t)length;
  }
  return bytes;
}

static int64_t long_of(JSContext *ctx, JSValueConst value) {
  int64_t number;
  if (JS_ToInt64(ctx, &number, value) != 0) {
    fail_with_exception(ctx);
  }
  return number;
}

static int32_t int_of(JSContext *ctx, JSValueConst value) { return (int32_t)long_of(ctx, value); }

/* Text as UTF-8; a half of a surrogate pair, which UTF-8 does not have, becomes U+FFFD. */
static JSValue encode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t length;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (text == NULL) {
    return JS_EXCEPTION;
  }
  uint8_t *bytes = malloc(length + 1);
  if (bytes == NULL) {
    JS_FreeCString(ctx, text);
    return JS_ThrowOutOfMemory(ctx);
  }
  memcpy(bytes, text, length);
  JS_FreeCString(ctx, text);
  for (size_t i = 0; i + 2 < length; i++) {
    if (bytes[i] == 0xed && bytes[i + 1] >= 0xa0) {
      memcpy(bytes + i, "\xef\xbf\xbd", 3);
    }
  }
  return JS_NewArrayBuffer(ctx, bytes, length, free_bytes, NULL, false);
}

static JSValue decode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes utf8 = bytes_of(ctx, argv[0]);
  return JS_NewStringLen(ctx, (const char *)utf8.start, (size_t)utf8.length);
}

/* ---- the worker's functions ---------------------------------------------------------------- */

static int32_t read_data(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_data_read(to, capacity, 0);
}

static int32_t read_key(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_key_read(to, capacity);
}

static int32_t read_headers(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_headers_read(to, capacity);
}

static int32_t read_attributes(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_attributes_read(to, capacity);
}

static int32_t read_attribute(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_attribute_read(name, name_length, to, capacity);
}

static int32_t read_config(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_config_read(name, name_length, to, capacity);
}

static int32_t read_answer(void *to, size_t capacity, const char *name, size_t name_length) {
  return millrace_answer_read(to, capacity, 0);
}

static int32_t read_answer_headers(void *to, size_t capacity, const char *name,
                                   size_t name_length) {
  return millrace_answer_headers_read(to, capacity);
}

static reader *const readers[] = {read_data,       read_key,       read_headers,
                                  read_attributes, read_attribute, read_config,
                                  read_answer,     read_answer_headers};

/* All of what the reader of this number has; the argument is the name of what is asked for. */
static JSValue host_read(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv,
                         int number) {
  struct bytes name = bytes_of(ctx, argv[0]);
  return read_all(ctx, readers[number], (const char *)name.start, (size_t)name.length);
}

static JSValue host_reply(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes data = bytes_of(ctx, argv[0]);
  return JS_NewInt32(ctx, millrace_reply_write(data.start, (size_t)data.length));
}

static JSValue host_reason(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes reason = bytes_of(ctx, argv[0]);
  return JS_NewInt32(ctx, millrace_reason_write((const char *)reason.start, (size_t)reason.length));
}

static JSValue host_retry_after(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  millrace_retry_after(long_of(ctx, argv[0]));
  return JS_UNDEFINED;
}

/* to, key, headers, data */
static JSValue host_publish(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes to = bytes_of(ctx, argv[0]);
  struct bytes key = bytes_of(ctx, argv[1]);
  struct bytes headers = bytes_of(ctx, argv[2]);
  struct bytes data = bytes_of(ctx, argv[3]);
  return JS_NewInt32(ctx, millrace_publish((const char *)to.start, (size_t)to.length, key.start,
                                           key.length, headers.start, (size_t)headers.length,
                                           data.start, data.length));
}

/* level, line */
static JSValue host_log(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes line = bytes_of(ctx, argv[1]);
  millrace_log(int_of(ctx, argv[0]), (const char *)line.start, (size_t)line.length);
  return JS_UNDEFINED;
}

/* level, line, list */
static JSValue host_log_fields(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes line = bytes_of(ctx, argv[1]);
  struct bytes fields = bytes_of(ctx, argv[2]);
  return JS_NewInt32(ctx, millrace_log_fields(int_of(ctx, argv[0]), (const char *)line.start,
                                              (size_t)line.length, fields.start,
                                              (size_t)fields.length));
}

/* percent, message */
static JSValue host_heartbeat(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes message = bytes_of(ctx, argv[1]);
  return JS_NewInt64(ctx, millrace_heartbeat(int_of(ctx, argv[0]), (const char *)message.start,
                                             (size_t)message.length));
}

/* key, milliseconds */
static JSValue host_once(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes key = bytes_of(ctx, argv[0]);
  return JS_NewInt32(
      ctx, millrace_once((const char *)key.start, (size_t)key.length, long_of(ctx, argv[1])));
}

/* store, key */
static JSValue host_kv_get(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes store = bytes_of(ctx, argv[0]);
  struct bytes key = bytes_of(ctx, argv[1]);
  return JS_NewInt32(ctx, millrace_kv_get((const char *)store.start, (size_t)store.length,
                                          (const char *)key.start, (size_t)key.length));
}

/* store, key, value, milliseconds */
static JSValue host_kv_set(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes store = bytes_of(ctx, argv[0]);
  struct bytes key = bytes_of(ctx, argv[1]);
  struct bytes value = bytes_of(ctx, argv[2]);
  return JS_NewInt32(ctx, millrace_kv_set((const char *)store.start, (size_t)store.length,
                                          (const char *)key.start, (size_t)key.length, value.start,
                                          (size_t)value.length, long_of(ctx, argv[3])));
}

/* store, key */
static JSValue host_kv_delete(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes store = bytes_of(ctx, argv[0]);
  struct bytes key = bytes_of(ctx, argv[1]);
  return JS_NewInt32(ctx, millrace_kv_delete((const char *)store.start, (size_t)store.length,
                                             (const char *)key.start, (size_t)key.length));
}

/* store, key, expected, value, milliseconds */
static JSValue host_kv_compare_and_set(JSContext *ctx, JSValueConst this, int argc,
                                       JSValueConst *argv) {
  struct bytes store = bytes_of(ctx, argv[0]);
  struct bytes key = bytes_of(ctx, argv[1]);
  struct bytes expected = bytes_of(ctx, argv[2]);
  struct bytes value = bytes_of(ctx, argv[3]);
  return JS_NewInt32(ctx, millrace_kv_compare_and_set(
                              (const char *)store.start, (size_t)store.length,
                              (const char *)key.start, (size_t)key.length, expected.start,
                              expected.length, value.start, value.length, long_of(ctx, argv[4])));
}

/* store, key, delta, milliseconds: a BigInt, or the number of a refusal */
static JSValue host_kv_increment(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes store = bytes_of(ctx, argv[0]);
  struct bytes key = bytes_of(ctx, argv[1]);
  int64_t delta, sum;
  if (JS_ToInt64Ext(ctx, &delta, argv[2]) != 0) {
    return JS_EXCEPTION;
  }
  int32_t refused = millrace_kv_increment((const char *)store.start, (size_t)store.length,
                                          (const char *)key.start, (size_t)key.length, delta,
                                          long_of(ctx, argv[3]), &sum);
  return refused < 0 ? JS_NewInt32(ctx, refused) : JS_NewBigInt64(ctx, sum);
}

/* method, url, headers, body, milliseconds */
static JSValue host_http(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  struct bytes method = bytes_of(ctx, argv[0]);
  struct bytes url = bytes_of(ctx, argv[1]);
  struct bytes headers = bytes_of(ctx, argv[2]);
  struct bytes body = bytes_of(ctx, argv[3]);
  return JS_NewInt32(
      ctx, millrace_http((const char *)method.start, (size_t)method.length, (const char *)url.start,
                         (size_t)url.length, headers.start, (size_t)headers.length, body.start,
                         body.length, long_of(ctx, argv[4])));
}

static JSValue host_deadline(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  return JS_NewInt64(ctx, millrace_deadline_ms());
}

/* ---- how an event ends ---------------------------------------------------------------------- */

/* What `handle` is to answer. */
static JSValue host_finish(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  code = int_of(ctx, argv[0]);
  return JS_UNDEFINED;
}

/* The script has thrown what it did not mean for the worker. */
static JSValue host_fail(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  fail_with(ctx, argv[0]);
}

/* Takes the function that handles events. */
static JSValue host_start(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  run_event = JS_DupValue(ctx, argv[0]);
  return JS_UNDEFINED;
}

/* Remembers promises that were rejected, and forgets those that somebody has handled since. */
static void track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason,
                            JS_BOOL handled, void *opaque) {
  if (!handled) {
    struct rejection *rejection = malloc(sizeof *rejection);
    if (rejection == NULL) {
      fail_text("out of memory");
    }
    rejection->next = rejections;
    rejection->promise = JS_DupValue(ctx, promise);
    rejection->reason = JS_DupValue(ctx, reason);
    rejections = rejection;
    return;
  }
  for (struct rejection **at = &rejections; *at != NULL; at = &(*at)->next) {
    struct rejection *rejection = *at;
    if (JS_VALUE_GET_PTR(rejection->promise) == JS_VALUE_GET_PTR(promise)) {
      *at = rejection->next;
      JS_FreeValue(ctx, rejection->promise);
      JS_FreeValue(ctx, rejection->reason);
      free(rejection);
      return;
    }
  }
}

/* Runs what waits for promises until nothing does. */
static void run_jobs(void) {
  JSContext *job;
  int ran;
  while ((ran = JS_ExecutePendingJob(runtime, &job)) > 0) {
  }
  if (ran < 0) {
    fail_with_exception(job);
  }
  if (rejections != NULL) {
    fail_with(context, rejections->reason);
  }
}

/* ---- random numbers ------------------------------------------------------------------------- */

/* Math.random(): a number in [0, 1), by xorshift64* from a seed of this event. */
static JSValue math_random(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  if (!random_seeded) {
    if (getentropy(&random_state, sizeof random_state) != 0) {
      fail_text("no random numbers");
    }
    random_state |= 1;
    random_seeded = true;
  }
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return JS_NewFloat64(ctx, (double)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 11) * 0x1p-53);
}

/* Fills an ArrayBuffer, of which a part is named by offset and length. */
static JSValue host_random(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  size_t size;
  uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, argv[0]);
  size_t offset = (size_t)long_of(ctx, argv[1]);
  size_t length = (size_t)long_of(ctx, argv[2]);
  if (bytes == NULL || offset > size || length > size - offset) {
    return JS_ThrowRangeError(ctx, "not within the buffer");
  }
  while (length > 0) {
    size_t part = length < 256 ? length : 256;
    if (getentropy(bytes + offset, part) != 0) {
      fail_text("no random numbers");
    }
    offset += part;
    length -= part;
  }
  return JS_UNDEFINED;
}

/* ---- modules -------------------------------------------------------------------------------- */

static const JSCFunctionListEntry host_functions[] = {
    JS_CFUNC_MAGIC_DEF("data", 1, host_read, 0),
    JS_CFUNC_MAGIC_DEF("key", 1, host_read, 1),
    JS_CFUNC_MAGIC_DEF("headers", 1, host_read, 2),
    JS_CFUNC_MAGIC_DEF("attributes", 1, host_read, 3),
    JS_CFUNC_MAGIC_DEF("attribute", 1, host_read, 4),
    JS_CFUNC_MAGIC_DEF("config", 1, host_read, 5),
    JS_CFUNC_MAGIC_DEF("answer", 1, host_read, 6),
    JS_CFUNC_MAGIC_DEF("answerHeaders", 1, host_read, 7),
    JS_CFUNC_DEF("encode", 1, encode),
    JS_CFUNC_DEF("decode", 1, decode),
    JS_CFUNC_DEF("reply", 1, host_reply),
    JS_CFUNC_DEF("reason", 1, host_reason),
    JS_CFUNC_DEF("retryAfter", 1, host_retry_after),
    JS_CFUNC_DEF("publish", 4, host_publish),
    JS_CFUNC_DEF("log", 2, host_log),
    JS_CFUNC_DEF("logFields", 3, host_log_fields),
    JS_CFUNC_DEF("heartbeat", 2, host_heartbeat),
    JS_CFUNC_DEF("once", 2, host_once),
    JS_CFUNC_DEF("kvGet", 2, host_kv_get),
    JS_CFUNC_DEF("kvSet", 4, host_kv_set),
    JS_CFUNC_DEF("kvDelete", 2, host_kv_delete),
    JS_CFUNC_DEF("kvCompareAndSet", 5, host_kv_compare_and_set),
    JS_CFUNC_DEF("kvIncrement", 4, host_kv_increment),
    JS_CFUNC_DEF("http", 5, host_http),
    JS_CFUNC_DEF("deadline", 0, host_deadline),
    JS_CFUNC_DEF("random", 3, host_random),
    JS_CFUNC_DEF("finish", 1, host_finish),
    JS_CFUNC_DEF("fail", 1, host_fail),
    JS_CFUNC_DEF("start", 1, host_start),
};

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static int init_host(JSContext *ctx, JSModuleDef *module) {
  return JS_SetModuleExportList(ctx, module, host_functions, COUNT(host_functions));
}

static struct file *find_file(const char *name) {
  for (int32_t i = 0; i < file_count; i++) {
    if (strcmp(files[i].name, name) == 0) {
      return &files[i];
    }
  }
  return NULL;
}

static bool is_relative(const char *name) {
  return strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0;
}

/*
 * The path of an imported file from the script's directory. NULL with an exception if it leads out
 * of that directory, or if what is imported is neither a file nor the SDK.
 */
static char *normalize(JSContext *ctx, const char *base, const char *name, void *opaque) {
  bool ours = strcmp(base, START) == 0 || strcmp(base, SDK) == 0;
  if (ours || strcmp(name, SDK) == 0) {
    return js_strdup(ctx, name);
  }
  if (!is_relative(name)) {
    JS_ThrowReferenceError(ctx,
                           "%s imports '%s'; only 'millrace' and relative files can be imported: "
                           "bundle packages into the script (esbuild --bundle --format=esm)",
                           base, name);
    return NULL;
  }
  char *path = js_malloc(ctx, strlen(base) + strlen(name) + 2);
  if (path == NULL) {
    return NULL;
  }
  strcpy(path, base);
  char *end = strrchr(path, '/');
  end = end == NULL ? path : end;
  *end = 0;
  for (const char *at = name; *at != 0;) {
    size_t step = strcspn(at, "/");
    if (step == 2 && memcmp(at, "..", 2) == 0) {
      if (end == path) {
        js_free(ctx, path);
        JS_ThrowReferenceError(ctx, "%s imports '%s', which is outside the script's directory",
                               base, name);
        return NULL;
      }
      end = strrchr(path, '/');
      end = end == NULL ? path : end;
      *end = 0;
    } else if (step > 0 && !(step == 1 && *at == '.')) {
      if (end != path) {
        *end++ = '/';
      }
      memcpy(end, at, step);
      end += step;
      *end = 0;
    }
    at += step;
    at += *at == '/' ? 1 : 0;
  }
  if (find_file(path) == NULL) {
    JS_ThrowReferenceError(ctx, "%s imports '%s', which is not there; an imported file is named by "
                                "a text such as './name.js'",
                           base, name);
    js_free(ctx, path);
    return NULL;
  }
  return path;
}

static JSModuleDef *compile(JSContext *ctx, const char *name, const char *text, size_t size) {
  JSValue compiled =
      JS_Eval(ctx, text, size, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(compiled)) {
    return NULL;
  }
  /* The context keeps the module. */
  JSModuleDef *module = JS_VALUE_GET_PTR(compiled);
  JS_FreeValue(ctx, compiled);
  return module;
}

static JSModuleDef *load(JSContext *ctx, const char *name, void *opaque) {
  if (strcmp(name, HOST) == 0) {
    JSModuleDef *host = JS_NewCModule(ctx, HOST, init_host);
    if (host != NULL) {
      JS_AddModuleExportList(ctx, host, host_functions, COUNT(host_functions));
    }
    return host;
  }
  if (strcmp(name, SDK) == 0) {
    return compile(ctx, SDK, sdk_text, sizeof sdk_text - 1);
  }
  struct file *file = find_file(name);
  if (file == NULL) {
    JS_ThrowReferenceError(ctx, "no file '%s'", name);
    return NULL;
  }
  return compile(ctx, file->name, file->text, file->size);
}

/* ---- start ---------------------------------------------------------------------------------- */

static int32_t take_int(const uint8_t **at) {
  int32_t number;
  memcpy(&number, *at, sizeof number);
  *at += sizeof number;
  return number;
}

static char *take_text(const uint8_t **at, int32_t length) {
  char *text = malloc((size_t)length + 1);
  if (text == NULL) {
    fail_text("the script does not fit into limits.memory");
  }
  memcpy(text, *at, (size_t)length);
  text[length] = 0;
  *at += length;
  return text;
}

static void read_files(void) {
  int32_t size = millrace_script_read(NULL, 0, 0);
  if (size < 0) {
    fail_text("there is no script; name it in the manifest: script: handler.js");
  }
  uint8_t *list = malloc((size_t)size);
  if (list == NULL) {
    fail_text("the script does not fit into limits.memory");
  }
  millrace_script_read(list, (size_t)size, 0);
  const uint8_t *at = list;
  file_count = take_int(&at);
  files = calloc((size_t)file_count, sizeof *files);
  if (files == NULL) {
    fail_text("the script does not fit into limits.memory");
  }
  for (int32_t i = 0; i < file_count; i++) {
    files[i].name = take_text(&at, take_int(&at));
    files[i].size = (size_t)take_int(&at);
    files[i].text = take_text(&at, (int32_t)files[i].size);
  }
  free(list);
}

static void evaluate(const char *text) {
  JSValue result = JS_Eval(context, text, strlen(text), START, JS_EVAL_TYPE_MODULE);
  if (JS_IsException(result)) {
    fail_with_exception(context);
  }
  JS_FreeValue(context, result);
  run_jobs();
}

/* The name as a JavaScript text; file names can have quotes in them. */
static char *quoted(const char *name) {
  char *text = malloc(2 * strlen(name) + 3);
  if (text == NULL) {
    fail_text("out of memory");
  }
  char *at = text;
  *at++ = '"';
  for (; *name != 0; name++) {
    if (*name == '"' || *name == '\\') {
      *at++ = '\\';
    }
    *at++ = *name;
  }
  *at++ = '"';
  *at = 0;
  return text;
}

/* Called by _initialize: everything up to the first event. */
__attribute__((constructor)) static void start(void) {
  read_files();
  runtime = JS_NewRuntime();
  context = runtime == NULL ? NULL : JS_NewContext(runtime);
  if (context == NULL) {
    fail_text("limits.memory is too small for a script; it needs at least 2Mi");
  }
  JS_SetMaxStackSize(runtime, STACK_BYTES);
  JS_SetModuleLoaderFunc(runtime, normalize, load, NULL);
  JS_SetHostPromiseRejectionTracker(runtime, track_rejection, NULL);
  JSValue global = JS_GetGlobalObject(context);
  JSValue math = JS_GetPropertyStr(context, global, "Math");
  JS_SetPropertyStr(context, math, "random", JS_NewCFunction(context, math_random, "random", 0));
  JS_FreeValue(context, math);
  JS_FreeValue(context, global);

  char *name = quoted(files[0].name);
  char *text;
  /* The SDK comes first: it gives the script its globals. */
  if (asprintf(&text, "import { start } from '" SDK "';\nimport * as script from %s;\nstart(script, %s);",
               name, name) < 0) {
    fail_text("out of memory");
  }
  evaluate(text);
  free(text);
  free(name);
  JS_RunGC(runtime);
}

int32_t handle(void) {
  code = -1;
  random_seeded = false;
  JSValue result = JS_Call(context, run_event, JS_UNDEFINED, 0, NULL);
  if (JS_IsException(result)) {
    fail_with_exception(context);
  }
  JS_FreeValue(context, result);
  run_jobs();
  if (code < 0) {
    fail_text("the promise that 'handle' returned is never settled");
  }
  return code;
}
