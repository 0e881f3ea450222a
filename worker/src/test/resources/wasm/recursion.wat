;; Calls itself without end.
(module
  (memory (export "memory") 1)
  (func $deeper (export "handle") (result i32)
    (i32.add (call $deeper) (i32.const 1))))
