;; An Extism plugin that wants hs_init(0, 0) after _initialize, and is done only if both ran in that order.
(module
  (import "env" "extism_input_length" (func (result i64)))
  (global $steps (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $steps (i32.const 1)))
  (func (export "hs_init") (param i32 i32)
    (if (i32.and
          (i32.eq (global.get $steps) (i32.const 1))
          (i32.eqz (i32.or (local.get 0) (local.get 1))))
      (then (global.set $steps (i32.const 2)))))
  (func (export "run") (result i32) (i32.ne (global.get $steps) (i32.const 2))))
