;; Never ends: fills all of its memory, over and over.
(module
  (memory (export "memory") 16)
  (func (export "handle") (result i32)
    (loop $again
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 1048576))
      (br $again))
    unreachable))
