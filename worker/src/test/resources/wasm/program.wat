;; command ABI: copies standard input to standard output, writes one line to standard error, and ends
;; with the exit code that the first byte of the input names, if it is a capital letter:
;; R reject 65, T retry 75, X 3, Z calls proc_exit(0); anything else returns.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 3)
  (global $runs (mut i32) (i32.const 0))
  (data (i32.const 100) "first line\nlast line\n")
  (func $exit_on (param $first i32) (param $letter i32) (param $code i32)
    (if (i32.eq (local.get $first) (local.get $letter))
      (then (call $proc_exit (local.get $code)))))
  (func (export "_start")
    (local $first i32)
    ;; a second run in the same sandbox would be seen
    (if (global.get $runs) (then unreachable))
    (global.set $runs (i32.const 1))
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.const 65536))
    (block $end
      (loop $more
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (if (i32.eqz (local.get $first))
          (then (local.set $first (i32.load8_u (i32.const 65536)))))
        (i32.store (i32.const 16) (i32.const 65536))
        (i32.store (i32.const 20) (i32.load (i32.const 8)))
        (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))
        (br $more)))
    (i32.store (i32.const 16) (i32.const 100))
    (i32.store (i32.const 20) (i32.const 21))
    (drop (call $fd_write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 24)))
    (call $exit_on (local.get $first) (i32.const 82) (i32.const 65))
    (call $exit_on (local.get $first) (i32.const 84) (i32.const 75))
    (call $exit_on (local.get $first) (i32.const 88) (i32.const 3))
    (call $exit_on (local.get $first) (i32.const 90) (i32.const 0))))
