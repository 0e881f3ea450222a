//go:build wasip1

package millrace

import (
	"encoding/binary"
	"time"
	"unsafe"
)

// Store is a key-value store of the worker's, granted by allow.kv in the manifest.
type Store struct{ name string }

// Open names a store; it asks nothing yet.
func Open(store string) Store { return Store{store} }

// Get is the value of a key; nil if it is not there.
func (store Store) Get(key string) ([]byte, error) {
	name, nameLength := text(store.name)
	from, length := text(key)
	size := hostKvGet(name, nameLength, from, length)
	if size == absent {
		return nil, nil
	}
	if size < 0 {
		return nil, Refused(size)
	}
	return answer(), nil
}

// Set gives a key a value, for some time or, with 0, for ever.
func (store Store) Set(key string, value []byte, ttl time.Duration) error {
	name, nameLength := text(store.name)
	from, length := text(key)
	data, dataLength := bytes(value)
	return refused(hostKvSet(name, nameLength, from, length, data, dataLength, ttl.Milliseconds()))
}

// Delete removes a key and tells whether it was there.
func (store Store) Delete(key string) (bool, error) {
	name, nameLength := text(store.name)
	from, length := text(key)
	code := hostKvDelete(name, nameLength, from, length)
	return code == 1, refused(code)
}

// CompareAndSet sets a key if it has the expected value, nil for not being there; a nil value
// removes it. It tells whether it did.
func (store Store) CompareAndSet(key string, expected, value []byte, ttl time.Duration) (bool, error) {
	name, nameLength := text(store.name)
	from, length := text(key)
	old, oldLength := optional(expected)
	data, dataLength := optional(value)
	code := hostKvCompareAndSet(
		name, nameLength, from, length, old, oldLength, data, dataLength, ttl.Milliseconds())
	return code == 1, refused(code)
}

// Increment adds to a key's decimal number, 0 if there is none, and gives the sum. The time counts
// if the key is created.
func (store Store) Increment(key string, delta int64, ttl time.Duration) (int64, error) {
	name, nameLength := text(store.name)
	from, length := text(key)
	var sum [8]byte
	code := hostKvIncrement(
		name, nameLength, from, length, delta, ttl.Milliseconds(), unsafe.Pointer(&sum))
	return int64(binary.LittleEndian.Uint64(sum[:])), refused(code)
}

// Request is an HTTP request; allow.http in the manifest grants where it may go.
type Request struct {
	// Method is GET if empty.
	Method  string
	URL     string
	Headers []Header
	// Body is nil for none.
	Body []byte
	// Timeout is 0 for as long as the invocation has.
	Timeout time.Duration
}

// Response is what came back, whatever its status.
type Response struct {
	Status int
	// Headers have names in lower case.
	Headers []Header
	Body    []byte
}

// Send waits for the response.
func (request Request) Send() (*Response, error) {
	if request.Method == "" {
		request.Method = "GET"
	}
	method, methodLength := text(request.Method)
	url, urlLength := text(request.URL)
	headers, headersLength := bytes(encode(request.Headers))
	body, bodyLength := optional(request.Body)
	status := hostHTTP(method, methodLength, url, urlLength, headers, headersLength, body, bodyLength,
		request.Timeout.Milliseconds())
	if status < 0 {
		return nil, Refused(status)
	}
	return &Response{Status: int(status), Headers: decode(readAll(hostAnswerHeadersRead)), Body: answer()}, nil
}

const absent = -1

// answer is what the last question brought.
func answer() []byte {
	return readAll(func(to unsafe.Pointer, capacity uint32) int32 {
		return hostAnswerRead(to, capacity, 0)
	})
}
