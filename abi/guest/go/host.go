//go:build wasip1

package millrace

import "unsafe"

// The imports of module millrace; docs/abi.md describes them.

//go:wasmimport millrace data_read
//go:noescape
func hostDataRead(to unsafe.Pointer, capacity, offset uint32) int32

//go:wasmimport millrace attribute_read
//go:noescape
func hostAttributeRead(name unsafe.Pointer, length uint32, to unsafe.Pointer, capacity uint32) int32

//go:wasmimport millrace attributes_read
//go:noescape
func hostAttributesRead(to unsafe.Pointer, capacity uint32) int32

//go:wasmimport millrace key_read
//go:noescape
func hostKeyRead(to unsafe.Pointer, capacity uint32) int32

//go:wasmimport millrace headers_read
//go:noescape
func hostHeadersRead(to unsafe.Pointer, capacity uint32) int32

//go:wasmimport millrace config_read
//go:noescape
func hostConfigRead(name unsafe.Pointer, length uint32, to unsafe.Pointer, capacity uint32) int32

//go:wasmimport millrace reply_write
//go:noescape
func hostReplyWrite(from unsafe.Pointer, length uint32) int32

//go:wasmimport millrace reason_write
//go:noescape
func hostReasonWrite(from unsafe.Pointer, length uint32) int32

//go:wasmimport millrace retry_after
func hostRetryAfter(millis int64)

//go:wasmimport millrace publish
//go:noescape
func hostPublish(to unsafe.Pointer, toLength uint32, key unsafe.Pointer, keyLength int32,
	headers unsafe.Pointer, headersLength uint32, data unsafe.Pointer, dataLength int32) int32

//go:wasmimport millrace once
//go:noescape
func hostOnce(key unsafe.Pointer, length uint32, ttlMillis int64) int32

//go:wasmimport millrace kv_get
//go:noescape
func hostKvGet(store unsafe.Pointer, storeLength uint32, key unsafe.Pointer, keyLength uint32) int32

//go:wasmimport millrace kv_set
//go:noescape
func hostKvSet(store unsafe.Pointer, storeLength uint32, key unsafe.Pointer, keyLength uint32,
	value unsafe.Pointer, valueLength uint32, ttlMillis int64) int32

//go:wasmimport millrace kv_delete
//go:noescape
func hostKvDelete(store unsafe.Pointer, storeLength uint32, key unsafe.Pointer, keyLength uint32) int32

//go:wasmimport millrace kv_compare_and_set
//go:noescape
func hostKvCompareAndSet(store unsafe.Pointer, storeLength uint32, key unsafe.Pointer, keyLength uint32,
	expected unsafe.Pointer, expectedLength int32, value unsafe.Pointer, valueLength int32,
	ttlMillis int64) int32

//go:wasmimport millrace kv_increment
//go:noescape
func hostKvIncrement(store unsafe.Pointer, storeLength uint32, key unsafe.Pointer, keyLength uint32,
	delta, ttlMillis int64, result unsafe.Pointer) int32

//go:wasmimport millrace http
//go:noescape
func hostHTTP(method unsafe.Pointer, methodLength uint32, url unsafe.Pointer, urlLength uint32,
	headers unsafe.Pointer, headersLength uint32, body unsafe.Pointer, bodyLength int32,
	timeoutMillis int64) int32

//go:wasmimport millrace answer_read
//go:noescape
func hostAnswerRead(to unsafe.Pointer, capacity, offset uint32) int32

//go:wasmimport millrace answer_headers_read
//go:noescape
func hostAnswerHeadersRead(to unsafe.Pointer, capacity uint32) int32

//go:wasmimport millrace log
//go:noescape
func hostLog(level int32, from unsafe.Pointer, length uint32)

//go:wasmimport millrace log_fields
//go:noescape
func hostLogFields(level int32, from unsafe.Pointer, length uint32, fields unsafe.Pointer,
	fieldsLength uint32) int32

//go:wasmimport millrace heartbeat
//go:noescape
func hostHeartbeat(percent int32, message unsafe.Pointer, length uint32) int64

//go:wasmimport millrace deadline_ms
func hostDeadline() int64

// text is where a string lies, and how long it is.
func text(s string) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))
}

// bytes is where a slice lies, and how long it is.
func bytes(b []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b))
}

// optional is the same with the length -1 for nil.
func optional(b []byte) (unsafe.Pointer, int32) {
	if b == nil {
		return nil, -1
	}
	return unsafe.Pointer(unsafe.SliceData(b)), int32(len(b))
}

// readAll calls once with a small buffer, and again with a fitting one if that was too small; nil
// if there is nothing.
func readAll(read func(to unsafe.Pointer, capacity uint32) int32) []byte {
	buffer := make([]byte, 1024)
	size := read(bytes(buffer))
	if int(size) > len(buffer) {
		buffer = make([]byte, size)
		size = read(bytes(buffer))
	}
	if size < 0 {
		return nil
	}
	return buffer[:size]
}
