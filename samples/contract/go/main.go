// Does what the contract of the SDKs asks for: the event's type says what.
package main

import (
	"strconv"
	"strings"
	"time"

	millrace "millrace.dev/go"
)

var seen = 0

func main() { millrace.Handle(handle) }

func handle(event *millrace.Event) ([]byte, error) {
	data := string(event.Data())
	kv := millrace.Open("default")
	switch event.Type() {
	case "bytes":
		return event.Data(), nil
	case "nothing":
		return nil, nil
	case "look":
		return look(event), nil
	case "retry":
		return nil, millrace.Retry(data)
	case "retry_after":
		return nil, millrace.RetryAfter(1500*time.Millisecond, data)
	case "reject":
		return nil, millrace.Reject(data)
	case "fail":
		panic(data)
	case "seen":
		seen++
		return []byte(strconv.Itoa(seen)), nil
	case "log":
		millrace.Debug("d " + data)
		millrace.Info("i " + data)
		millrace.Warn("w " + data)
		millrace.Error("e " + data)
		return nil, nil
	case "fields":
		return nil, millrace.LogFields(millrace.LevelWarn, data,
			millrace.Header{Name: "order", Value: []byte("o-1")},
			millrace.Header{Name: "why", Value: []byte("no money")})
	case "heartbeat":
		left, err := millrace.Heartbeat(40, data)
		return []byte(strconv.FormatBool(left > 0 && left <= 20*time.Second)), err
	case "publish":
		return nil, millrace.Publish("events/out", millrace.Message{
			Key: event.Key(), Headers: event.Headers(), Data: event.Data()})
	case "once":
		claim, err := millrace.Once(data, time.Minute)
		return []byte([]string{"done", "first", "busy"}[max(claim, 0)]), err
	case "deadline":
		return []byte(strconv.FormatBool(millrace.Deadline() > 0 && millrace.Deadline() <= 20*time.Second)), nil
	case "kv":
		return keyValues(kv)
	case "kv_count":
		sum, err := kv.Increment("count", 5, 0)
		return []byte(strconv.FormatInt(sum, 10)), err
	case "http":
		response, err := millrace.Request{
			Method: "POST", URL: data, Body: []byte("ping"),
			Headers: []millrace.Header{{Name: "x-test", Value: []byte("yes")}},
		}.Send()
		if err != nil {
			return nil, err
		}
		reply := strconv.Itoa(response.Status) + " "
		for _, header := range response.Headers {
			if header.Name == "x-answer" {
				reply += string(header.Value)
			}
		}
		return []byte(reply + " " + string(response.Body)), nil
	}
	return nil, millrace.Reject("no behaviour " + event.Type())
}

func look(event *millrace.Event) []byte {
	lines := []string{
		event.ID(), event.Source(), event.Attribute("time"), strconv.Itoa(event.Attempt()),
		event.Attribute("tenant"), event.Attribute("gone"), string(event.Key()),
	}
	for _, header := range event.Headers() {
		value := "-"
		if header.Value != nil {
			value = string(header.Value)
		}
		lines = append(lines, header.Name+"="+value)
	}
	greeting, _ := millrace.Config("greeting")
	if _, there := millrace.Config("gone"); there {
		greeting = "a configuration that is not there"
	}
	return []byte(strings.Join(append(lines, greeting), "\n"))
}

func keyValues(kv millrace.Store) ([]byte, error) {
	var results []string
	var failure error
	add := func(result bool, err error) {
		if failure == nil {
			failure = err
		}
		results = append(results, strconv.FormatBool(result))
	}
	before, err := kv.Get("k")
	add(before == nil, err)
	add(true, kv.Set("k", []byte("one"), 0))
	value, err := kv.Get("k")
	add(string(value) == "one", err)
	add(kv.CompareAndSet("k", []byte("two"), []byte("three"), 0))
	add(kv.CompareAndSet("k", []byte("one"), []byte("three"), time.Minute))
	add(kv.Delete("k"))
	add(kv.Delete("k"))
	add(kv.CompareAndSet("k", nil, []byte(""), 0))
	empty, err := kv.Get("k")
	add(empty != nil && len(empty) == 0, err)
	return []byte(strings.Join(results, " ")), failure
}
