package shutdown

import (
	"testing"
	"time"
)

// A Log collects lines and writes them with every tick of a ticker. Shutting it down gracefully means that no accepted
// line is lost: it stops accepting, writes what is left, and signals that it has done so.
type Log struct {
	lines   chan string
	stop    chan struct{}
	stopped chan struct{}
	written []string // may be read when stopped is closed
}

func NewLog() *Log {
	l := &Log{lines: make(chan string), stop: make(chan struct{}), stopped: make(chan struct{})}
	go l.loop()
	return l
}

func (l *Log) loop() {
	defer close(l.stopped)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop() // otherwise it would tick for nobody
	var batch []string
	for {
		select {
		case line := <-l.lines:
			batch = append(batch, line)
		case <-ticker.C:
			l.written, batch = append(l.written, batch...), nil
		case <-l.stop:
			l.written = append(l.written, batch...)
			return
		}
	}
}

// Shutdown returns when everything has been written. No line may be added after that.
func (l *Log) Shutdown() {
	close(l.stop)
	<-l.stopped
}

func TestShutdown(t *testing.T) {
	l := NewLog()
	l.lines <- "started"
	time.Sleep(1500 * time.Millisecond) // a tick comes
	l.lines <- "stopping"
	l.Shutdown() // no tick comes before this

	if len(l.written) != 2 {
		t.Errorf("written is %q, want two lines", l.written)
	}
}
