//go:build wasip1

// Package millrace is for writing Millrace functions in Go.
//
//	package main
//
//	import millrace "millrace.dev/go"
//
//	func main() {
//		millrace.Handle(func(event *millrace.Event) ([]byte, error) {
//			return []byte("hello " + string(event.Data())), nil
//		})
//	}
//
// Build it with GOOS=wasip1 GOARCH=wasm go build. The program runs from its beginning for each
// event.
package millrace

import (
	"errors"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

const (
	exitDone    = 0
	exitPanic   = 2
	exitReject  = 65
	exitRetry   = 75
	reasonBytes = 4096
)

// Handle runs a handler for the event of this run and ends the program. What the handler returns is
// the reply; nil is none, which is not the same as an empty one. An error is a [Failure], or asks
// for a retry. A panic fails the attempt, and the event is tried again.
func Handle(handler func(event *Event) ([]byte, error)) {
	defer func() {
		if value := recover(); value != nil {
			stack := make([]byte, reasonBytes)
			stack = stack[:runtime.Stack(stack, false)]
			end("panic: "+panicText(value)+"\n"+string(stack), exitPanic)
		}
	}()
	reply, err := handler(&Event{})
	if err == nil && reply != nil {
		err = refused(hostReplyWrite(bytes(reply)))
	}
	if err == nil {
		syscall.Exit(exitDone)
	}
	failure := failureOf(err)
	if failure.hasAfter {
		hostRetryAfter(failure.after.Milliseconds())
	}
	if failure.retry {
		end(failure.reason, exitRetry)
	}
	end(failure.reason, exitReject)
}

func end(reason string, code int) {
	if len(reason) > reasonBytes {
		reason = reason[:reasonBytes]
		for len(reason) > 0 && reason[len(reason)-1] >= 0x80 {
			reason = reason[:len(reason)-1]
		}
	}
	hostReasonWrite(text(reason))
	syscall.Exit(code)
}

func panicText(value any) string {
	switch value := value.(type) {
	case error:
		return value.Error()
	case string:
		return value
	case interface{ String() string }:
		return value.String()
	case int:
		return strconv.Itoa(value)
	default:
		return "a value that is no text"
	}
}

// Event is the event of this run. Everything is read from the worker when it is asked for.
type Event struct{}

// Data is nil where the source carried none, as a Kafka tombstone does.
func (*Event) Data() []byte {
	return readAll(func(to unsafe.Pointer, capacity uint32) int32 {
		return hostDataRead(to, capacity, 0)
	})
}

// Key is the transport's key, by which order is kept; nil for none.
func (*Event) Key() []byte { return readAll(hostKeyRead) }

// Headers are the transport's headers, in their order.
func (*Event) Headers() []Header { return decode(readAll(hostHeadersRead)) }

// Header is the first header of a name as text.
func (event *Event) Header(name string) (string, bool) {
	for _, header := range event.Headers() {
		if header.Name == name && header.Value != nil {
			return string(header.Value), true
		}
	}
	return "", false
}

// Attribute is a CloudEvents attribute (id, source, type, time, kafkatopic, redischannel, ...), or
// attempt, trigger or function; empty where there is none.
func (*Event) Attribute(name string) string {
	from, length := text(name)
	return string(readAll(func(to unsafe.Pointer, capacity uint32) int32 {
		return hostAttributeRead(from, length, to, capacity)
	}))
}

// Attributes are all of them by name.
func (*Event) Attributes() map[string]string {
	attributes := map[string]string{}
	for _, attribute := range decode(readAll(hostAttributesRead)) {
		attributes[attribute.Name] = string(attribute.Value)
	}
	return attributes
}

// ID is the same on every redelivery: a key for what must happen once.
func (event *Event) ID() string { return event.Attribute("id") }

// Type is the CloudEvents type.
func (event *Event) Type() string { return event.Attribute("type") }

// Source is the CloudEvents source.
func (event *Event) Source() string { return event.Attribute("source") }

// Time is the event's time.
func (event *Event) Time() time.Time {
	at, _ := time.Parse(time.RFC3339Nano, event.Attribute("time"))
	return at
}

// Attempt is which attempt this is, from 1.
func (event *Event) Attempt() int {
	attempt, err := strconv.Atoi(event.Attribute("attempt"))
	if err != nil {
		return 1
	}
	return attempt
}

// Header is one transport header. A name may occur more than once; the value is nil if there is none.
type Header struct {
	Name  string
	Value []byte
}

// Failure says why an event was not done.
type Failure struct {
	retry    bool
	hasAfter bool
	after    time.Duration
	reason   string
}

func (failure *Failure) Error() string { return failure.reason }

// Reject is for an event that will never work: it becomes a dead letter at once.
func Reject(reason string) error { return &Failure{reason: reason} }

// Retry is for another attempt, by the trigger's back-off.
func Retry(reason string) error { return &Failure{retry: true, reason: reason} }

// RetryAfter is for another attempt, not before some time has passed.
func RetryAfter(after time.Duration, reason string) error {
	return &Failure{retry: true, hasAfter: true, after: after, reason: reason}
}

// Refused says why the worker did not do what it was asked for.
type Refused int32

const (
	// Denied: the manifest's allow does not cover it.
	Denied Refused = -2
	// TooLarge: a limit would be exceeded, such as limits.output.
	TooLarge Refused = -3
	// Invalid: text that is not UTF-8, an empty name, a value that is no number.
	Invalid Refused = -4
	// Unavailable: the other side did not answer.
	Unavailable Refused = -5
)

func (refused Refused) Error() string {
	switch refused {
	case Denied:
		return "not granted by the manifest's allow"
	case TooLarge:
		return "larger than a limit such as limits.output allows"
	case Unavailable:
		return "the other side did not answer"
	default:
		return "not valid"
	}
}

func refused(code int32) error {
	if code < 0 {
		return Refused(code)
	}
	return nil
}

// failureOf: what was refused will never work, unless the other side was away.
func failureOf(err error) *Failure {
	var failure *Failure
	if errors.As(err, &failure) {
		return failure
	}
	var refused Refused
	if errors.As(err, &refused) {
		return &Failure{retry: refused == Unavailable, reason: err.Error()}
	}
	return &Failure{retry: true, reason: err.Error()}
}

// Config is a value of the function's configuration, secrets included.
func Config(name string) (string, bool) {
	from, length := text(name)
	value := readAll(func(to unsafe.Pointer, capacity uint32) int32 {
		return hostConfigRead(from, length, to, capacity)
	})
	return string(value), value != nil
}

// Message is what Publish sends. A nil key or nil data is none.
type Message struct {
	Key     []byte
	Headers []Header
	Data    []byte
}

// Publish sends a message to a destination as the manifest writes it: events/orders.charged. It goes
// out when the handler has succeeded, and is confirmed before the event is acknowledged; a failed
// attempt publishes nothing.
func Publish(to string, message Message) error {
	destination, toLength := text(to)
	key, keyLength := optional(message.Key)
	headers, headersLength := bytes(encode(message.Headers))
	data, dataLength := optional(message.Data)
	return refused(hostPublish(
		destination, toLength, key, keyLength, headers, headersLength, data, dataLength))
}

// Claim is what became of Once.
type Claim int32

const (
	// Done: it was done before, and there is nothing to do.
	Done Claim = 0
	// First: it is yours to do.
	First Claim = 1
	// Busy: another event is at it; ask for a retry.
	Busy Claim = 2
)

// Once claims a key of up to 512 bytes, so that what it stands for is done once. It counts as done
// for ttl from the moment this event is; if the attempt fails, the claim is given up. Needs
// allow.once in the manifest.
func Once(key string, ttl time.Duration) (Claim, error) {
	from, length := text(key)
	code := hostOnce(from, length, ttl.Milliseconds())
	return Claim(code), refused(code)
}

// Deadline is what is left until the invocation is stopped.
func Deadline() time.Duration { return time.Duration(hostDeadline()) * time.Millisecond }

// Heartbeat says that the invocation lives, which gives it limits.timeout from now on, up to
// limits.max_duration; percent is -1 if it is not known. It gives what is left.
func Heartbeat(percent int, message string) (time.Duration, error) {
	from, length := text(message)
	left := hostHeartbeat(int32(percent), from, length)
	return time.Duration(left) * time.Millisecond, refused(int32(min(left, 0)))
}

// Level is how important a log line is.
type Level int32

const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarn
	LevelError
)

// LogFields writes one log line with fields: INFO charged order=o-1.
func LogFields(level Level, line string, fields ...Header) error {
	from, length := text(line)
	list, listLength := bytes(encode(fields))
	return refused(hostLogFields(int32(level), from, length, list, listLength))
}

// Debug writes one log line.
func Debug(line string) { log(0, line) }

// Info writes one log line.
func Info(line string) { log(1, line) }

// Warn writes one log line.
func Warn(line string) { log(2, line) }

// Error writes one log line.
func Error(line string) { log(3, line) }

func log(level int32, line string) {
	from, length := text(line)
	hostLog(level, from, length)
}
