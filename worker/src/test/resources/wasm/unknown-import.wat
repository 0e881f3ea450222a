;; Imports what the host does not have.
(module
  (import "env" "emscripten_notify" (func (param i32)))
  (import "env" "memory" (memory 1))
  (import "millrace" "kv_scan" (func (param i32 i32) (result i32)))
  (func (export "handle") (result i32) (i32.const 0)))
