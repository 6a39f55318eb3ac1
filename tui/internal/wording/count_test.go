package wording

import (
	"testing"
	"time"
)

// Lasted takes at most eight cells for any duration.
func TestLasted(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "0 µs", 999 * time.Microsecond: "999 µs", 1500 * time.Microsecond: "1.5 ms", time.Second: "1.00 s", 999 * time.Second: "999.0 s",
		2766700 * time.Millisecond: "2767 s", 99 * time.Hour: "356400 s", 2080 * time.Hour: "2080 h",
	} {
		if got := Lasted(d); got != want || len([]rune(got)) > 8 {
			t.Errorf("%v lasts %q, want %q", d, got, want)
		}
	}
}
