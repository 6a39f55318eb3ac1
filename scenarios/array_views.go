package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "array-views",
	Title:    "Four hundred megabytes without a copy",
	Category: CategoryPools,
	Programs: []int{9},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "To send a large array it is not necessary to turn it into bytes first: a view of the same memory as " +
		"bytes can be written to the connection, and the reader can let it fill the memory of its own array. So 400 MB " +
		"take 800 MB for both sides and not twice that, and no time is spent on copying. Write returns when everything " +
		"has been written, or with an error and the number of bytes written; Read returns whatever has arrived, so " +
		"io.ReadFull continues until the view is full. Both sides must agree on the layout of a number in memory.",
	Look: "One sends, one receives, and the log shows the progress at each tenth, the megabytes per second, and that " +
		"both arrays are the same. With -p megabytes=400 it is as much as the lesson says.",
	Params: []Param{
		{Name: "megabytes", Help: "size of the array", Default: 64, Min: 1, Max: 400},
	},
	Run: runArrayViews,
})

// view returns the memory of the numbers as bytes. Nothing is copied: what is written to the one is seen in the other.
func view(numbers []float64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(numbers))), 8*len(numbers)) //nolint:gosec // the point of it
}

func runArrayViews(ctx context.Context, p Params) error {
	const tenths = 10
	count := p.Int("megabytes") * 1_000_000 / 8
	count -= count % tenths
	l, err := listen(ctx)
	if err != nil {
		return err
	}

	var sendErr error
	server := sync2.Go("sender", func() {
		c := l.next()
		if c == nil {
			return
		}
		defer func() { _ = c.Close() }()
		array := make([]float64, count)
		for i := range array {
			array[i] = float64(i)
		}
		for rest := array; len(rest) > 0 && sendErr == nil; rest = rest[count/tenths:] {
			_, sendErr = c.Write(view(rest[:count/tenths]))
			p.Pause(ctx, 3*time.Second/tenths)
		}
		runtime.KeepAlive(array)
	})

	array := make([]float64, count)
	took, err := receive(l, array, tenths)
	_ = l.Close()
	server.Join()
	if err != nil {
		return errors.Join(err, sendErr)
	}
	if p.Pace() == 0 {
		trace.Log("%d MB in %v: %.0f MB/s", 8*count/1_000_000, took.Round(time.Microsecond), 8*float64(count)/1e6/took.Seconds())
	}
	for i, v := range array {
		if v != float64(i) {
			return fmt.Errorf("number %d is %v", i, v)
		}
	}
	trace.Log("all %d numbers are there", count)
	return nil
}

// receive fills the array from the connection, and returns how long reading took.
func receive(l *listener, array []float64, parts int) (took time.Duration, err error) {
	c, err := l.dial()
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }()
	part := len(array) / parts
	begin := time.Now()
	for i := range parts {
		if n, err := io.ReadFull(c, view(array[i*part:(i+1)*part])); err != nil {
			return 0, fmt.Errorf("part %d ended after %d of %d bytes: %w", i+1, n, 8*part, err)
		}
		trace.Log("has %d of %d MB", 8*part*(i+1)/1_000_000, 8*len(array)/1_000_000)
	}
	return max(time.Since(begin), 1), nil
}
