package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// The inputs that a prompt asks for.
const (
	asksWords  = "/" // a text to search for
	asksMoment = ":" // a position to go to
	asksFile   = "write to "
)

// A prompt is a line of input in the footer of the player.
type prompt struct {
	asks  string
	in    textinput.Model
	err   string // why the input was rejected
	caret cells.Point
}

// ask opens a prompt.
func (p *player) ask(what, value string) {
	in := newInput()
	in.CharLimit = 256
	in.SetValue(value)
	in.CursorEnd()
	in.Focus()
	p.prompt = &prompt{asks: what, in: in}
}

// pressPrompt handles a key in the prompt. It returns the name of the file if the prompt asked for one.
func (p *player) pressPrompt(k tea.KeyPressMsg) (cmd tea.Cmd, file string) {
	switch q := p.prompt; {
	case key.Matches(k, bindings.escape), k.String() == "backspace" && q.in.Value() == "":
		p.prompt = nil
	case !key.Matches(k, bindings.enter):
		q.in, cmd = q.in.Update(k)
		q.err = ""
	case q.asks == asksFile:
		file = q.in.Value()
		p.prompt = nil
	default:
		if err := p.answer(q.asks, q.in.Value()); err != nil {
			q.err = err.Error()
			return nil, ""
		}
		p.prompt = nil
	}
	return cmd, file
}

// answer acts on the input.
func (p *player) answer(asks, text string) error {
	if asks == asksMoment {
		return p.jump(text)
	}
	return p.lookup(text)
}

// paste inserts text into the input.
func (q *prompt) paste(msg tea.PasteMsg) { q.in, _ = q.in.Update(msg) }

// promptHints explains the input.
var promptHints = map[string]string{
	asksWords:  "a name or words; // begins a regular expression",
	asksMoment: "an event 14, a time 1.2s, a part 50%",
	asksFile:   ".svg .html .cast .txt .mmd .json .jsonl",
}

// draw draws the prompt into r.
func (q *prompt) draw(c *cells.Canvas, r cells.Rect) {
	c.Tint(r, cells.StyleOnBar)
	x := c.Text(r.X+1, r.Y, q.asks, cells.StyleAccent|cells.StyleBold)
	room := max(8, r.W-x-3)
	value := []rune(q.in.Value())
	at := min(q.in.Position(), len(value))
	before, after := cells.Clean(string(value[:at])), cells.Clean(string(value[at:]))
	for cells.Width(before) > room-1 { // the caret stays visible
		_, before = cells.Cut(before, cells.Width(before)-room+1)
	}
	x = c.Text(x, r.Y, before, cells.StyleBright)
	q.caret = cells.Point{X: x, Y: r.Y}
	end := c.Text(x, r.Y, cells.Truncate(after, max(0, r.X+r.W-x-2)), cells.StyleBright)
	hint, st := promptHints[q.asks], cells.StyleDim
	if q.err != "" {
		hint, st = cells.Clean(q.err), cells.StyleTrouble|cells.StyleBold
	}
	if left := r.X + r.W - end - 4; q.err != "" || cells.Width(hint) <= left {
		c.Right(r.X+r.W-1, r.Y, cells.Truncate(hint, max(0, left)), st)
	}
}
