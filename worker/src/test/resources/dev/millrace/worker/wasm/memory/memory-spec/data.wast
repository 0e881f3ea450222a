;; Active data segments: written in order, at unsigned offsets, in bounds or not at all.
(module
  (memory 1)
  (data (i32.const 0) "aaaa")
  (data (i32.const 2) "bb" "cc")
  (data (i32.const 65535) "z")
  (data (i32.const 65536) "")
  (data (i32.const 8) "")
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
)
(assert_return (invoke "load" (i32.const 1)) (i32.const 97))
(assert_return (invoke "load" (i32.const 2)) (i32.const 98))
(assert_return (invoke "load" (i32.const 5)) (i32.const 99))
(assert_return (invoke "load" (i32.const 6)) (i32.const 0))
(assert_return (invoke "load" (i32.const 65535)) (i32.const 122))

(assert_trap (module (memory 1) (data (i32.const 65536) "a")) "out of bounds memory access")
(assert_trap (module (memory 1) (data (i32.const 65535) "ab")) "out of bounds memory access")
(assert_trap (module (memory 1) (data (i32.const 65537) "")) "out of bounds memory access")
(assert_trap (module (memory 1) (data (i32.const -1) "a")) "out of bounds memory access")
(assert_trap (module (memory 1) (data (i32.const -1) "ab")) "out of bounds memory access")
(assert_trap (module (memory 0) (data (i32.const 0) "a")) "out of bounds memory access")
(module (memory 0) (data (i32.const 0) ""))

;; an imported memory keeps what an earlier instance wrote, and an offset may be a global
(module $owner
  (memory (export "memory") 1)
  (global (export "at") i32 (i32.const 40))
  (data (i32.const 40) "owner")
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
)
(register "owner" $owner)
(module $borrower
  (import "owner" "at" (global $at i32))
  (import "owner" "memory" (memory 1))
  (data (global.get $at) "B")
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
)
(assert_return (invoke $owner "load" (i32.const 40)) (i32.const 66))
(assert_return (invoke $owner "load" (i32.const 41)) (i32.const 119))
(assert_return (invoke $borrower "load" (i32.const 41)) (i32.const 119))
(assert_trap (invoke $owner "load" (i32.const 65536)) "out of bounds memory access")
(assert_return (invoke $borrower "grow") (i32.const 1))
(assert_return (invoke $owner "load" (i32.const 65536)) (i32.const 0))

;; segments before the one that fails have been written
(assert_trap
  (module
    (import "owner" "memory" (memory 1))
    (data (i32.const 60) "x")
    (data (i32.const 200000) "y"))
  "out of bounds memory access")
(assert_return (invoke $owner "load" (i32.const 60)) (i32.const 120))

;; the start function sees the segments
(module
  (memory 1)
  (data (i32.const 0) "\05")
  (func $double (i32.store8 (i32.const 0) (i32.mul (i32.load8_u (i32.const 0)) (i32.const 2))))
  (start $double)
  (func (export "load") (result i32) (i32.load8_u (i32.const 0)))
)
(assert_return (invoke "load") (i32.const 10))
