;; Grows its memory until it is refused, then gives up.
(module
  (memory (export "memory") 1)
  (func (export "handle") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    unreachable))
