;; Writes to standard error with half a million vectors of one megabyte each, in a single call.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 32)
  (func (export "handle") (result i32)
    (local $at i32)
    (loop $next
      (i32.store (local.get $at) (i32.const 0))
      (i32.store offset=4 (local.get $at) (i32.const 1024))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 1048576))))
    (loop $again
      (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 131072) (i32.const 1048576)))
      (br $again))
    unreachable))
