// Package want checks what came out of a program.
package want

import (
	"fmt"
	"slices"
	"testing"
)

// Outcome fails the test if got is not among the outcomes that the language allows, and tells a driver which of them it
// is. A driver that has seen every schedule has seen each of them.
func Outcome(t testing.TB, got string, allowed ...string) {
	t.Helper()
	i := slices.Index(allowed, got)
	if i < 0 {
		t.Errorf("outcome %q, want one of %q", got, allowed)
	}
	tell(t.Name(), i, len(allowed))
}

// Panic calls f and returns the text of its panic, "none" if there is none.
func Panic(f func()) (text string) {
	text = "none"
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint(v)
		}
	}()
	f()
	return text
}

// Text returns the values with a space between each two.
func Text(v ...any) string {
	s := fmt.Sprintln(v...)
	return s[:len(s)-1]
}
