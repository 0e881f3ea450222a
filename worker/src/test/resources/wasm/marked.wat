;; Answers with its data between two marks, v00, which SwapUnderLoadIT changes to tell versions apart.
;; Without its data section this is still a module, and its answer has no marks.
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "v00|")
  (data (i32.const 16) "|v00")
  (func (export "handle") (result i32)
    (local $size i32)
    (local.set $size (call $data_read (i32.const 1024) (i32.const 4096) (i32.const 0)))
    (drop (call $reply_write (i32.const 0) (i32.const 4)))
    (drop (call $reply_write (i32.const 1024) (local.get $size)))
    (drop (call $reply_write (i32.const 16) (i32.const 4)))
    (i32.const 0)))
