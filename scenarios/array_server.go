package scenarios

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "array-server",
	Title:    "A long answer comes in pieces",
	Category: CategoryPools,
	Programs: []int{11},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A TCP connection carries a stream of bytes, not messages: what was written at once may be read in " +
		"pieces, and a piece may end in the middle of a number. So a reader has to know how much to expect, and " +
		"must go on reading until all of it has arrived. One read is never enough.",
	Look: "Several clients read from the server at the same time, each at its own position. The log counts the " +
		"pieces in which the numbers arrived; each number is used only when it is complete.",
	Params: []Param{
		{Name: "clients", Help: "number of clients", Default: 3, Min: 1, Max: 200},
		{Name: "count", Help: "number of numbers each client asks for", Default: 1000, Min: 1, Max: 10_000},
		{Name: "cut", Help: "number of bytes after which the server cuts its answer", Default: 1001, Min: 50, Max: 10_000},
	},
	Run: runArrayServer,
})

func runArrayServer(ctx context.Context, p Params) error {
	clients, count, cut := p.Int("clients"), p.Int("count"), p.Int("cut")
	l, err := listen(ctx)
	if err != nil {
		return err
	}

	// The array is written before any client can ask for it, and only read from then on: it needs no lock.
	array := make([]uint64, 50_000)
	for i := range array {
		array[i] = uint64(i) * uint64(i)
	}
	pause := 3 * time.Second / time.Duration((8*count+cut-1)/cut)
	answer := func(c *conn) {
		defer func() { _ = c.Close() }()
		var offset, n int
		if _, err := fmt.Fscanf(bufio.NewReader(c), "%d:%d\n", &offset, &n); err != nil || offset < 0 || n < 0 || n > len(array)-offset {
			return // the client learns it from the end of the connection
		}
		var out []byte
		for _, v := range array[offset : offset+n] {
			out = binary.BigEndian.AppendUint64(out, v)
		}
		for len(out) > 0 {
			piece := out[:min(cut, len(out))]
			if _, err := c.Write(piece); err != nil {
				return
			}
			out = out[len(piece):]
			p.Pause(ctx, pause)
		}
	}
	server := sync2.Go("server", func() {
		var handling []*sync2.Goroutine
		for c := l.next(); c != nil; c = l.next() {
			handling = append(handling, sync2.Go(fmt.Sprintf("handler-%d", len(handling)+1), func() { answer(c) }))
		}
		for _, g := range handling {
			g.Join()
		}
	})

	errs := make([]error, clients)
	all := start(clients, "client", func(i int) {
		p.Pause(ctx, spread(500*time.Millisecond, i, clients))
		offset := i * (len(array) - count) / clients
		var numbers []uint64
		if numbers, errs[i] = download(l, offset, count); errs[i] != nil {
			return
		}
		for k, v := range numbers {
			if want := uint64(offset+k) * uint64(offset+k); v != want {
				errs[i] = fmt.Errorf("client-%d: number %d is %d, want %d", i+1, offset+k, v, want)
				return
			}
		}
	})
	all.Join()
	_ = l.Close()
	server.Join()
	return errors.Join(errs...)
}

// download asks the server for count numbers from offset on.
func download(l *listener, offset, count int) ([]uint64, error) {
	c, err := l.dial()
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprintf(c, "%d:%d\n", offset, count); err != nil {
		return nil, fmt.Errorf("cannot ask: %w", err)
	}

	// Read returns what there is, at least one byte and at most what fits. io.ReadFull is this loop.
	raw := make([]byte, 8*count)
	pieces := 0
	for have := 0; have < len(raw); pieces++ {
		n, err := c.Read(raw[have:])
		have += n
		if err != nil && have < len(raw) {
			return nil, fmt.Errorf("only %d of %d bytes came: %w", have, len(raw), err)
		}
	}
	trace.Log("has %d numbers from %d on, in %d pieces", count, offset, pieces)

	numbers := make([]uint64, count)
	for i := range numbers {
		numbers[i] = binary.BigEndian.Uint64(raw[8*i:])
	}
	return numbers, nil
}
