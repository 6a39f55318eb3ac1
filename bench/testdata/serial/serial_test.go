// Package serial has a test without any concurrency, and so only one schedule.
package serial

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestSerial(t *testing.T) {
	var mu sync.Mutex
	var sum atomic.Int64
	words := make(map[string]int)
	queue := make(chan int, 1)
	for i := range 300_000 {
		mu.Lock()
		words[fmt.Sprint("word ", i%1000)] += i
		mu.Unlock()
		sum.Add(int64(i))
		queue <- i
		<-queue
		if i%1000 == 0 {
			b, err := json.Marshal(words)
			if err != nil || len(b) == 0 {
				t.Fatal(err)
			}
			var keys []string
			for k := range words {
				keys = append(keys, k)
			}
			slices.Sort(keys)
		}
	}
	if sum.Load() != 300_000*299_999/2 {
		t.Error("wrong sum")
	}
}
