package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Choice is a possible next transition of a run that the user drives.
type Choice struct {
	G     int64  // the goroutine, as in the trace
	Name  string // its name
	What  string // such as "Lock fork-1"
	Where string // such as "main.go:21"; may be ""

	Default bool // it continues the goroutine that ran last
}

// A Moment is the state of a driven run.
type Moment struct {
	Made    []int         // the choices that led to it: the index of each among those available
	Steps   []Step        // the step of each choice
	Before  []int         // the number of Events before each of Steps; nil if not known
	Choices []Choice      // the possible next transitions; none once the run has ended
	Events  []trace.Event // the events so far
	Err     error         // why the run has failed; nil if it has not
}

// A Driver runs a program under a chosen schedule, each time from the beginning. Its methods are called one at a time,
// in goroutines other than the UI's, and return when ctx ends.
type Driver interface {
	// At makes the choices and returns the moment after the last.
	At(ctx context.Context, made []int) (*Moment, error)
	// GoOn is like At, but then makes random choices, with the given seed, to the end.
	GoOn(ctx context.Context, made []int, seed uint64) (*Moment, error)
	// Search looks for further choices that lead to a failure. It returns nil if it finds none. From time to time it calls tried
	// with the number of schedules tried and their maximum.
	Search(ctx context.Context, made []int, tried func(n, of int)) (*Moment, error)
	// Replay makes the choices of a token.
	Replay(ctx context.Context, token string) (*Moment, error)
	// Token returns a token for the choices.
	Token(ctx context.Context, made []int) (string, error)
}

// A driveState is the state of a run that the user drives: the present moment, and what the user has tried.
type driveState struct {
	driver  Driver
	now     *Moment
	seen    []*timeline.Object // objects on the stage in this or another schedule; they keep their places
	most    int                // the maximum number of goroutines so far
	undone  []int              // undone choices, the last one first
	ahead   []tea.KeyPressMsg  // keys typed ahead, to be pressed when the current command is done
	seed    uint64             // of the last random run
	since   time.Duration      // the time the current command has taken
	busy    string             // what the current command does; "" if there is none
	stop    context.CancelFunc
	tried   *atomic.Pointer[[2]int] // of a search, the number of schedules tried and their maximum; nil: no search is running
	tree    node                    // of the schedules tried
	view    driveView
	at      int        // the cursor in the view
	lines   []viewLine // the lines of the view on the screen
	buttons []button   // of the view
	first   bool       // show the schedule of a token from its first step
	preview preview    // the stage beside the table of steps

	shortest          *Playback        // the shortest failing schedule; nil if unknown
	shortestRecording *scene.Recording // its events; nil: not made yet
	seeking           bool             // it is being searched for
	sought            search           // the progress of that search
	stopSeek          context.CancelFunc
	sideNote          string // why the shortest schedule is not known
	told              bool   // the shortest schedule has been offered
}

// A momentMsg is the result of a command of player number id.
type momentMsg struct {
	id     int
	m      *Moment // nil: nothing was found
	undone []int
	back   bool // the user went back
	err    error
}

// A tokenMsg has a token for player number id.
type tokenMsg struct {
	id    int
	token string
	err   error
}

// steer starts driving the scenario called name.
func (m *model) steer(name string, params map[string]string, token string) tea.Cmd {
	d, err := m.cfg.Driver(name, params)
	if err != nil {
		return m.undriven(err)
	}
	pr := &Program{Name: name, Params: params, Token: token, Driver: d, Preparing: m.cfg.Preparing}
	return m.steerBy(pr, token != "" && m.cfg.FromStart)
}

// undriven reports why something cannot be driven.
func (m *model) undriven(err error) tea.Cmd {
	if len(m.cfg.Entries) == 0 && m.player == nil {
		m.fatal = err
		return tea.Quit
	}
	m.message, m.failed = cells.Clean(err.Error()), true
	return nil
}

// steerBy starts driving pr, with the schedule of its token if it has one. If first is true, it shows the first step of that
// schedule, otherwise the last.
func (m *model) steerBy(pr *Program, first bool) tea.Cmd {
	hold := m.io
	beneath := m.player
	if beneath != nil && (!beneath.recorded || beneath.driven != nil) { // it could not be shown again
		beneath = beneath.beneath
	}
	m.live(pr.Name)
	p := m.player
	p.beneath = beneath
	p.live, p.follow, p.recorded, p.playing = false, false, true, false
	p.name, p.params, p.driven = pr.Name, pr.Params, &driveState{driver: pr.Driver}
	p.rec.Even, p.speed = true, max(p.speed, 2)
	preparing := pr.Preparing
	if e := m.entry(pr.Name); e != nil {
		p.lookFor, p.expects, p.hints = e.LookFor, e.bug(), e.bug() != "" && len(e.Hints) > 0
		preparing = cmp.Or(preparing, e.Preparing)
	}
	p.driven.first = first
	return m.drive(cmp.Or(preparing, "preparing the program")+"; esc cancels", func(ctx context.Context) (*Moment, error) {
		hold.stop() // the running session would interfere
		if pr.Token != "" {
			return pr.Driver.Replay(ctx, pr.Token)
		}
		return pr.Driver.At(ctx, nil)
	}, nil)
}

// leave stops the current command.
func (w *driveState) leave() {
	if w.stop != nil {
		w.stop()
	}
	if w.stopSeek != nil {
		w.stopSeek()
	}
}

// drive returns a command that calls do and reports its result. Busy describes the command while it runs.
func (m *model) drive(busy string, do func(context.Context) (*Moment, error), undone []int) tea.Cmd {
	w, id := m.player.driven, m.id
	ctx, stop := context.WithCancel(m.ctx)
	w.busy, w.stop, w.tried, w.since = busy, stop, nil, 0
	back := len(undone) > len(w.undone)
	return func() tea.Msg {
		defer stop()
		got, err := do(ctx)
		return momentMsg{id, got, undone, back, err}
	}
}

// pressDriving handles a key for driving, and reports whether it did.
func (m *model) pressDriving(k tea.KeyPressMsg) (tea.Cmd, bool) {
	w, b := m.player.driven, &bindings
	if w.view != viewNone && w.stop == nil {
		if cmd, ok := m.pressView(k); ok {
			return cmd, true
		}
	}
	if w.stop != nil || w.now == nil {
		return nil, m.pressBusy(k)
	}
	made := w.now.Made
	switch {
	case len(k.Text) == 1 && k.Text[0] >= '1' && k.Text[0] <= '9':
		return m.choose(int(k.Text[0] - '1')), true
	case key.Matches(k, b.enter) && m.player.pane == onList:
		i := slices.IndexFunc(w.now.Choices, func(c Choice) bool { return c.G == m.player.curG })
		if i < 0 {
			return nil, false
		}
		return m.choose(i), true
	case key.Matches(k, b.forth) && len(w.undone) > 0:
		return m.goTo(append(slices.Clone(made), w.undone[0]), w.undone[1:]), true
	case key.Matches(k, b.back) && len(made) > 0:
		n := len(made) - 1
		return m.goTo(made[:n], append([]int{made[n]}, w.undone...)), true
	case key.Matches(k, b.first, b.again) && len(made) > 0:
		return m.goTo(nil, append(slices.Clone(made), w.undone...)), true
	case key.Matches(k, b.last) && len(w.undone) > 0:
		return m.goTo(append(slices.Clone(made), w.undone...), nil), true
	case key.Matches(k, b.chance):
		w.seed++
		seed := w.seed
		return m.drive("running a random schedule; esc cancels", func(ctx context.Context) (*Moment, error) { return w.driver.GoOn(ctx, made, seed) }, nil), true
	case key.Matches(k, b.search):
		return m.searchFrom(made), true
	case key.Matches(k, b.schedules):
		w.openTree()
		return nil, true
	case key.Matches(k, b.steps):
		w.view, w.at = viewSteps, len(made)
		return nil, true
	case key.Matches(k, b.compare):
		return m.openSide(), true
	case key.Matches(k, b.copyToken):
		return m.copyToken(made), true
	case key.Matches(k, b.forth) && len(w.now.Choices) > 0:
		return m.choose(max(0, slices.IndexFunc(w.now.Choices, func(c Choice) bool { return c.Default }))), true
	case key.Matches(k, b.forth, b.back, b.first, b.again, b.last, b.pause):
		return nil, true // there is nowhere to go
	}
	return nil, false
}

// copyToken returns a command that copies the token of the schedule.
func (m *model) copyToken(made []int) tea.Cmd {
	w, id := m.player.driven, m.id
	ctx, stop := context.WithCancel(m.ctx)
	w.busy, w.stop, w.tried, w.since = "making the token; esc cancels", stop, nil, 0
	return func() tea.Msg {
		defer stop()
		token, err := w.driver.Token(ctx, made)
		return tokenMsg{id, token, err}
	}
}

// searchFrom returns a command that searches for a failure.
func (m *model) searchFrom(made []int) tea.Cmd {
	w, tried := m.player.driven, new(atomic.Pointer[[2]int])
	cmd := m.drive("looking for a failure from here; esc cancels", func(ctx context.Context) (*Moment, error) {
		return w.driver.Search(ctx, made, func(n, of int) { tried.Store(&[2]int{n, of}) })
	}, nil)
	w.tried = tried
	return cmd
}

// choose makes choice i, if there is one.
func (m *model) choose(i int) tea.Cmd {
	w := m.player.driven
	if i >= len(w.now.Choices) {
		return nil
	}
	return m.goTo(append(slices.Clone(w.now.Made), i), nil)
}

func (m *model) goTo(made, undone []int) tea.Cmd {
	w := m.player.driven
	return m.drive("replaying your choices; esc cancels", func(ctx context.Context) (*Moment, error) { return w.driver.At(ctx, made) }, undone)
}

// moved shows the moment that a command has reached.
func (m *model) moved(msg momentMsg) tea.Cmd {
	p := m.player
	if msg.id != m.id || p == nil || p.driven == nil {
		return nil
	}
	w := p.driven
	w.busy, w.stop = "", nil
	if msg.err != nil || msg.m == nil || msg.m.Err != nil {
		w.ahead = nil // they were meant for another schedule
	}
	switch {
	case errors.Is(msg.err, context.Canceled) && m.ctx.Err() == nil && w.now != nil:
		m.message = "Stopped."
		return nil
	case msg.err != nil && w.now == nil: // it could not start
		return m.unbegun(msg.err)
	case msg.err != nil:
		m.message, m.failed = cells.Clean(msg.err.Error()), true
		return nil
	case msg.m == nil:
		m.message = "No failure was found from here."
		return nil
	}
	was := p.rec.Len()
	w.tree.grow(msg.m)
	w.preview.extend(msg.m)
	if w.first { // show the beginning of a token's schedule
		w.first, w.told = false, true // the failing schedule is not the user's
		return m.goTo(nil, msg.m.Made)
	}
	w.now, w.undone = msg.m, msg.undone
	worst := p.rec.Worst // keep the space for the description of a deadlock, so that the layout stays the same
	p.rec, p.slider, p.log, p.lanes = scene.NewRecording(), stage.Slider{}, log{}, p.lanes.Kept()
	p.rec.Even, p.rec.Seen = true, w.seen
	_ = p.rec.Load(m.ctx, msg.m.Events)     // it fails only when the context ends
	p.rec.Worst, p.rec.Sudden = worst, true // a step not taken yet may lead to another deadlock
	p.foresee()
	w.seen, w.most = p.rec.Objects(), max(w.most, len(p.rec.Timeline.Now().Goroutines()))
	p.err = msg.m.Err
	p.liveEnd = p.rec.Clock().End()
	p.seek(p.end())
	p.playing = false
	if !msg.back && was > 0 && was < p.rec.Len() { // animate the new events
		p.seek(p.rec.Clock().PosOf(was))
		p.playing = true
	}
	if e := m.entry(p.name); msg.m.Err != nil && e != nil && e.bug() != "" && m.cfg.Shortest != nil && !w.told {
		w.told = true
		return m.openSide()
	}
	return nil
}

// mostForWords is the maximum number of goroutines and of objects for which foresee makes a sentence.
const mostForWords = 64

// foresee reserves space for the description of a deadlock, if one is expected, so that the layout stays the same when it forms.
func (p *player) foresee() {
	if s := p.rec.Timeline.Now(); p.expects == "deadlock" && len(s.Goroutines()) <= mostForWords && len(s.Objects()) <= mostForWords {
		p.rec.NoteWorst([]string{largestCycle(s)})
	}
}

// largestCycle returns a sentence as long as the description of a deadlock that involves all locks of s.
func largestCycle(s *timeline.State) string {
	longest := func(names []string) string {
		return slices.MaxFunc(append(names, ""), func(a, b string) int { return cmp.Compare(cells.Width(a), cells.Width(b)) })
	}
	var gs, locks []string
	for _, g := range s.Goroutines() {
		gs = append(gs, cells.Clean(s.Words().GName(g.ID)))
	}
	for _, o := range s.Objects() {
		switch o.Class {
		case trace.ClassMutex, trace.ClassReentrantLock, trace.ClassRWMutex, trace.ClassSemaphore:
			locks = append(locks, cells.Clean(s.Words().ObjName(o.ID)))
		default:
		}
	}
	g, o := longest(gs), longest(locks)
	parts := slices.Repeat([]string{fmt.Sprintf("%s holds %s and waits for %s", g, o, o)}, min(len(gs), len(locks), mostForWords))
	return strings.Join(parts, "; ")
}

// unbegun leaves a run that could not start, because of err.
func (m *model) unbegun(err error) tea.Cmd {
	stopped := errors.Is(err, context.Canceled)
	if m.direct() && m.player.beneath == nil {
		if !stopped || m.ctx.Err() != nil {
			m.fatal = err
		}
		return tea.Quit
	}
	cmd := m.leave()
	m.message, m.failed = cells.Clean(err.Error()), true
	if stopped {
		m.message, m.failed = "Stopped.", false
	}
	return cmd
}

// copied copies a token to the clipboard of the terminal.
func (m *model) copied(msg tokenMsg) tea.Cmd {
	if msg.id != m.id || m.player == nil || m.player.driven == nil {
		return nil
	}
	m.player.driven.busy, m.player.driven.stop = "", nil
	if errors.Is(msg.err, context.Canceled) && m.ctx.Err() == nil {
		m.message = "Stopped."
		return nil
	}
	if msg.err != nil {
		m.message, m.failed = cells.Clean(msg.err.Error()), true
		return nil
	}
	m.message = "Token copied: turnstile replay " + cells.Clean(msg.token)
	return tea.SetClipboard(msg.token)
}

// A listRow is a line of the list: a goroutine, and its choice if the user drives.
type listRow struct {
	g      *timeline.Goroutine // nil: it has not started yet
	choice int                 // an index; -1: none
}

// rowsOf returns the lines of the list: each goroutine once, or once for each of its choices.
func rowsOf(gs []*timeline.Goroutine, choices []Choice) []listRow {
	rows := make([]listRow, 0, len(gs)+len(choices))
	for _, g := range gs {
		n := len(rows)
		for i := range choices {
			if choices[i].G == g.ID {
				rows = append(rows, listRow{g, i})
			}
		}
		if len(rows) == n {
			rows = append(rows, listRow{g, -1})
		}
	}
	for i := range choices {
		if !slices.ContainsFunc(gs, func(g *timeline.Goroutine) bool { return g.ID == choices[i].G }) {
			rows = append(rows, listRow{nil, i})
		}
	}
	return rows
}

// drawChoice draws a choice into r, with its digit in place of the goroutine's sign. It returns the buttons that make the choice.
func drawChoice(c *cells.Canvas, r cells.Rect, nameW, i int, ch *Choice) (buttons []button) {
	digit := "·"
	if i < 9 {
		digit = string(rune('1' + i))
	}
	c.Text(r.X, r.Y, digit, cells.StyleAccent|cells.StyleBold)
	c.Fit(r.X+2, r.Y, nameW, cells.Clean(ch.Name), cells.StyleBright)
	x := r.X + nameW + 4
	room := r.X + r.W - x
	end := c.Text(x, r.Y, cells.Truncate(cells.Clean(ch.What), room), cells.StyleRunning)
	if i < 9 {
		buttons = []button{{cells.Area(r.X, r.Y, 1, 1), digit}, {cells.Area(x, r.Y, end-x, 1), digit}}
	}
	where := cells.Clean(ch.Where)
	if i := strings.LastIndexByte(where, '/'); strings.Contains(where[i+1:], ".go:") {
		where = where[i+1:]
	}
	switch {
	case where == "":
	case r.H >= 2:
		c.Text(x, r.Y+1, cells.Truncate(where, room), cells.StyleDim)
	default:
		c.Text(end, r.Y, cells.Truncate(" · "+where, r.X+r.W-end), cells.StyleDim)
	}
	return buttons
}

// driving returns the message that asks for a choice or describes the current command. It reports whether there is one.
func (w *driveState) driving() (string, cells.Style, bool) {
	more := ""
	if n := len(w.ahead); n > 0 {
		more = fmt.Sprintf(" · %s typed ahead, esc clears", things(n, "key"))
	}
	switch {
	case w.stop != nil && w.since < soon && more == "":
	case w.busy != "" && w.tried != nil && w.tried.Load() != nil:
		n := w.tried.Load()
		return fmt.Sprintf("%s: %d of %d schedules tried", w.busy, n[0], n[1]) + more, cells.StyleAccent | cells.StyleBold, true
	case w.busy != "":
		return w.busy + " …" + more, cells.StyleAccent | cells.StyleBold, true
	case more != "":
		return strings.TrimPrefix(more, " · "), cells.StyleAccent | cells.StyleBold, true
	}
	switch {
	case w.now == nil || len(w.now.Choices) == 0:
		return "", cells.StylePlain, false
	case len(w.now.Choices) == 1:
		return "one can run", cells.StyleAccent | cells.StyleBold, true
	}
	return fmt.Sprintf("%s can run: which?", wording.Number(len(w.now.Choices))), cells.StyleAccent | cells.StyleBold, true
}

// drivingKeys returns the keys in the footer while the user drives.
func drivingKeys(w *driveState) []keyHelp {
	switch w.view {
	case viewTree, viewSteps:
		return []keyHelp{{"↑↓", "choose"}, {"enter", "go there"}, {"esc", "close"}, {"?", "help"}, {"q", "back"}}
	case viewSide:
		return []keyHelp{{"↑↓", "scroll"}, {"esc", "close"}, {"?", "help"}, {"q", "back"}}
	case viewNone:
	}
	var keys []keyHelp
	if w.now != nil && len(w.now.Choices) > 0 {
		digits := "1"
		if n := min(9, len(w.now.Choices)); n > 1 {
			digits = fmt.Sprintf("1…%d", n)
		}
		keys = append(keys, keyHelp{digits, "run"})
	}
	return append(keys, []keyHelp{{"←", "undo"}, {"→", "redo"}, {"F", "find a failure"}, {"a", "random"}, {"S", "steps"}, {"T", "schedules"}, {"C", "shortest"}, {"y", "token"}, {"home", "again"}, {"?", "help"}, {"q", "back"}}...)
}

// title returns the title in the header while the user drives.
func (w *driveState) title(name string) string {
	if w.now == nil {
		return name
	}
	return strings.TrimSpace(fmt.Sprintf("%s · you decide, step %d", name, len(w.now.Made)))
}

// stepOf returns the number of the step during which event i, counted from 0, happened; 0 if it happened before the first step.
func (m *Moment) stepOf(i int) int {
	return sort.Search(len(m.Before), func(k int) bool { return m.Before[k] > i })
}
