;; Two memories that grow in turn: the limit counts both.
(module
  (memory $a (export "memory") 1)
  (memory $b 1)
  (func (export "handle") (result i32)
    (loop $more
      (drop (memory.grow $a (i32.const 1)))
      (br_if $more (i32.ne (memory.grow $b (i32.const 1)) (i32.const -1))))
    unreachable))
