;; A program that asks through the imports of module millrace: it replies with "hi", or asks for a
;; retry if there is no data.
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (import "millrace" "reason_write" (func $reason_write (param i32 i32) (result i32)))
  (import "millrace" "retry_after" (func $retry_after (param i64)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "hi")
  (data (i32.const 8) "no data yet")
  (func (export "_start")
    (if (i32.lt_s (call $data_read (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 0))
      (then
        (drop (call $reason_write (i32.const 8) (i32.const 11)))
        (call $retry_after (i64.const 700))
        (call $exit (i32.const 75))))
    (drop (call $reply_write (i32.const 0) (i32.const 2)))))
