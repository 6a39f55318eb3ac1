package scenarios

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "knock-knock",
	Title:    "Two who take turns speaking",
	Category: CategoryPools,
	Programs: []int{114},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A protocol says whose turn it is. Here each line answers the one before, so one side speaks while the " +
		"other listens, and the connection keeps them in step: no lock is needed, since reading means waiting for your " +
		"turn. Each side is a function that takes a line and returns its answer, called whenever a line arrives, as in a " +
		"reactor. If both sides listened first, both would wait forever.",
	Look: "Client and server take turns, one line each, and neither ever says two lines in a row. No primitive is on " +
		"screen: all the waiting is in the connection. When the last joke is told the client hangs up.",
	Params: []Param{
		{Name: "jokes", Help: "number of jokes", Default: 2, Min: 1, Max: 1000},
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

	// converse calls answer with each line it hears, and sends what answer returns, until there is nothing more to say or
	// the other side hangs up. It returns the lines that this side said.
	converse := func(c *conn, first string, answer func(line string) string) (said []string) {
		defer func() { _ = c.Close() }()
		hear := bufio.NewScanner(c)
		for line := first; ; line = answer(hear.Text()) {
			if line != "" {
				p.Pause(ctx, 3500*time.Millisecond/time.Duration(5*jokes))
				trace.Log("%s", line)
				said = append(said, line)
				if _, err := io.WriteString(c, line+"\n"); err != nil {
					return said
				}
			}
			if line == "" && len(said) > 0 || !hear.Scan() {
				return said
			}
		}
	}

	var asked []string
	server := sync2.Go("server", func() {
		c := l.next()
		if c == nil {
			return
		}
		asked = converse(c, "", whoIsThere)
	})

	// The client knocks, and tells one joke after another.
	var told []string
	c, err := l.dial()
	if err == nil {
		joke := 0
		told = converse(c, "Knock! Knock!", func(line string) string {
			switch name := names[joke%len(names)]; {
			case line == "Who is there?":
				return name[0]
			case line != "Ha ha.":
				return name[1]
			}
			if joke++; joke == jokes {
				return "" // that was the last
			}
			return "Knock! Knock!"
		})
	}
	_ = l.Close()
	server.Join()

	// Both sides have ended, so what they said can be read. Their lines must alternate.
	var want [2][]string
	for i := range jokes {
		name := names[i%len(names)]
		want[0] = append(want[0], "Knock! Knock!", name[0], name[1])
		want[1] = append(want[1], "Who is there?", name[0]+" who?", "Ha ha.")
	}
	if err == nil && (!slices.Equal(told, want[0]) || !slices.Equal(asked, want[1])) {
		err = fmt.Errorf("the client said %q, and the server %q", told, asked)
	}
	return err
}

// whoIsThere returns the server's answer to a line. All it needs to know about jokes is how they begin and that they
// end.
func whoIsThere(line string) string {
	switch {
	case strings.HasPrefix(line, "Knock!"):
		return "Who is there?"
	case strings.HasSuffix(line, "!"):
		return "Ha ha."
	}
	return line + " who?"
}
