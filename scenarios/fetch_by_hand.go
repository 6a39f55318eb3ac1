package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "fetch-by-hand",
	Title:    "A request written by hand, and an answer read to its end",
	Category: CategoryPools,
	Programs: []int{24},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A connection is a stream of bytes without messages in it. One read returns what has arrived so far, " +
		"which may be any part of the answer; only when the server closes its side is the answer complete. Until then " +
		"every read may block, and a goroutine that blocks costs the others nothing.",
	Look: "The fetcher sends its request, and the answer comes in pieces, with a wait before each. The last read " +
		"returns no bytes but io.EOF. Meanwhile another goroutine goes on with its work.",
	Params: []Param{
		{Name: "pieces", Help: "number of pieces in which the server sends its answer", Default: 5, Min: 1, Max: 200},
	},
	Run: runFetchByHand,
})

func runFetchByHand(ctx context.Context, p Params) error {
	pieces := p.Int("pieces")
	l, err := listen(ctx)
	if err != nil {
		return err
	}
	server := sync2.Go("server", func() { serveInPieces(ctx, p, l, pieces) })

	// Meanwhile another goroutine works, to show that only the reader is waiting.
	var done sync2.Event
	trace.Name(&done, "fetched")
	worker := sync2.Go("worker", func() {
		for n := 1; ctx.Err() == nil && !done.WaitTimeout(p.Scale(500*time.Millisecond)); n++ {
			trace.Log("has done its task %d", n)
			p.Pause(ctx, 100*time.Millisecond)
		}
	})

	var got []byte
	var reads int
	c, err := l.dial()
	if err == nil {
		got, reads, err = getByHand(c, "/page")
	}
	done.Set()
	_ = l.Close()
	worker.Join()
	server.Join()

	if want := pieces * len(piece(0)); err == nil && (len(got) != want || reads < 2) {
		err = fmt.Errorf("read %d bytes of %d in %d reads", len(got), want, reads)
	}
	return err
}

// getByHand sends an HTTP/1.0 request and reads the answer to its end. It returns the body, and the number of
// reads.
func getByHand(c *conn, path string) (body []byte, reads int, err error) {
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.0\r\n\r\n"); err != nil {
		return nil, 0, fmt.Errorf("cannot ask: %w", err)
	}
	var answer []byte
	chunk := make([]byte, 4096)
	for {
		n, err := c.Read(chunk)
		reads++
		answer = append(answer, chunk[:n]...)
		if errors.Is(err, io.EOF) { // the server has closed its side: no more to come
			trace.Log("read %d: the end", reads)
			break
		}
		if err != nil {
			return nil, reads, fmt.Errorf("read %d: %w", reads, err)
		}
		trace.Log("read %d: %d bytes", reads, n)
	}
	status, rest, found := strings.Cut(string(answer), "\r\n\r\n") // an empty line ends the header
	if !found || !strings.HasPrefix(status, "HTTP/1.0 200") {
		return nil, reads, fmt.Errorf("unexpected answer: %.40q", answer)
	}
	return []byte(rest), reads, nil
}

// piece returns one piece of the page.
func piece(i int) string { return fmt.Sprintf("this is piece %4d of the page\n", i+1) }

// serveInPieces answers the requests for the page, and pauses before each piece.
func serveInPieces(ctx context.Context, p Params, l *listener, pieces int) {
	for c := l.next(); c != nil; c = l.next() {
		for in := bufio.NewScanner(c); in.Scan() && in.Text() != ""; { // an empty line ends the request
		}
		_, _ = io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\n")
		for i := range pieces {
			p.Pause(ctx, 3*time.Second/time.Duration(pieces))
			_, _ = io.WriteString(c, piece(i)) // the client notices if anything is missing
		}
		_ = c.Close()
	}
}
