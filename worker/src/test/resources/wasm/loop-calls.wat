;; Practically never ends: doubles its calls sixty times, without a loop and without deep recursion.
(module
  (memory (export "memory") 1)
  (func $double (param $depth i32)
    (if (local.get $depth)
      (then
        (call $double (i32.sub (local.get $depth) (i32.const 1)))
        (call $double (i32.sub (local.get $depth) (i32.const 1))))))
  (func (export "handle") (result i32)
    (call $double (i32.const 60))
    (i32.const 0)))
