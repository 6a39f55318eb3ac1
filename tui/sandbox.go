package tui

import (
	"context"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Sandbox lets the user make objects, start goroutines, and call methods by hand. Do and Export are called one at a time, and
// Complete never waits.
type Sandbox interface {
	Session // the events
	// Do executes a line, and returns when all goroutines of the sandbox are blocked. An error is about the line.
	Do(line string) error
	// Changed waits until something happens that is not the result of a command. It returns false when ctx ends.
	Changed(ctx context.Context) bool
	// Look returns the state of the sandbox.
	Look() SandboxState
	// Complete returns lines that begin with text or contain its words, the best first.
	Complete(text string) []Suggestion
	// Export writes the session as a test, and returns a sentence about that.
	Export() (string, error)
}

// A SandboxState is the state of a sandbox.
type SandboxState struct {
	Said  []Said // all so far
	Hands []Hand // the goroutines that have not ended, the oldest first
}

// A Said is a line of the sandbox's log: a command, or its result.
type Said struct {
	Who  string // the goroutine; "" if none
	Text string
	Sort SaidSort
}

// A SaidSort is the kind of a log line.
type SaidSort uint8

// The kinds of log line.
const (
	SaidCommand SaidSort = iota // a command, as Go
	SaidOutcome                 // the result of a call
	SaidWaits                   // a call has blocked
	SaidAsks                    // a function expects commands
	SaidNote
	SaidWrong // misuse
)

// A Hand is a goroutine that executes commands.
type Hand struct {
	Name  string
	G     int64  // its id in the trace
	Ready bool   // it expects a command
	In    string // the call that blocks it or whose function it runs; "" if none
}

// A Suggestion is a possible completion.
type Suggestion struct {
	Line  string
	Text  string // the part of Line to show
	About string
}

// A sandboxUI is the player's part of a sandbox: the state of the sandbox, and the line for commands.
type sandboxUI struct {
	s     Sandbox // nil: not made yet
	now   SandboxState
	busy  bool // a command is running
	line  textinput.Model
	open  bool         // the input line is open
	found []Suggestion // completions of the input
	at    int          // the selected one, an index of found; -1: the input itself
	begun bool         // the line is open since the start, and nothing has been typed
	asked bool         // likewise, except that the key that opens the line has been pressed
	free  bool         // the line is open for any command, not for one that a key has begun
	typed bool         // something has been typed
	again bool         // the line is closed, but opens when the user types, because the last command was typed
	past  []string     // earlier commands
	ago   int          // the number of commands the line has gone back
	caret *cells.Point
	lines []viewLine // the lines of found on the screen
}

type (
	// A sandboxMsg reports that sandbox s is ready, for player number id.
	sandboxMsg struct {
		id  int
		s   Sandbox
		err error
	}
	// A doneMsg has the state of the sandbox of player number id, and the result of a command.
	doneMsg struct {
		id   int
		now  SandboxState
		said string // a message for the footer
		err  error
		self bool // it is not the result of a command
	}
)

// openSandbox shows a player for a sandbox, and returns a command that makes the sandbox.
func (m *model) openSandbox() tea.Cmd {
	hold, open, id := m.io, m.cfg.Sandbox, m.live("sandbox")
	m.player.sandbox = &sandboxUI{line: newInput(), at: -1}
	m.player.sandbox.line.CharLimit = 500
	return func() tea.Msg {
		var s Sandbox
		_, err := hold.start(func() (ses Session, err error) {
			s, err = open()
			return s, err
		})
		return sandboxMsg{id, s, err}
	}
}

// sandboxMade stores the sandbox.
func (m *model) sandboxMade(msg sandboxMsg) tea.Cmd {
	switch {
	case msg.id != m.id || m.player == nil || m.player.sandbox == nil:
		return nil
	case msg.err != nil:
		m.fatal = msg.err
		return tea.Quit
	}
	m.player.sandbox.s = msg.s
	m.player.sandbox.start("")
	m.player.sandbox.begun, m.player.sandbox.free = true, true
	return tea.Batch(drain(m.ctx, msg.id, msg.s, nil), m.player.sandbox.await(m.ctx, msg.id))
}

// await returns a command that waits until something happens that is not the result of a command.
func (b *sandboxUI) await(ctx context.Context, id int) tea.Cmd {
	s := b.s
	return func() tea.Msg {
		if !s.Changed(ctx) {
			return nil
		}
		return doneMsg{id: id, now: s.Look(), self: true}
	}
}

// done shows a new state, and the result of a command.
func (m *model) done(msg doneMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil || m.player.sandbox == nil {
		return nil
	}
	b := m.player.sandbox
	if len(msg.now.Said) >= len(b.now.Said) { // an older state may arrive later
		b.now = msg.now
	}
	if msg.self {
		return b.await(m.ctx, msg.id)
	}
	b.busy = false
	switch {
	case msg.err != nil:
		m.message, m.failed = cells.Clean(msg.err.Error()), true
	case msg.said != "":
		m.message = cells.Clean(msg.said)
	}
	return nil
}

// do returns a command that executes a line.
func (b *sandboxUI) do(id int, line string) tea.Cmd {
	if b.busy || b.s == nil {
		return nil
	}
	b.busy = true
	if len(b.past) == 0 || b.past[len(b.past)-1] != line {
		b.past = append(b.past, line)
	}
	s := b.s
	return func() tea.Msg {
		err := s.Do(line)
		return doneMsg{id: id, now: s.Look(), err: err}
	}
}

// ready returns the goroutines that expect a command, in the order of their digits.
func (b *sandboxUI) ready() []Hand {
	var ready []Hand
	for _, h := range b.now.Hands {
		if h.Ready {
			ready = append(ready, h)
		}
	}
	return ready
}

// choices returns the goroutines that expect a command, for the list.
func (b *sandboxUI) choices() []Choice {
	var choices []Choice
	for _, h := range b.ready() {
		c := Choice{G: h.G, Name: h.Name, What: "your command?"}
		if h.In != "" {
			c.Where = "in " + h.In
		}
		choices = append(choices, c)
	}
	return choices
}
