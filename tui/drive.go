package tui

import (
	"cmp"
	"context"
	"sort"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
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

// stepOf returns the number of the step during which event i, counted from 0, happened; 0 if it happened before the first step.
func (m *Moment) stepOf(i int) int {
	return sort.Search(len(m.Before), func(k int) bool { return m.Before[k] > i })
}
