package tui

import (
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What there is no room for goes as a whole, before anything is cut.
func TestWordsInLittleRoom(t *testing.T) {
	const turned = "start-line broken by main: order canceled"
	for _, tt := range []struct {
		f                  func(what, more string, room int) (string, string)
		what, more         string
		room               int
		wantWhat, wantMore string
	}{
		{oneLine, "waits for gate", "1st of 3 · 0.41 s", 34, "waits for gate", "1st of 3 · 0.41 s"},
		{oneLine, "waits for gate", "1st of 3 · 0.41 s", 33, "for gate", "1st of 3 · 0.41 s"},
		{oneLine, "waits for gate", "1st of 3 · 0.41 s", 27, "waits for gate", "1st of 3"},
		{oneLine, "waits for gate", "1st of 3 · 0.41 s", 18, "waits for gate", ""},
		{oneLine, "waits for gate", "1st of 3 · 0.41 s", 13, "for gate", ""},
		{oneLine, "waits for the end of customer-17", "0.41 s", 24, "for customer-17", "0.41 s"},
		{oneLine, "waits for the end of customer-17", "0.41 s", 12, "for cust…-17", ""},
		{oneLine, "running", "released by ann", 24, "released by ann", ""},
		{oneLine, "released by pushes-tobacco", "", 17, "by pushes-tobacco", ""},
		{oneLine, "holds pool", "released by ann", 24, "holds pool", ""},
		{oneLine, "turned away", "rack closed by main", 26, "rack closed by main", ""},
		{twoLines, "waits for gate", "1st of 3 · 0.41 s", 24, "waits for gate", "1st of 3 · 0.41 s"},
		{twoLines, "waits for the end of ann", "0.41 s", 20, "waits for the end of", "ann · 0.41 s"},
		{twoLines, "waits for the end of philosopher-17", "0.41 s", 20, "waits for philo…r-17", "0.41 s"},
		{twoLines, "waits for the end of philosopher-17", "0.41 s", 10, "waits…r-17", "0.41 s"},
		{func(what, _ string, room int) (string, string) { return inTwo(what, "start-line ", room) },
			"turned away: " + turned, "", 46, "turned away: start-line broken by main: order", "canceled"},
		{func(what, _ string, room int) (string, string) { return inTwo(what, "start-line ", room) },
			"turned away: " + turned, "", 24, "turned away: broken by", "main: order canceled"},
	} {
		if what, more := tt.f(tt.what, tt.more, tt.room); what != tt.wantWhat || more != tt.wantMore {
			t.Errorf("%q, %q in %d cells is %q, %q, want %q, %q", tt.what, tt.more, tt.room, what, more, tt.wantWhat, tt.wantMore)
		}
	}
}

// However long something takes, what is said of it takes eight cells at most.
func TestLasted(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "0 µs", 999 * time.Microsecond: "999 µs", 1500 * time.Microsecond: "1.5 ms", time.Second: "1.00 s", 999 * time.Second: "999.0 s",
		2766700 * time.Millisecond: "2767 s", 99 * time.Hour: "356400 s", 2080 * time.Hour: "2080 h",
	} {
		if got := lasted(d); got != want || len([]rune(got)) > 8 {
			t.Errorf("%v lasts %q, want %q", d, got, want)
		}
	}
}

// A column that says nothing makes way for names.
func TestStatsKeepNames(t *testing.T) {
	const name = "sync.Mutex.Lock main:14"
	tp := newTape("main", "ann").object(name, trace.ClassEvent, 0, "").block("ann", name, "Wait", 1).after(time.Second).do(trace.KindEnd, "", "", 0)
	d := inPlayer(t, tp.events, 80, 24)
	d.key("end", "t")
	d.settle()
	d.want(name, " max ")
	d.wantNot(" held ")
}
