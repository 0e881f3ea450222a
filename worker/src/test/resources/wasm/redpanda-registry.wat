;; A transform that wants a schema registry.
(module
  (import "redpanda_transform" "check_abi_version_1" (func))
  (import "redpanda_schema_registry" "check_abi_version_0" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
