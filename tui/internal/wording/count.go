package wording

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

var numbers = [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

// Number spells out n if it is small.
func Number(n int) string {
	if n >= 0 && n < len(numbers) {
		return numbers[n]
	}
	return strconv.Itoa(n)
}

// AllOf returns "all", "both", "all 3".
func AllOf(n int) string {
	switch n {
	case 1:
		return "all"
	case 2:
		return "both"
	}
	return "all " + strconv.Itoa(n)
}

// Plural returns "1 permit", "2 permits".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// WaitWords returns "no waiters", "one waits", "two wait".
func WaitWords(n int) string {
	switch n {
	case 0:
		return "no waiters"
	case 1:
		return "one waits"
	default:
		return Number(n) + " wait"
	}
}

// Enumerated returns a list such as "ann", "ann and ben" or "ann, ben and cleo".
func Enumerated(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Lasted formats a duration: "0.41 s", "12.0 s", "310 µs".
func Lasted(d time.Duration) string {
	switch d = max(0, d); {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 1000*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 100*time.Hour:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
}

// Stamp formats the recorded time t in the unit that suits a trace that ends at end.
func Stamp(t, end time.Duration) string {
	switch {
	case end >= 100*time.Millisecond:
		return fmt.Sprintf("%.3f s", t.Seconds())
	case end >= 100*time.Microsecond:
		return fmt.Sprintf("%.3f ms", float64(t)/float64(time.Millisecond))
	default:
		return fmt.Sprintf("%.2f µs", float64(t)/float64(time.Microsecond))
	}
}

// SpeedName formats a speed: "1×", "0.5×".
func SpeedName(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) + "×" }
