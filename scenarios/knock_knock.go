package scenarios

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "knock-knock",
	Title:    "Two who take turns in speaking",
	Category: Pools,
	Expect:   Clean,
	Real:     true,
	Lesson: "A protocol says whose turn it is. Here each line is the answer to the one before, so there is always " +
		"one who speaks and one who listens, and the connection itself keeps them in step: no lock is needed, since " +
		"to read is to wait for one's turn. If both listened, both would wait for ever.",
	Look: "Server and client speak by turns, a line each, and never two lines of the same one in a row. When the " +
		"last joke is told the server closes the connection, and the client hears that too.",
	Params: []Param{
		{Name: "jokes", Help: "how many are told", Default: 2, Min: 1, Max: 1000},
	},
	Run: runKnockKnock,
})

func runKnockKnock(ctx context.Context, p Params) error {
	jokes := p.Int("jokes")
	names := [][2]string{
		{"Lettuce", "Lettuce in, it is cold out here!"},
		{"Go", "Go routinely to the door, and you will see!"},
		{"Lock", "Lock who is talking!"},
	}
	l, err := listen(ctx)
	if err != nil {
		return err
	}
	var lock sync2.Mutex // guards said
	trace.Name(&lock, "transcript")
	var said []string

	// say notes the line and sends it. What is written to the connection comes after what was noted before.
	say := func(c *conn, who, line string) {
		p.Pause(ctx, 3500*time.Millisecond/time.Duration(5*jokes))
		lock.Lock()
		said = append(said, who+": "+line)
		lock.Unlock()
		trace.Log("%s", line)
		_, _ = fmt.Fprintln(c, line) // if nobody hears it, there will be no answer
	}

	server := sync2.Go("server", func() {
		c := l.next()
		if c == nil {
			return
		}
		defer func() { _ = c.Close() }()
		hear := bufio.NewScanner(c)
		for i := range jokes {
			joke := names[i%len(names)]
			for _, line := range []string{"Knock! Knock!", joke[0], joke[1]} {
				say(c, "server", line)
				if !hear.Scan() {
					return
				}
			}
		}
	})

	c, err := l.dial()
	if err == nil {
		hear := bufio.NewScanner(c)
		for i := 0; hear.Scan(); i++ {
			answers := []string{"Who is there?", hear.Text() + " who?", "Ha ha."}
			say(c, "client", answers[i%3])
		}
		_ = c.Close()
	}
	_ = l.Close()
	server.Join()

	if err != nil {
		return err
	}
	for i, line := range said {
		if speaker := []string{"server", "client"}[i%2]; !strings.HasPrefix(line, speaker+":") {
			return fmt.Errorf("line %d is the %s's, but it was %q", i+1, speaker, line)
		}
	}
	if len(said) != 6*jokes {
		return fmt.Errorf("%d lines were said, want %d", len(said), 6*jokes)
	}
	return nil
}
