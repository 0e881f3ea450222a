// Answers a name with a greeting.
package main

import (
	"strconv"

	millrace "millrace.dev/go"
)

func main() { millrace.Handle(hello) }

func hello(event *millrace.Event) ([]byte, error) {
	name := string(event.Data())
	if name == "" {
		return nil, millrace.Reject("no name")
	}
	millrace.Info("attempt " + strconv.Itoa(event.Attempt()))
	return []byte("hello " + name), nil
}
