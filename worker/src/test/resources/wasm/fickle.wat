;; Rejects its event with a reason that tells all it learned from its host, in hexadecimal digits: a random
;; byte from its initialization, then 33 random bytes, both clocks and the time left. What it asks for before
;; that is what the first byte of the data says: C reads the clock twice more, L reads it 30,000 times, N asks
;; for no random numbers, S sleeps for ever, T reads the clock for ever, D is done at once.
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "reason_write" (func $reason_write (param i32 i32) (result i32)))
  (import "millrace" "deadline_ms" (func $deadline_ms (result i64)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $read_clock (param $times i32)
    (loop $more
      (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 512)))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $more (local.get $times))))
  (func $digit (param $at i32) (param $value i32)
    (i32.store8 (local.get $at)
      (i32.add (local.get $value)
        (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $value) (i32.const 10))))))
  (func (export "_initialize")
    (drop (call $random_get (i32.const 0) (i32.const 1))))
  (func (export "handle") (result i32)
    (local $first i32) (local $i i32)
    (drop (call $data_read (i32.const 600) (i32.const 1) (i32.const 0)))
    (local.set $first (i32.load8_u (i32.const 600)))
    (if (i32.eq (local.get $first) (i32.const 68)) (then (return (i32.const 0))))
    (if (i32.eq (local.get $first) (i32.const 67)) (then (call $read_clock (i32.const 2))))
    (if (i32.eq (local.get $first) (i32.const 76)) (then (call $read_clock (i32.const 30000))))
    (if (i32.eq (local.get $first) (i32.const 84)) (then (call $read_clock (i32.const 0))))
    (if (i32.eq (local.get $first) (i32.const 83)) (then
      (i64.store (i32.const 1048) (i64.const 0x7fffffffffffffff))
      (drop (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 4096)))))
    (if (i32.ne (local.get $first) (i32.const 78)) (then
      (drop (call $random_get (i32.const 1) (i32.const 33)))))
    (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 40)))
    (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 48)))
    (i64.store (i32.const 56) (call $deadline_ms))
    (loop $more
      (call $digit
        (i32.add (i32.const 100) (i32.mul (local.get $i) (i32.const 2)))
        (i32.shr_u (i32.load8_u (local.get $i)) (i32.const 4)))
      (call $digit
        (i32.add (i32.const 101) (i32.mul (local.get $i) (i32.const 2)))
        (i32.and (i32.load8_u (local.get $i)) (i32.const 15)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 64))))
    (drop (call $reason_write (i32.const 100) (i32.const 128)))
    (i32.const 2)))
