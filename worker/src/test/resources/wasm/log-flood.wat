;; Logs 100 MB: a first line, 1600 pieces of 64 KiB, a last line. Done all the same.
(module
  (import "millrace" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "first")
  (data (i32.const 16) "last")
  (func (export "handle") (result i32)
    (local $n i32)
    (call $log (i32.const 0) (i32.const 0) (i32.const 5))
    (loop $more
      (call $log (i32.const 1) (i32.const 1024) (i32.const 65536))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $n) (i32.const 1600))))
    (call $log (i32.const 3) (i32.const 16) (i32.const 4))
    (i32.const 0)))
