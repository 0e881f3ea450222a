;; Gets the URL that its event's data is; is done if the status is 200, and asks for a retry otherwise.
(module
  (import "millrace" "data_read" (func $data (param i32 i32 i32) (result i32)))
  (import "millrace" "http"
    (func $http (param i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "GET")
  (func (export "handle") (result i32)
    (i32.ne (i32.const 200)
      (call $http (i32.const 0) (i32.const 3)
        (i32.const 16) (call $data (i32.const 16) (i32.const 1024) (i32.const 0))
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1) (i64.const 0)))))
