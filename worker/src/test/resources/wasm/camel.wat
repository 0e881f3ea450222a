;; The contract guest for Camel's wasm component: an envelope in, an envelope or an expression's bytes
;; out. The first letter of the body's base64 says what to do; GuestContract says what that is.
(module
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))
  (global $seen (mut i32) (i32.const 0))
  (data (i32.const 0) "later")
  (data (i32.const 16) "never")
  (data (i32.const 32) "\22body\22:\22")
  (data (i32.const 48) "{\22body\22:\22eA==\22,\22headers\22:{\22a\22:\22b\22,\22n\22:7}}")
  (data (i32.const 128) "{\22body\22:null}")

  (func (export "alloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (loop $more
      (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
        (then
          (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
          (br $more))))
    (local.get $at))

  (func (export "dealloc") (param i32 i32)
    (global.set $free (i32.const 4096)))

  (func $answer (param $at i32) (param $size i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
      (i64.extend_i32_u (local.get $size))))

  ;; Where the base64 of the body begins; 0 for a body that is null.
  (func $body (param $at i32) (param $size i32) (result i32)
    (local $end i32)
    (local.set $end (i32.sub (i32.add (local.get $at) (local.get $size)) (i32.const 8)))
    (block $none
      (loop $next
        (br_if $none (i32.gt_u (local.get $at) (local.get $end)))
        (if (i64.eq (i64.load (local.get $at)) (i64.load (i32.const 32)))
          (then (return (i32.add (local.get $at) (i32.const 8)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  (func (export "process") (param $at i32) (param $size i32) (result i64)
    (local $body i32) (local $do i32)
    (local.set $body (call $body (local.get $at) (local.get $size)))
    (if (i32.eqz (local.get $body))
      (then (return (call $answer (i32.const 128) (i32.const 13)))))
    (local.set $do (i32.load8_u (local.get $body)))
    (if (i32.eq (local.get $do) (i32.const 82)) ;; D
      (then (return (call $answer (local.get $at) (local.get $size)))))
    (if (i32.eq (local.get $do) (i32.const 86)) ;; T
      (then (return (call $answer (i32.const 0) (i32.const 0x80000005)))))
    (if (i32.eq (local.get $do) (i32.const 85)) ;; R
      (then (return (call $answer (i32.const 16) (i32.const 0x80000005)))))
    (if (i32.eq (local.get $do) (i32.const 87)) ;; X
      (then (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 84)) ;; L or M
      (then
        (if (i32.eq (i32.load8_u offset=1 (local.get $body)) (i32.const 65))
          (then (loop $again (br $again))))
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 81)) ;; C
      (then
        (i32.store8 (i32.const 256) (i32.add (i32.load8_u (i32.const 256)) (i32.const 1)))
        (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
        (i32.store8 (i32.const 257) (global.get $seen))
        (return (call $answer (i32.const 256) (i32.const 2)))))
    (if (i32.eq (local.get $do) (i32.const 83)) ;; H: an envelope with headers
      (then (return (call $answer (i32.const 48) (i32.const 41)))))
    ;; anything else: a pointer into nowhere
    (call $answer (i32.const 0x7ffffff0) (i32.const 100))))
