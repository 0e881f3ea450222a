;; Sends as many heartbeats as its event's data has bytes, each after it has slept for 100 ms.
(module
  (import "millrace" "data_read" (func $data (param i32 i32 i32) (result i32)))
  (import "millrace" "heartbeat" (func $heartbeat (param i32 i32 i32) (result i64)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "at work, s3cret")
  (func (export "handle") (result i32)
    (local $left i32)
    (local.set $left (call $data (i32.const 0) (i32.const 0) (i32.const 0)))
    (i32.store (i32.const 80) (i32.const 1)) ;; the monotonic clock
    (i64.store (i32.const 88) (i64.const 100000000))
    (loop $next
      (drop (call $poll (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 192)))
      (drop (call $heartbeat (local.get $left) (i32.const 0) (i32.const 15)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0)))
