;; Sets the key "n" of the store "carts" to one byte more than a mebibyte, and answers "-" and a digit of
;; the negative answer.
(module
  (import "millrace" "kv_set" (func $set (param i32 i32 i32 i32 i32 i32 i64) (result i32)))
  (import "millrace" "reply_write" (func $reply (param i32 i32) (result i32)))
  (memory (export "memory") 17)
  (data (i32.const 0) "cartsn-")
  (func (export "handle") (result i32)
    (i32.store8 (i32.const 7)
      (i32.sub (i32.const 48)
        (call $set (i32.const 0) (i32.const 5) (i32.const 5) (i32.const 1)
          (i32.const 0) (i32.const 1048577) (i64.const 0))))
    (drop (call $reply (i32.const 6) (i32.const 2)))
    (i32.const 0)))
