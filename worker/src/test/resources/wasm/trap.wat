;; Traps three calls deep when its data starts with '!', and echoes else. Writes to memory first.
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $events (mut i32) (i32.const 0))
  (func $explode unreachable)
  (func $prepare (i32.store8 (i32.const 9000) (i32.const 1)) (call $explode))
  (func (export "handle") (result i32)
    (local $size i32)
    (global.set $events (i32.add (global.get $events) (i32.const 1)))
    (local.set $size (call $data_read (i32.const 0) (i32.const 100) (i32.const 0)))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 33)) (then (call $prepare)))
    ;; the second byte of the answer tells what an earlier event left: 1 + 0 in a pristine sandbox
    (i32.store8 (i32.const 1) (i32.add (global.get $events) (i32.load8_u (i32.const 9000))))
    (drop (call $reply_write (i32.const 0) (i32.const 2)))
    (i32.const 0)))
