// Accepts an order: counts it into its currency's total and tells whoever listens, once.
package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	millrace "millrace.dev/go"
)

// More than any order has, and little enough for totals that every language holds exactly.
const maxAmount = 1_000_000_000_000

const (
	hold = time.Second
	// How long a redelivery may take.
	remembered = 24 * time.Hour
)

var (
	ids        = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
	currencies = regexp.MustCompile(`^[A-Z]{3}$`)
)

type order struct {
	ID string `json:"id"`
	// In the currency's smallest unit.
	Amount   *int64 `json:"amount"`
	Currency string `json:"currency"`
}

type accepted struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Currency string `json:"currency"`
	Total    int64  `json:"total"`
}

type duplicate struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

func main() { millrace.Handle(accept) }

func accept(event *millrace.Event) ([]byte, error) {
	order, err := read(event)
	if err != nil {
		return nil, err
	}
	configured, _ := millrace.Config("limit")
	limit, err := strconv.ParseInt(configured, 10, 64)
	if err != nil {
		return nil, millrace.Reject("config.limit is no number")
	}
	if *order.Amount > limit && event.Attempt() == 1 {
		return nil, millrace.RetryAfter(hold,
			fmt.Sprintf("order %s: %d is over the limit of %d", order.ID, *order.Amount, limit))
	}

	claim, err := millrace.Once("accepted:"+order.ID, remembered)
	if err != nil {
		return nil, err
	}
	switch claim {
	case millrace.Busy:
		return nil, millrace.Retry("order " + order.ID + ": another event has it")
	case millrace.Done:
		millrace.Info("order " + order.ID + " was accepted before")
		return json.Marshal(duplicate{order.ID, "duplicate"})
	}
	data, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	err = millrace.Publish("events/orders.accepted", millrace.Message{
		Key:     []byte(order.ID),
		Headers: []millrace.Header{{Name: "currency", Value: []byte(order.Currency)}},
		Data:    data,
	})
	if err != nil {
		return nil, err
	}
	// Last, because it takes effect at once: what fails after it would count again.
	total, err := millrace.Open("default").Increment("total:"+order.Currency, *order.Amount, 0)
	if err != nil {
		return nil, err
	}
	millrace.Info(fmt.Sprintf("accepted %d %s of order %s", *order.Amount, order.Currency, order.ID))
	return json.Marshal(accepted{order.ID, "accepted", order.Currency, total})
}

func read(event *millrace.Event) (*order, error) {
	var order order
	if err := json.Unmarshal(event.Data(), &order); err != nil {
		return nil, millrace.Reject("not an order: " + err.Error())
	}
	if order.Amount == nil {
		return nil, millrace.Reject("not an order: no amount")
	}
	if !ids.MatchString(order.ID) {
		return nil, millrace.Reject("no id of 1 to 64 letters, digits and hyphens")
	}
	if *order.Amount < 0 || *order.Amount > maxAmount {
		return nil, millrace.Reject(
			fmt.Sprintf("order %s: amount %d is not 0 to %d", order.ID, *order.Amount, maxAmount))
	}
	if !currencies.MatchString(order.Currency) {
		return nil, millrace.Reject("order " + order.ID + ": no currency of three capital letters")
	}
	return &order, nil
}
