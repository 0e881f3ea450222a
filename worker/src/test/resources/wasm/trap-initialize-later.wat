;; Traps in _initialize when a random byte is odd; echoes nothing and is done else.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_initialize")
    (drop (call $random_get (i32.const 0) (i32.const 1)))
    (if (i32.and (i32.load8_u (i32.const 0)) (i32.const 1)) (then unreachable)))
  (func (export "handle") (result i32)
    (i32.div_s (i32.const 1) (i32.const 0))))
