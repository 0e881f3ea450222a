;; Imports a host function with another signature.
(module
  (import "millrace" "retry_after" (func (param i32)))
  (func (export "handle") (result i32) (i32.const 0)))
