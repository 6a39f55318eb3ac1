package quiet

import (
	"net"
	"sync"
	"testing"
)

// A goroutine that waits for the network when the test has ended is nothing to be told of, nor what waits for it.
func TestServesOn(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	var mu sync.Mutex
	go func() {
		mu.Lock()
		defer mu.Unlock()
		c, err := l.Accept()
		if err == nil {
			c.Close()
		}
	}()
	ready := make(chan bool)
	go func() {
		ready <- true
		mu.Lock()
		defer mu.Unlock()
	}()
	<-ready
}
