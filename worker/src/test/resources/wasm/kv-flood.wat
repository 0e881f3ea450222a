;; Increments the key "n" of the store "carts" until it is refused, and answers how often it was not.
(module
  (import "millrace" "kv_increment"
    (func $increment (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "cartsn")
  (func (export "handle") (result i32)
    (local $count i32)
    (local $at i32)
    (loop $next
      (if (i32.eqz (call $increment (i32.const 0) (i32.const 5) (i32.const 5) (i32.const 1)
            (i64.const 1) (i64.const 0) (i32.const 16)))
        (then
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (br $next))))
    (local.set $at (i32.const 64))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $count) (i32.const 10))))
      (local.set $count (i32.div_u (local.get $count) (i32.const 10)))
      (br_if $digit (local.get $count)))
    (drop (call $reply (local.get $at) (i32.sub (i32.const 64) (local.get $at))))
    (i32.const 0)))
