package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile has every method that formatting might call; each of them panics.
type hostile struct{ n int }

func (hostile) String() string                 { panic("String was called") }
func (hostile) GoString() string               { panic("GoString was called") }
func (hostile) Error() string                  { panic("Error was called") }
func (hostile) Format(fmt.State, rune)         { panic("Format was called") }
func (hostile) MarshalText() ([]byte, error)   { panic("MarshalText was called") }
func (hostile) MarshalJSON() ([]byte, error)   { panic("MarshalJSON was called") }
func (hostile) MarshalBinary() ([]byte, error) { panic("MarshalBinary was called") }

type (
	hostileInt  int
	stringError string
	hostileFunc func()
)

func (hostileInt) String() string         { panic("String was called") }
func (hostileInt) Format(fmt.State, rune) { panic("Format was called") }
func (stringError) Error() string         { panic("Error was called") }
func (hostileFunc) String() string        { panic("String was called") }

type texter struct{ text func() string }

func (t texter) TraceText() string { return t.text() }
func (t texter) Error() string     { panic("Error was called") }

type failure func() string

func (f failure) Error() string { return f() }

type failed struct{}

func (*failed) Error() string { panic("Error was called") }

type quietError struct{}

func (*quietError) Error() string { return "quietly" }

func TestValueText(t *testing.T) {
	type self struct{ any }
	cyclic := new(self)
	cyclic.any = cyclic
	m := map[string]int{"a": 1}
	c := make(chan int)
	array := [3]any{}
	array[0] = &array
	var nilMap map[int]int
	var nilError *hostile
	long := strings.Repeat("ä", 1<<20)
	for _, tc := range []struct {
		v    any
		want string
	}{
		{nil, "<nil>"},
		{true, "true"},
		{-7, "-7"},
		{uint8(200), "200"},
		{1.5, "1.5"},
		{float32(0.1), "0.1"},
		{math.Inf(1), "+Inf"},
		{2 + 3i, "(2+3i)"},
		{"two words", "two words"},
		{hostileInt(3), "3"},
		{stringError("named"), "named"},
		{hostile{4}, "{4}"},
		{[2]hostileInt{1, 2}, "[1 2]"},
		{struct {
			Name string
			In   any
			Of   [2]bool
		}{"x", hostileInt(7), [2]bool{true}}, "{x 7 [true false]}"},
		{[]byte("secret"), "[]uint8(len 6)"},
		{[]int(nil), "[]int(nil)"},
		{m, fmt.Sprintf("map[string]int(%p)", m)},
		{nilMap, "map[int]int(nil)"},
		{c, fmt.Sprintf("chan int(%p)", c)},
		{cyclic, fmt.Sprintf("*trace.self(%p)", cyclic)},
		{*cyclic, fmt.Sprintf("{*trace.self(%p)}", cyclic)},
		{array, fmt.Sprintf("[*[3]interface {}(%p) <nil> <nil>]", &array)},
		{nilError, "*trace.hostile(nil)"},
		{hostileFunc(nil), "trace.hostileFunc(nil)"},
		{90 * time.Second, "1m30s"},
		{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), "2026-01-02T03:04:05.000000006Z"},
		{texter{func() string { return "of its own" }}, "of its own"},
		{texter{func() string { panic("no") }}, "trace.texter (TraceText panicked)"},
		{texter{func() string { return long }}, long[:valueBound] + "…"},
		{long, long[:valueBound] + "…"},
		{stringError(long), long[:valueBound] + "…"},
		{"x" + long, ("x" + long)[:valueBound-1] + "…"}, // not within a character
		{strings.Repeat("\x80", 500), strings.Repeat("\x80", valueBound-utf8.UTFMax) + "…"},
	} {
		record(t, func() {
			if got := ValueText(tc.v); got != tc.want {
				t.Errorf("%T: %q, want %q", tc.v, got, tc.want)
			}
		})
	}
	if got := ValueText(texter{func() string { panic("asked though no trace runs") }}); got != "" {
		t.Errorf("without a trace: %q", got)
	}
}

// The description of a value is bounded, however large the value, and so is the work to make it: visiting all of the
// largest of these values would never end.
func TestValueTextIsBounded(t *testing.T) {
	type big struct {
		zeros [math.MaxInt]struct{}
		rows  [1 << 10][1 << 10]string
	}
	b := new(big)
	for i := range b.rows {
		for j := range b.rows[i] {
			b.rows[i][j] = strings.Repeat("x", 100)
		}
	}
	record(t, func() {
		for _, v := range []any{*b, b.rows, b.zeros} {
			if got := ValueText(v); len(got) > valueBound+len("…") {
				t.Errorf("%T: %d bytes", v, len(got))
			}
		}
	})
}

func TestErrorText(t *testing.T) {
	long := strings.Repeat("€", 1<<20)
	var typedNil *hostile
	for _, tc := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("broken pipe"), "broken pipe"},
		{fmt.Errorf("outer: %w", errors.New("inner")), "outer: inner"},
		{errors.New(long), long[:textBound-1] + "…"},
		{typedNil, "*trace.hostile"},
		{failure(func() string { panic("Error was called") }), "trace.failure"},
		{&failed{}, "*trace.failed"},
		{context.DeadlineExceeded, "context deadline exceeded"},
		{fmt.Errorf("%w, %w", errors.New("one"), &quietError{}), "one, quietly"}, // told by Errorf
		{errors.Join(errors.New("one"), &failed{}, errors.Join(io.EOF, errors.New("two"))), "one\n*trace.failed\nEOF\ntwo"},
		{texter{func() string { return "of its own" }}, "of its own"},
		{texter{nil}, "trace.texter (TraceText panicked)"},
	} {
		record(t, func() {
			if got := ErrorText(tc.err); got != tc.want {
				t.Errorf("%T: %q, want %q", tc.err, got, tc.want)
			}
		})
	}
	if got := ErrorText(failure(func() string { panic("asked though no trace runs") })); got != "" {
		t.Errorf("without a trace: %q", got)
	}
}

// Goexit in a method ends the calling goroutine, as it would anywhere.
func TestErrorTextGoexit(t *testing.T) {
	record(t, func() {
		ended, returned := make(chan bool), false
		go func() {
			defer close(ended)
			ErrorText(texter{func() string { runtime.Goexit(); return "" }})
			returned = true
		}()
		<-ended
		if returned {
			t.Error("Goexit did not end the goroutine")
		}
	})
}
