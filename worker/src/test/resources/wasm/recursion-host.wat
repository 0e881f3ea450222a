;; Calls itself without end, and the host at every level, so that the stack may end inside the host.
(module
  (import "millrace" "log" (func $log (param i32 i32 i32)))
  (import "millrace" "publish"
    (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $deeper (export "handle") (result i32)
    (call $log (i32.const 1) (i32.const 0) (i32.const 4))
    (drop (call $random_get (i32.const 0) (i32.const 16)))
    (drop (call $publish (i32.const 100) (i32.const 3) (i32.const 0) (i32.const -1)
                         (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))
    (i32.add (call $deeper) (i32.const 1))))
