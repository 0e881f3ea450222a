;; Never ends while it is instantiated: a loop in the start section.
(module
  (memory (export "memory") 1)
  (func $start (loop $again (br $again)))
  (start $start)
  (func (export "handle") (result i32) (i32.const 0)))
