;; Never ends: a conditional branch that is always taken.
(module
  (memory (export "memory") 1)
  (func (export "handle") (result i32)
    (loop $again (br_if $again (i32.const 1)))
    (i32.const 0)))
