;; millrace ABI: does what the first byte of its data says, so that a test decides for each event.
;;   g  answers with the data          s  sleeps for 20 ms first
;;   r  rejects                        1 to 9  asks for a retry until the attempt of that number
;;   t  traps                          l  never ends
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "attribute_read" (func $attribute_read (param i32 i32 i32 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "attempt")
  (func $sleep
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 20000000))
    (drop (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 192))))
  ;; Whether this attempt comes before the one that the byte names. Ten and more are never before.
  (func $too_early (param $wanted i32) (result i32)
    (local $length i32)
    (local.set $length
      (call $attribute_read (i32.const 0) (i32.const 7) (i32.const 16) (i32.const 8)))
    (i32.and
      (i32.eq (local.get $length) (i32.const 1))
      (i32.lt_u (i32.load8_u (i32.const 16)) (local.get $wanted))))
  (func (export "handle") (result i32)
    (local $size i32)
    (local $what i32)
    (local.set $size (call $data_read (i32.const 1024) (i32.const 65536) (i32.const 0)))
    (local.set $what (i32.load8_u (i32.const 1024)))
    (if (i32.eq (local.get $what) (i32.const 114)) (then (return (i32.const 2)))) ;; r
    (if (i32.eq (local.get $what) (i32.const 116)) (then (unreachable))) ;; t
    (if (i32.eq (local.get $what) (i32.const 108)) (then (loop $forever (br $forever)))) ;; l
    (if (i32.eq (local.get $what) (i32.const 115)) (then (call $sleep))) ;; s
    (if (i32.and
          (i32.ge_u (local.get $what) (i32.const 49)) (i32.le_u (local.get $what) (i32.const 57)))
      (then (if (call $too_early (local.get $what)) (then (return (i32.const 1))))))
    (drop (call $reply_write (i32.const 1024) (local.get $size)))
    (i32.const 0)))
