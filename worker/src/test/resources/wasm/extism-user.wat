;; An Extism plugin that wants functions of an application.
(module
  (import "extism:host/user" "lookup" (func (param i64) (result i64)))
  (import "extism:host/user" "store" (func (param i64) (result i64)))
  (func (export "run") (result i32) (i32.const 0)))
