package tui

import (
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// A column that says nothing makes way for names.
func TestStatsKeepNames(t *testing.T) {
	const name = "sync.Mutex.Lock main:14"
	tp := tuitest.NewTape("main", "ann").Object(name, trace.ClassEvent, 0, "").Block("ann", name, "Wait", 1).After(time.Second).Do(trace.KindEnd, "", "", 0)
	d := inPlayer(t, tp.Events, 80, 24)
	d.key("end", "t")
	d.settle()
	d.want(name, " max ")
	d.wantNot(" held ")
}
