;; millrace ABI: answers with two bytes, what it finds in memory and in a global, then adds one to both.
;; _initialize sets both to 7.
(module
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $found (mut i32) (i32.const 0))
  (func (export "_initialize")
    (global.set $found (i32.const 7))
    (i32.store8 (i32.const 5000) (i32.const 7)))
  (func (export "handle") (result i32)
    (i32.store8 (i32.const 0) (i32.load8_u (i32.const 5000)))
    (i32.store8 (i32.const 1) (global.get $found))
    (drop (call $reply_write (i32.const 0) (i32.const 2)))
    (i32.store8 (i32.const 5000) (i32.add (i32.load8_u (i32.const 5000)) (i32.const 1)))
    (global.set $found (i32.add (global.get $found) (i32.const 1)))
    (i32.const 0)))
