;; Never ends: an unconditional branch.
(module
  (memory (export "memory") 1)
  (func (export "handle") (result i32)
    (loop $again (br $again))
    unreachable))
