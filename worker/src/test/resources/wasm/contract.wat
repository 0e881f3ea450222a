;; The contract guest of the millrace ABI. The first byte of its data says what to do; GuestContract
;; says what that is.
(module
  (import "millrace" "data_read" (func $data_read (param i32 i32 i32) (result i32)))
  (import "millrace" "reply_write" (func $reply_write (param i32 i32) (result i32)))
  (import "millrace" "reason_write" (func $reason_write (param i32 i32) (result i32)))
  (memory (export "memory") 3)
  (global $seen (mut i32) (i32.const 0))
  (data (i32.const 0) "later")
  (data (i32.const 16) "never")

  (func (export "handle") (result i32)
    (local $size i32) (local $do i32)
    (local.set $size (call $data_read (i32.const 4096) (i32.const 100000) (i32.const 0)))
    (local.set $do (i32.load8_u (i32.const 4096)))
    (if (i32.eq (local.get $do) (i32.const 68)) ;; D
      (then
        (drop (call $reply_write (i32.const 4096) (local.get $size)))
        (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 84)) ;; T
      (then
        (drop (call $reason_write (i32.const 0) (i32.const 5)))
        (return (i32.const 1))))
    (if (i32.eq (local.get $do) (i32.const 82)) ;; R
      (then
        (drop (call $reason_write (i32.const 16) (i32.const 5)))
        (return (i32.const 2))))
    (if (i32.eq (local.get $do) (i32.const 88)) ;; X
      (then (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 76)) ;; L
      (then (loop $again (br $again))))
    (if (i32.eq (local.get $do) (i32.const 77)) ;; M
      (then
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 67)) ;; C
      (then
        (i32.store8 (i32.const 256) (i32.add (i32.load8_u (i32.const 256)) (i32.const 1)))
        (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
        (i32.store8 (i32.const 257) (global.get $seen))
        (drop (call $reply_write (i32.const 256) (i32.const 2)))))
    (i32.const 0)))
