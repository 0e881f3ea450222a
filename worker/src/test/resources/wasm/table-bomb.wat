;; Grows its table until it is refused, then gives up.
(module
  (memory (export "memory") 1)
  (table $t 1 funcref)
  (func (export "handle") (result i32)
    (loop $more
      (br_if $more (i32.ne (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1))))
    unreachable))
