;; The contract guest for Extism. The first byte of its input says what to do; GuestContract says what that is.
(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error_set (param i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "log_warn" (func $log_warn (param i64)))
  (import "extism:host/env" "http_request" (func $http_request (param i64 i64) (result i64)))
  (import "extism:host/env" "http_status_code" (func $http_status_code (result i32)))
  (import "extism:host/env" "http_headers" (func $http_headers (result i64)))
  (memory (export "memory") 1)
  (global $seen (mut i32) (i32.const 0))
  (global $block (mut i64) (i64.const 0))
  (data (i32.const 0) "later")
  (data (i32.const 16) "never")
  (data (i32.const 32) "region")

  ;; A block with bytes of the memory.
  (func $block_of (param $from i32) (param $size i32) (result i64)
    (local $block i64) (local $i i32)
    (local.set $block (call $alloc (i64.extend_i32_u (local.get $size))))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
        (i32.load8_u (i32.add (local.get $from) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $size))))
    (local.get $block))

  (func $answer (param $block i64)
    (call $output_set (local.get $block) (call $length (local.get $block))))

  (func $echo
    (local $block i64) (local $i i64) (local $size i64)
    (local.set $size (call $input_length))
    (local.set $block (call $alloc (local.get $size)))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (local.get $i))
        (call $input_load_u8 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (local.get $size))))
    (call $answer (local.get $block)))

  ;; Counts in memory, in a global and in a variable, and answers with the three bytes. The fourth is
  ;; the length of the block that the event before it left.
  (func $count
    (local $variable i64) (local $count i32)
    (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (i32.const 1)))
    (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
    (i32.store8 (i32.const 101) (global.get $seen))
    (local.set $variable (call $var_get (call $block_of (i32.const 32) (i32.const 6))))
    (if (i64.ne (local.get $variable) (i64.const 0))
      (then (local.set $count (call $load_u8 (local.get $variable)))))
    (i32.store8 (i32.const 102) (i32.add (local.get $count) (i32.const 1)))
    (call $var_set
      (call $block_of (i32.const 32) (i32.const 6))
      (call $block_of (i32.const 102) (i32.const 1)))
    (i32.store8 (i32.const 103) (i32.wrap_i64 (call $length (global.get $block))))
    (global.set $block (call $alloc (i64.const 99)))
    (call $answer (call $block_of (i32.const 100) (i32.const 4))))

  ;; Sends the request that follows the first letter, with the body "later"; the status has to be 201.
  (func $request (result i64)
    (local $block i64) (local $i i64) (local $size i64)
    (local.set $size (i64.sub (call $input_length) (i64.const 1)))
    (local.set $block (call $alloc (local.get $size)))
    (loop $next
      (call $store_u8
        (i64.add (local.get $block) (local.get $i))
        (call $input_load_u8 (i64.add (local.get $i) (i64.const 1))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $i) (local.get $size))))
    (local.set $block
      (call $http_request (local.get $block) (call $block_of (i32.const 0) (i32.const 5))))
    (if (i32.ne (call $http_status_code) (i32.const 201)) (then (unreachable)))
    (local.get $block))

  (func (export "transform") (result i32)
    (local $do i32)
    (local.set $do (call $input_load_u8 (i64.const 0)))
    (if (i32.eq (local.get $do) (i32.const 68)) ;; D
      (then (call $echo) (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 84)) ;; T
      (then
        (call $error_set (call $block_of (i32.const 0) (i32.const 5)))
        (return (i32.const 75))))
    (if (i32.eq (local.get $do) (i32.const 82)) ;; R
      (then
        (call $error_set (call $block_of (i32.const 16) (i32.const 5)))
        (return (i32.const 65))))
    (if (i32.eq (local.get $do) (i32.const 70)) ;; F
      (then
        (call $error_set (call $block_of (i32.const 0) (i32.const 5)))
        (return (i32.const 3))))
    (if (i32.eq (local.get $do) (i32.const 69)) ;; E
      (then
        (call $error_set (call $block_of (i32.const 0) (i32.const 5)))
        (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 88)) ;; X
      (then
        (call $error_set (call $block_of (i32.const 16) (i32.const 5)))
        (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 76)) ;; L
      (then (loop $again (br $again))))
    (if (i32.eq (local.get $do) (i32.const 77)) ;; M
      (then
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 65)) ;; A
      (then
        (loop $more (br_if $more (i64.ne (call $alloc (i64.const 70000)) (i64.const 0))))
        (unreachable)))
    (if (i32.eq (local.get $do) (i32.const 67)) ;; C
      (then (call $count) (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 75)) ;; K
      (then
        (call $answer (call $config_get (call $block_of (i32.const 32) (i32.const 6))))
        (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 71)) ;; G
      (then
        (call $log_warn (call $block_of (i32.const 0) (i32.const 5)))
        (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 66)) ;; B
      (then (call $log_warn (i64.const 12345)) (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 72)) ;; H
      (then
        (call $answer (call $request))
        (return (i32.const 0))))
    (if (i32.eq (local.get $do) (i32.const 74)) ;; J
      (then
        (drop (call $request))
        (call $answer (call $http_headers))
        (return (i32.const 0))))
    (i32.const 0)))
