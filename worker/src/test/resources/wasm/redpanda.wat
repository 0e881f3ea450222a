;; The contract guest for Redpanda transforms. The first byte of a record's value says what to do;
;; GuestContract says what that is. Written against version 2 of the published interface.
(module
  (import "redpanda_transform" "check_abi_version_1" (func))
  (import "redpanda_transform" "check_abi_version_2" (func $check))
  (import "redpanda_transform" "read_batch_header"
    (func $read_batch_header (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "redpanda_transform" "read_next_record"
    (func $read_next_record (param i32 i32 i32 i32 i32) (result i32)))
  (import "redpanda_transform" "write_record" (func $write_record (param i32 i32) (result i32)))
  (import "redpanda_transform" "write_record_with_options"
    (func $write_record_with_options (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (global $seen (mut i32) (i32.const 0))
  (data (i32.const 0) "later")
  (data (i32.const 16) "never")
  (data (i32.const 32) "\01\04\00\00\00") ;; no key, a value of two bytes, no headers
  (data (i32.const 48) "\01\0cerrors") ;; the option topic, "errors"
  (data (i32.const 64) "\01\0cothers")

  (func $say (param $text i32)
    (i32.store (i32.const 80) (local.get $text))
    (i32.store (i32.const 84) (i32.const 5))
    (drop (call $fd_write (i32.const 2) (i32.const 80) (i32.const 1) (i32.const 88))))

  ;; The value's first byte: behind the key, which takes one byte if it is absent, and the value's size.
  (func $first (result i32)
    (local $at i32)
    (local.set $at (i32.const 4097))
    (loop $more
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $more
        (i32.ge_u (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 128))))
    (i32.load8_u (local.get $at)))

  (func $handle (param $size i32)
    (local $do i32) (local $i i32)
    (local.set $do (call $first))
    (if (i32.eq (local.get $do) (i32.const 68)) ;; D
      (then
        (if (i32.ne (call $write_record (i32.const 4096) (local.get $size)) (local.get $size))
          (then (unreachable)))))
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
        (i32.store8 (i32.const 34) (i32.add (i32.load8_u (i32.const 34)) (i32.const 1)))
        (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
        (i32.store8 (i32.const 35) (global.get $seen))
        (drop (call $write_record (i32.const 32) (i32.const 5)))))
    (if (i32.eq (local.get $do) (i32.const 79)) ;; O: to the topic "errors", then to "others"
      (then
        (if (i32.ne
              (call $write_record_with_options
                (i32.const 4096) (local.get $size) (i32.const 48) (i32.const 8))
              (local.get $size))
          (then (unreachable)))
        (if (i32.ne
              (call $write_record_with_options
                (i32.const 4096) (local.get $size) (i32.const 64) (i32.const 8))
              (i32.const -3))
          (then (unreachable)))
        (if (i32.ne
              (call $write_record_with_options
                (i32.const 4096) (local.get $size) (i32.const 64) (i32.const 7))
              (i32.const -2))
          (then (unreachable)))))
    (if (i32.eq (local.get $do) (i32.const 66)) ;; B: what is no record
      (then
        (if (i32.ne (call $write_record (i32.const 4096) (i32.const 1)) (i32.const -2))
          (then (unreachable)))))
    (if (i32.eq (local.get $do) (i32.const 69)) ;; E: the environment, as the record's value
      (then
        (drop (call $environ_sizes_get (i32.const 1000) (i32.const 1004)))
        (drop (call $environ_get (i32.const 1100) (i32.const 2003)))
        (i32.store8 (i32.const 2000) (i32.const 1))
        (i32.store8 (i32.const 2001)
          (i32.or (i32.const 128) (i32.and (i32.const 127) (i32.shl (i32.load (i32.const 1004)) (i32.const 1)))))
        (i32.store8 (i32.const 2002) (i32.shr_u (i32.load (i32.const 1004)) (i32.const 6)))
        (i32.store8 (i32.add (i32.const 2003) (i32.load (i32.const 1004))) (i32.const 0))
        (drop (call $write_record (i32.const 2000) (i32.add (i32.load (i32.const 1004)) (i32.const 4)))))))

  (func (export "_start")
    (local $size i32)
    (call $check)
    (loop $next
      (local.set $size
        (call $read_batch_header
          (i32.const 200) (i32.const 208) (i32.const 212) (i32.const 216) (i32.const 220)
          (i32.const 224) (i32.const 232) (i32.const 240) (i32.const 248) (i32.const 252)))
      (if (i32.ne (i32.load (i32.const 208)) (i32.const 1)) (then (unreachable)))
      ;; A buffer that is too small is refused, and the record stays.
      (if (i32.ne
            (call $read_next_record
              (i32.const 300) (i32.const 304) (i32.const 312) (i32.const 4096) (i32.const 1))
            (i32.const -2))
        (then (unreachable)))
      (local.set $size
        (call $read_next_record
          (i32.const 300) (i32.const 304) (i32.const 312) (i32.const 4096) (local.get $size)))
      (if (i32.ne
            (call $read_next_record
              (i32.const 300) (i32.const 304) (i32.const 312) (i32.const 4096) (local.get $size))
            (i32.const -1))
        (then (unreachable)))
      (call $handle (local.get $size))
      (br_if $next (i32.ne (call $first) (i32.const 90)))))) ;; Z: returns
