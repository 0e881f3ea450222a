;; Publishes empty messages without end.
(module
  (import "millrace" "publish"
    (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "a/b")
  (func (export "handle") (result i32)
    (loop $more
      (br_if $more (i32.eqz
        (call $publish (i32.const 100) (i32.const 3) (i32.const 0) (i32.const -1)
                       (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))))
    (i32.const 0)))
