//go:build unix

// Package loose has a test that the explorer gives up, whose goroutine goes on while another test is explored.
package loose

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
)

var mu sync.Mutex

// variable is the environment variable that has the file descriptors: package variables are put back.
const variable = "LOOSE"

// A goroutine waits where the explorer has no control, with the lock.
func TestWaits(t *testing.T) {
	var in, out [2]int
	if err := cmpErrors(syscall.Pipe(in[:]), syscall.Pipe(out[:])); err != nil {
		t.Fatal(err)
	}
	if err := os.Setenv(variable, fmt.Sprint(in[1], out[0])); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		mu.Lock()
		read(in[0])
		write(out[1])
		mu.Unlock()
	}()
	<-done
}

func cmpErrors(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// The goroutine goes on when the package variables would have been put back.
func TestComesLater(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }()
	go func() { c <- 2 }()
	<-c
	<-c
	var in, out, runs int
	if n, _ := fmt.Sscan(os.Getenv(variable), &in, &out, &runs); n == 2 {
		os.Setenv(variable, fmt.Sprint(in, out, 1))
	} else if n == 3 && runs == 1 {
		os.Setenv(variable, fmt.Sprint(in, out, 2))
		write(in)
		read(out)
	}
}

func read(fd int) {
	var b [1]byte
	for {
		if _, err := syscall.Read(fd, b[:]); err != syscall.EINTR {
			return
		}
	}
}

func write(fd int) { _, _ = syscall.Write(fd, []byte{1}) }
