;; Copies from a passive segment, answers with it and drops it: a second event in the same instance
;; would trap.
(module
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data $once "once")
  (func (export "handle") (result i32)
    (memory.init $once (i32.const 0) (i32.const 0) (i32.const 4))
    (data.drop $once)
    (drop (call $reply_write (i32.const 0) (i32.const 4)))
    (i32.const 0)))
