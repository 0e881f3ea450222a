;; Answers with everything that a function can see of its event, and publishes the event again:
;; the imports as they are, without any SDK.
;;
;; A bump allocator suffices: each event finds the memory as it was at the start, and with
;; `instance: reuse` `handle` begins anew.
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "attribute_read" (func $attribute_read (param i32 i32 i32 i32) (result i32)))
  (import "millrace" "key_read" (func $key_read (param i32 i32) (result i32)))
  (import "millrace" "headers_read" (func $headers_read (param i32 i32) (result i32)))
  (import "millrace" "config_read" (func $config_read (param i32 i32 i32 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (import "millrace" "reason_write" (func $reason_write (param i32 i32) (result i32)))
  (import "millrace" "publish"
    (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "millrace" "log" (func $log (param i32 i32 i32)))
  (import "millrace" "deadline_ms" (func $deadline_ms (result i64)))

  (memory (export "memory") 1)
  (data (i32.const 16) "id=")
  (data (i32.const 32) "\nattempt=")
  (data (i32.const 48) "\ntime=")
  (data (i32.const 64) "\nkey=")
  (data (i32.const 80) "\nheader ")
  (data (i32.const 96) "\ngreeting=")
  (data (i32.const 112) "\ndata=")
  (data (i32.const 128) "\n")
  (data (i32.const 144) "-")
  (data (i32.const 160) "=")
  (data (i32.const 176) "events/echo")
  (data (i32.const 192) "not granted by allow.publish")
  (data (i32.const 224) "debug line")
  (data (i32.const 240) "info line")
  (data (i32.const 256) "warn line")
  (data (i32.const 272) "error line")

  (global $free (mut i32) (i32.const 1024))

  ;; So many bytes of memory; traps where limits.memory does not have them.
  (func $allocate (param $size i32) (result i32)
    (local $start i32)
    (local $pages i32)
    (local.set $start (global.get $free))
    (global.set $free (i32.add (global.get $free) (local.get $size)))
    (local.set $pages
      (i32.sub
        (i32.shr_u (i32.add (global.get $free) (i32.const 65535)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $pages) (i32.const 0))
      (then
        (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1))
          (then (unreachable)))))
    (local.get $start))

  (func $say (param $from i32) (param $length i32)
    (if (call $reply_write (local.get $from) (local.get $length))
      (then (unreachable))))

  ;; A value, or a dash where there is none.
  (func $say_value (param $from i32) (param $length i32)
    (if (i32.lt_s (local.get $length) (i32.const 0))
      (then (call $say (i32.const 144) (i32.const 1)))
      (else (call $say (local.get $from) (local.get $length)))))

  (func $say_attribute (param $name i32) (param $length i32)
    (local $size i32)
    (local $value i32)
    (local.set $size
      (call $attribute_read (local.get $name) (local.get $length) (i32.const 0) (i32.const 0)))
    (if (i32.gt_s (local.get $size) (i32.const 0))
      (then
        (local.set $value (call $allocate (local.get $size)))
        (drop
          (call $attribute_read
            (local.get $name) (local.get $length) (local.get $value) (local.get $size)))))
    (call $say_value (local.get $value) (local.get $size)))

  ;; A list: a count, then for each entry the length of its name, the name, the length of its
  ;; value (-1 for none), and the value.
  (func $say_headers (param $at i32)
    (local $left i32)
    (local $length i32)
    (local.set $left (i32.load (local.get $at)))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (call $say (i32.const 80) (i32.const 8))
        (local.set $length (i32.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (call $say (local.get $at) (local.get $length))
        (call $say (i32.const 160) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (local.get $length)))
        (local.set $length (i32.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (call $say_value (local.get $at) (local.get $length))
        (if (i32.gt_s (local.get $length) (i32.const 0))
          (then (local.set $at (i32.add (local.get $at) (local.get $length)))))
        (br $next))))

  (func (export "handle") (result i32)
    (local $data i32)
    (local $data_size i32)
    (local $key i32)
    (local $key_size i32)
    (local $headers i32)
    (local $headers_size i32)
    (local $greeting i32)
    (local $greeting_size i32)
    (global.set $free (i32.const 1024))

    (local.set $data_size (call $data_read (i32.const 0) (i32.const 0) (i32.const 0)))
    (if (i32.gt_s (local.get $data_size) (i32.const 0))
      (then
        (local.set $data (call $allocate (local.get $data_size)))
        (drop (call $data_read (local.get $data) (local.get $data_size) (i32.const 0)))))
    (local.set $key_size (call $key_read (i32.const 0) (i32.const 0)))
    (if (i32.gt_s (local.get $key_size) (i32.const 0))
      (then
        (local.set $key (call $allocate (local.get $key_size)))
        (drop (call $key_read (local.get $key) (local.get $key_size)))))
    (local.set $headers_size (call $headers_read (i32.const 0) (i32.const 0)))
    (local.set $headers (call $allocate (local.get $headers_size)))
    (drop (call $headers_read (local.get $headers) (local.get $headers_size)))
    (local.set $greeting_size
      (call $config_read (i32.const 97) (i32.const 8) (i32.const 0) (i32.const 0)))
    (if (i32.gt_s (local.get $greeting_size) (i32.const 0))
      (then
        (local.set $greeting (call $allocate (local.get $greeting_size)))
        (drop
          (call $config_read
            (i32.const 97) (i32.const 8) (local.get $greeting) (local.get $greeting_size)))))

    (call $say (i32.const 16) (i32.const 3))
    (call $say_attribute (i32.const 16) (i32.const 2))
    (call $say (i32.const 32) (i32.const 9))
    (call $say_attribute (i32.const 33) (i32.const 7))
    (call $say (i32.const 48) (i32.const 6))
    (call $say_attribute (i32.const 49) (i32.const 4))
    (call $say (i32.const 64) (i32.const 5))
    (call $say_value (local.get $key) (local.get $key_size))
    (call $say_headers (local.get $headers))
    (call $say (i32.const 96) (i32.const 10))
    (call $say_value (local.get $greeting) (local.get $greeting_size))
    (call $say (i32.const 112) (i32.const 6))
    (call $say_value (local.get $data) (local.get $data_size))
    (call $say (i32.const 128) (i32.const 1))

    (if (call $publish
          (i32.const 176) (i32.const 11)
          (local.get $key) (local.get $key_size)
          (local.get $headers) (local.get $headers_size)
          (local.get $data) (local.get $data_size))
      (then
        (drop (call $reason_write (i32.const 192) (i32.const 28)))
        (return (i32.const 2))))

    (call $log (i32.const 0) (i32.const 224) (i32.const 10))
    (call $log (i32.const 1) (i32.const 240) (i32.const 9))
    (call $log (i32.const 2) (i32.const 256) (i32.const 9))
    (call $log (i32.const 3) (i32.const 272) (i32.const 10))
    (i64.le_s (call $deadline_ms) (i64.const 0))))
