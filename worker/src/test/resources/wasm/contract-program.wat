;; The contract guest of the command ABI. The first byte of standard input says what to do;
;; GuestContract says what that is.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 3)
  (global $seen (mut i32) (i32.const 0))
  (data (i32.const 0) "later")
  (data (i32.const 16) "never")

  (func $write (param $stream i32) (param $at i32) (param $size i32)
    (i32.store (i32.const 80) (local.get $at))
    (i32.store (i32.const 84) (local.get $size))
    (drop (call $fd_write (local.get $stream) (i32.const 80) (i32.const 1) (i32.const 88))))

  (func (export "_start")
    (local $do i32)
    (i32.store (i32.const 80) (i32.const 4096))
    (i32.store (i32.const 84) (i32.const 100000))
    (drop (call $fd_read (i32.const 0) (i32.const 80) (i32.const 1) (i32.const 88)))
    (local.set $do (i32.load8_u (i32.const 4096)))
    (if (i32.eq (local.get $do) (i32.const 68)) ;; D
      (then (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 88)))))
    (if (i32.eq (local.get $do) (i32.const 84)) ;; T
      (then (call $write (i32.const 2) (i32.const 0) (i32.const 5)) (call $proc_exit (i32.const 75))))
    (if (i32.eq (local.get $do) (i32.const 82)) ;; R
      (then (call $write (i32.const 2) (i32.const 16) (i32.const 5)) (call $proc_exit (i32.const 65))))
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
        (call $write (i32.const 1) (i32.const 256) (i32.const 2))))))
