;; Declares more table entries than are run.
(module
  (memory (export "memory") 1)
  (table 2000000 funcref)
  (func (export "handle") (result i32) (i32.const 0)))
