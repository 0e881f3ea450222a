;; millrace ABI: ends the process instead of answering.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "handle") (result i32)
    (call $proc_exit (i32.const 0))
    (i32.const 0)))
