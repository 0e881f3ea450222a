;; The contract guest for Redpanda Connect's wasm processor. The first byte of the message says what to
;; do; GuestContract says what that is. Memory is given out as Rust modules do it.
(module
  (import "benthos_wasm" "v0_msg_as_bytes" (func $as_bytes (result i64)))
  (import "benthos_wasm" "v0_msg_set_bytes" (func $set_bytes (param i32 i32)))
  (import "benthos_wasm" "v0_msg_get_meta" (func $get_meta (param i32 i32) (result i64)))
  (import "benthos_wasm" "v0_msg_set_meta" (func $set_meta (param i32 i32 i32 i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))
  (global $started (mut i32) (i32.const 0))
  (global $seen (mut i32) (i32.const 0))
  (global $deallocated (mut i32) (i32.const 0))
  (data (i32.const 0) "later")
  (data (i32.const 16) "never")
  (data (i32.const 32) "trace")
  (data (i32.const 48) "kafka_topic")

  ;; A program's main function, which runs once and ends by exit 0.
  (func (export "_start")
    (global.set $started (i32.const 1))
    (call $proc_exit (i32.const 0)))

  (func (export "allocate") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (loop $more
      (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
        (then
          (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
          (br $more))))
    (local.get $at))

  (func (export "deallocate") (param i32 i32)
    (global.set $deallocated (i32.add (global.get $deallocated) (i32.const 1))))

  (func $say (param $text i32)
    (i32.store (i32.const 80) (local.get $text))
    (i32.store (i32.const 84) (i32.const 5))
    (drop (call $fd_write (i32.const 2) (i32.const 80) (i32.const 1) (i32.const 88))))

  (func (export "process")
    (local $message i64) (local $at i32) (local $size i32) (local $do i32)
    (if (i32.eqz (global.get $started)) (then (unreachable)))
    (global.set $free (i32.const 4096))
    (local.set $message (call $as_bytes))
    (local.set $at (i32.wrap_i64 (i64.shr_u (local.get $message) (i64.const 32))))
    (local.set $size (i32.wrap_i64 (local.get $message)))
    (if (i32.eqz (local.get $size)) (then (return)))
    (local.set $do (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $do) (i32.const 68)) ;; D
      (then (call $set_bytes (local.get $at) (local.get $size))))
    (if (i32.eq (local.get $do) (i32.const 84)) ;; T
      (then (call $say (i32.const 0)) (call $proc_exit (i32.const 75))))
    (if (i32.eq (local.get $do) (i32.const 82)) ;; R
      (then (call $say (i32.const 16)) (call $proc_exit (i32.const 65))))
    (if (i32.eq (local.get $do) (i32.const 88)) ;; X
      (then (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 76)) ;; L
      (then (loop $again (br $again))))
    (if (i32.eq (local.get $do) (i32.const 77)) ;; M
      (then
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 67)) ;; C
      (then
        (i32.store8 (i32.const 256) (i32.add (i32.load8_u (i32.const 256)) (i32.const 1)))
        (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
        (i32.store8 (i32.const 257) (global.get $seen))
        (call $set_bytes (i32.const 256) (i32.const 2))))
    (if (i32.eq (local.get $do) (i32.const 71)) ;; G: the metadata kafka_topic becomes the message
      (then
        (local.set $message (call $get_meta (i32.const 48) (i32.const 11)))
        (call $set_bytes
          (i32.wrap_i64 (i64.shr_u (local.get $message) (i64.const 32)))
          (i32.wrap_i64 (local.get $message)))))
    (if (i32.eq (local.get $do) (i32.const 83)) ;; S: sets metadata
      (then (call $set_meta (i32.const 32) (i32.const 5) (i32.const 0) (i32.const 5))))
    (if (i32.eq (local.get $do) (i32.const 87)) ;; W: a pointer into nowhere
      (then (call $set_bytes (i32.const 0x7ffffff0) (i32.const 100))))))
