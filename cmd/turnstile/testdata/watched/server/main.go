// Server answers many requests at once, which share a cache, and ends itself as os.Exit does.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"time"
)

type cache struct {
	mu    sync.RWMutex
	pages map[string]string
	loads int
}

func (c *cache) page(name string) string {
	c.mu.RLock()
	text, ok := c.pages[name]
	c.mu.RUnlock()
	if ok {
		return text
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loads++
	c.pages[name] = "page " + name
	return c.pages[name]
}

func main() {
	n := 300
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	pages := &cache{pages: make(map[string]string)}
	limit := make(chan struct{}, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit <- struct{}{}
		defer func() { <-limit }()
		io.WriteString(w, pages.page(r.URL.Path))
	}))
	began := time.Now()
	var clients sync.WaitGroup
	for i := range 10 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for j := range n {
				resp, err := client.Get(server.URL + "/" + strconv.Itoa((i+j)%20))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	clients.Wait()
	fmt.Printf("%d requests, %.0f a second\n", 10*n, float64(10*n)/time.Since(began).Seconds())
	os.Exit(3)
}
