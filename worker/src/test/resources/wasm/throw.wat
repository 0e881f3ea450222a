;; Throws an exception that nobody catches.
(module
  (memory (export "memory") 1)
  (tag $oops (param i32))
  (func (export "handle") (result i32) (throw $oops (i32.const 1))))
