package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
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

// start opens the input line with the given text.
func (b *sandboxUI) start(text string) {
	if b.s == nil {
		return
	}
	b.open, b.ago, b.free, b.typed, b.again = true, 0, false, false, false
	b.line.SetValue(text)
	b.line.CursorEnd()
	b.line.Focus()
	b.search()
}

// search finds completions. It selects the first one, unless the input is a complete call.
func (b *sandboxUI) search() {
	text := b.line.Value()
	b.found, b.at = b.s.Complete(text), -1
	if len(b.found) > 0 && !strings.HasSuffix(strings.TrimSpace(text), ")") {
		b.at = 0
	}
}

// pressSandbox handles a key for the sandbox, and reports whether it did.
func (m *model) pressSandbox(k tea.KeyPressMsg) (tea.Cmd, bool) {
	b, keys := m.player.sandbox, &bindings
	if b.open {
		return m.pressLine(k), true
	}
	ready := b.ready()
	switch {
	case len(k.Text) == 1 && k.Text[0] >= '1' && k.Text[0] <= '9':
		if i := int(k.Text[0] - '1'); i < len(ready) {
			b.start(ready[i].Name + ": ")
		}
	case key.Matches(k, keys.enter) && m.player.pane == onList:
		i := slices.IndexFunc(ready, func(h Hand) bool { return h.G == m.player.curG })
		if i < 0 {
			return nil, false
		}
		b.start(ready[i].Name + ": ")
	case b.again && key.Matches(k, keys.escape):
		b.again = false
	case key.Matches(k, keys.newObject, keys.line):
		b.start("")
		b.free = key.Matches(k, keys.line)
	case key.Matches(k, keys.newGoroutine):
		b.start("go ")
	case key.Matches(k, keys.cancel):
		b.start("cancel ")
	case key.Matches(k, keys.exportTest):
		return b.export(m.id), true
	default:
		return nil, false
	}
	return nil, true
}

// export returns a command that writes the session as a test.
func (b *sandboxUI) export(id int) tea.Cmd {
	if b.busy || b.s == nil {
		return nil
	}
	b.busy = true
	s := b.s
	return func() tea.Msg {
		said, err := s.Export()
		return doneMsg{id: id, now: s.Look(), said: said, err: err}
	}
}

// pressLine handles a key while the input line is open.
func (m *model) pressLine(k tea.KeyPressMsg) tea.Cmd {
	b, keys := m.player.sandbox, &bindings
	begun, asked := b.begun, b.asked
	b.begun, b.asked = false, false
	switch {
	case begun && key.Matches(k, keys.newObject) && k.Text != "": // the help says to press it, but the line is open already
		b.asked = true
	case key.Matches(k, keys.escape):
		b.close()
	case key.Matches(k, keys.enter):
		line := strings.TrimSpace(b.line.Value())
		if b.at >= 0 && b.at < len(b.found) {
			line = b.found[b.at].Line
		}
		if line == "" || b.busy {
			return nil
		}
		b.close()
		b.again = b.free && b.typed
		m.player.followLive()
		return b.do(m.id, line)
	case key.Matches(k, keys.tab):
		if b.at >= 0 && b.at < len(b.found) {
			b.line.SetValue(b.found[b.at].Line)
			b.line.CursorEnd()
			b.search()
			b.at = -1
		}
	case k.String() == "down":
		b.at = min(b.at+1, len(b.found)-1)
	case k.String() == "up" && b.at > 0:
		b.at--
	case k.String() == "up":
		b.back()
	default:
		if asked && k.Text == "e" { // it was text after all: "new"
			b.line.SetValue("n")
			b.line.CursorEnd()
		}
		b.line, _ = b.line.Update(k)
		b.typed = b.typed || k.Text != ""
		b.search()
	}
	return nil
}

// typesOn opens the input line if k is the first key of the next command, and reports whether it is.
func (b *sandboxUI) typesOn(k tea.KeyPressMsg) bool {
	if r := []rune(k.Text); !b.again || len(r) != 1 || !unicode.IsLetter(r[0]) {
		return false
	}
	b.start("")
	b.free = true
	return true
}

// clickLine handles a click while the input line is open: a click on the selected completion executes it.
func (m *model) clickLine(x, y int) tea.Cmd {
	b := m.player.sandbox
	i := slices.IndexFunc(b.lines, func(l viewLine) bool { return l.r.Has(x, y) })
	switch {
	case i < 0:
		return nil
	case b.lines[i].i == b.at:
		return m.pressLine(tea.KeyPressMsg{Code: tea.KeyEnter})
	}
	b.at = b.lines[i].i
	return nil
}

// scroll moves the selection among the completions.
func (b *sandboxUI) scroll(down bool) {
	if down {
		b.at = min(b.at+1, len(b.found)-1)
	} else {
		b.at = max(0, b.at-1)
	}
}

// back shows the previous command.
func (b *sandboxUI) back() {
	if b.ago < len(b.past) {
		b.ago++
		b.line.SetValue(b.past[len(b.past)-b.ago])
		b.line.CursorEnd()
		b.search()
		b.at = -1
	}
}

func (b *sandboxUI) close() {
	b.open, b.caret = false, nil
	b.line.Blur()
}

// paste inserts text into the input line.
func (b *sandboxUI) paste(msg tea.PasteMsg) {
	if !b.open {
		b.start("")
	}
	b.line, _ = b.line.Update(msg)
	b.search()
}

// sandboxKeys returns the keys in the footer of a sandbox.
func sandboxKeys(b *sandboxUI) []keyHelp {
	if b.open {
		return []keyHelp{{"enter", "run"}, {"↑↓", "choose"}, {"tab", "edit"}, {"esc", "close"}}
	}
	var keys []keyHelp
	if b.again {
		return []keyHelp{{"1…9", "call"}, {":", "choose"}, {"space", "pause"}, {"?", "help"}, {"esc", "keys"}}
	}
	if n := min(9, len(b.ready())); n > 0 {
		digits := "1"
		if n > 1 {
			digits = fmt.Sprintf("1…%d", n)
		}
		keys = append(keys, keyHelp{digits, "call"})
	}
	return append(keys, []keyHelp{{"n", "make an object"}, {"g", "start a goroutine"}, {"c", "cancel"}, {"E", "as a Go test"}, {":", "type"}, {"space", "pause"}, {"?", "help"}, {"q", "quit"}}...)
}

// saidStyles are the styles of the kinds of log line.
var saidStyles = [...]cells.Style{
	SaidCommand: cells.StyleBright, SaidOutcome: cells.StyleRunning, SaidWaits: cells.StyleWaiting, SaidAsks: cells.StyleAccent, SaidNote: cells.StyleDim, SaidWrong: cells.StyleTrouble | cells.StyleBold,
}

var saidMarks = [...]string{SaidCommand: "", SaidOutcome: "→ ", SaidWaits: cells.GlyphWaiting + " ", SaidAsks: "● ", SaidNote: "", SaidWrong: cells.GlyphTrouble + " "}

// drawSaid draws the end of the log into r.
func (b *sandboxUI) drawSaid(c *cells.Canvas, r cells.Rect) {
	if r.W == 0 || r.H == 0 {
		return
	}
	body := r
	if r.H >= 3 {
		heading(c, r, "what you did, as Go", "", false)
		body = r.Lines(1, r.H-1)
	}
	type row struct {
		text string
		st   cells.Style
	}
	var rows []row
	for i := len(b.now.Said) - 1; i >= 0 && len(rows) < body.H; i-- {
		s := &b.now.Said[i]
		text := saidMarks[s.Sort] + s.Text
		switch {
		case s.Sort != SaidCommand && i > 0 && b.now.Said[i-1].Who == s.Who:
			text = "  " + text
		case s.Who != "":
			text = s.Who + ": " + text
		}
		for _, l := range slices.Backward(cells.Wrap(cells.Clean(text), body.W-2)) {
			rows = append(rows, row{l, saidStyles[s.Sort]})
		}
	}
	if len(rows) == 0 {
		for _, l := range slices.Backward(cells.Wrap("n makes an object, g starts a goroutine, and a digit lets it call something", body.W-2)) {
			rows = append(rows, row{l, cells.StyleDim})
		}
	}
	rows = rows[:min(len(rows), body.H)]
	for i, l := range rows {
		c.Text(body.X+1, body.Y+len(rows)-1-i, cells.Truncate(l.text, body.W-1), l.st)
	}
}

// draw draws the input line and the completions over the bottom of the screen.
func (b *sandboxUI) draw(c *cells.Canvas) {
	b.caret, b.lines = nil, b.lines[:0]
	if !b.open {
		return
	}
	const most = 12
	w := 110
	if c.W < 140 { // too little would remain visible beside it
		w = c.W
	}
	n := min(len(b.found), most, c.H-8)
	r := cells.Area((c.W-w)/2, c.H-n-4, w, n+3)
	c.Clear(cells.Area(r.X-1, r.Y, r.W+2, r.H))
	c.Frame(r, cells.Round, cells.StyleAccent)
	title := " what should happen? "
	if who, _, told := strings.Cut(b.line.Value(), ":"); told && !strings.Contains(who, " ") {
		title = " what should " + cells.Clean(who) + " do? "
	}
	c.Text(r.X+2, r.Y, cells.Truncate(title, w-4), cells.StyleAccent|cells.StyleBold)
	if len(b.found) > n {
		c.Right(r.X+r.W-2, r.Y, fmt.Sprintf(" %d of %d ", n, len(b.found)), cells.StyleDim)
	}
	in := r.Inset()
	from := cells.Clamp(b.at-n/2, 0, max(0, len(b.found)-n))
	textW := 0
	for _, s := range b.found[from : from+n] {
		textW = max(textW, cells.Width(cells.Clean(s.Text)))
	}
	textW = min(textW, in.W*3/5)
	for i, s := range b.found[from : from+n] {
		row := in.Row(i)
		b.lines = append(b.lines, viewLine{row, from + i})
		st := cells.StylePlain
		if from+i == b.at {
			c.Tint(row, cells.StyleOnSelected)
			st = cells.StyleBright | cells.StyleBold
		}
		c.Fit(row.X+1, row.Y, textW, cells.Clean(s.Text), st)
		c.Text(row.X+textW+3, row.Y, wording.Abridged(cells.Clean(s.About), row.W-textW-4), cells.StyleDim)
	}
	y := in.Y + n
	x := c.Text(in.X+1, y, "▸ ", cells.StyleAccent|cells.StyleBold)
	text := cells.Clean(b.line.Value())
	at := cells.Width(cells.Clean(string([]rune(b.line.Value())[:b.line.Position()])))
	if over := at - (in.W - 5); over > 0 {
		text, at = string([]rune(text)[min(over, len([]rune(text))):]), at-over
	}
	c.Text(x, y, cells.Truncate(text, in.W-4), cells.StyleBright)
	b.caret = &cells.Point{X: x + at, Y: y}
}
