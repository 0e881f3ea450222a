;; Grows its memory until it is refused, then is content: answers with the pages it has.
(module
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "handle") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (i32.store8 (i32.const 0) (memory.size))
    (drop (call $reply_write (i32.const 0) (i32.const 1)))
    (i32.const 0)))
