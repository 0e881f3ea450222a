;; Calls through an empty table entry.
(module
  (memory (export "memory") 1)
  (type $t (func (result i32)))
  (table 1 funcref)
  (func (export "handle") (result i32) (call_indirect (type $t) (i32.const 0))))
