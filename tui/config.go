package tui

import (
	"context"
	"io"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Param is a parameter of a scenario.
type Param struct {
	Name    string
	Help    string
	Default string
	Range   string // the allowed values, such as "1 … 64"
}

// An Entry is one scenario as the browser shows it.
type Entry struct {
	Name     string // kebab-case, unique
	Title    string
	Category string
	Lesson   string   // a paragraph, which the UI wraps
	Expects  string   // "clean", or the bug that it has: "deadlock", "race" …
	Twin     string   // the name of the scenario that has, or fixes, the bug; "" if none
	LookFor  string   // what to watch for on the stage; may be ""
	Hints    []string // hints to the bug, each more revealing than the one before
	Params   []Param

	Even      bool   // the times of its events do not matter: playback begins with even steps
	Preparing string // a preparation that may take long, such as "building the test"; "" if there is none
}

// A Mark is a set of bits that record what the user has done with an entry.
type Mark uint8

// The marks.
const (
	MarkSeen  Mark = 1 << iota // the user has watched it
	MarkFound                  // the user has made it fail
)

// A Session is a scenario that was started. Its methods are safe for concurrent use, except that only one goroutine
// may call Drain at a time.
type Session interface {
	// Drain appends the events that came since the last call to buf, oldest first, and returns it. It never waits.
	Drain(buf []trace.Event) []trace.Event
	// Done reports whether the scenario has ended. Events that came before may still have to be drained.
	Done() bool
	// Err returns the error of the scenario, once Done reports true: the result of its own check, or the reason why it was stopped.
	// It returns nil if the scenario succeeded.
	Err() error
	// Stop cancels the scenario and returns when all its goroutines have ended. It may be called more than once.
	Stop()
}

// A NotedSession is a Session that may have a remark, once it is Done; otherwise Note returns "".
type NotedSession interface {
	Session
	Note() string
}

// A ProgramRun is a Session that is one run of a program, which may run again.
type ProgramRun interface {
	Session
	// Next waits until the program runs again, and returns the Session of that run. It returns nil if it will not run
	// again, or ctx ends.
	Next(ctx context.Context) ProgramRun
}

// A Playback is a recorded trace.
type Playback struct {
	Title   string
	Events  []trace.Event
	Note    string // a remark such as "the file is truncated"; "" if there is none
	Err     error  // the error, if it is not in the events
	Steps   []Step // the schedule, if it is known
	Program string // the program, for Config.Program; "": the trace may contain it
	Step    bool   // begin before the first event, paused, with even steps

	start *timeline.State // the state before the first event; nil: empty
}

// Background is the kind of background on which the UI draws.
type Background uint8

// The backgrounds.
const (
	BackgroundAuto  Background = iota // ask the terminal; until it answers, use colors that are readable on both
	BackgroundDark                    // text is light
	BackgroundLight                   // text is dark
)

// palette returns the colors for the background.
func (on Background) palette() cells.Palette {
	switch on {
	case BackgroundDark:
		return cells.PaletteDark
	case BackgroundLight:
		return cells.PaletteLight
	default:
		return cells.PaletteSafe
	}
}

// A Config configures what the UI shows, and how. At least one of Entries, Run, Watch, Drive, Sandbox, Open, Beside and
// Load must be set.
type Config struct {
	// Entries is the list in the browser, in this order, grouped by Category.
	Entries []Entry
	// First has the names of entries that the browser lists before all others, in this order.
	First []string
	// Marks is what the user has done with each entry before; it is not modified. Mark saves what the user does now; it is called in
	// a goroutine other than the UI's. Nil means that nothing is saved.
	Marks map[string]Mark
	Mark  func(name string, m Mark) error
	// Check returns an error that names the range if one of params is not valid for the scenario called name. Nil
	// accepts everything. It must be fast: it is called while the user types.
	Check func(name string, params map[string]string) error
	// Start starts the scenario called name. It is needed if there are Entries or Run is given. Params has only the
	// values that differ from the defaults.
	Start func(name string, params map[string]string) (Session, error)

	// Shortest returns a recording of the shortest schedule under which the scenario called name, which has a bug, fails with params,
	// the values that differ from the defaults. It may take seconds, and stops when ctx ends; no session runs meanwhile. From time to time it calls tried with the number of schedules
	// tried and their maximum. Nil means that there are no such recordings.
	Shortest func(ctx context.Context, name string, params map[string]string, tried func(n, of int)) (*Playback, error)

	// Run is the scenario to start at once, with RunParams. Leaving it leads to the browser if there are Entries.
	Run       string
	RunParams map[string]string
	// Watch starts watching a program called Title: it shows the current run as it happens, and then later ones. It may wait until
	// the program runs.
	Watch func(context.Context) (ProgramRun, error)
	Title string
	// Preparing describes what may take long before Watch or Driver has anything to show, such as "building the program"; "" if
	// there is no such thing.
	Preparing string
	// Sandbox makes a sandbox, which is shown at once.
	Sandbox func() (Sandbox, error)
	// Driver lets the user choose the schedule of the scenario called name. Nil means that this is not possible. Drive is the
	// scenario to drive at once, with RunParams; Token is the schedule that it begins with, if not "".
	Driver func(name string, params map[string]string) (Driver, error)
	Drive  string
	Token  string
	// Program returns the program of a token, or of the Text of a recording's first event, so that it can be driven. Nil means that
	// tokens and recordings cannot be driven.
	Program func(text string) (*Program, error)
	// FromStart shows the schedule of Token from its first step instead of its last.
	FromStart bool
	// Open is a recording to play at once.
	Open *Playback
	// Beside has two recordings to play side by side at once, from where they begin to differ.
	Beside *[2]*Playback
	// Load reads a recording called Title to play at once. It may take long, reports its progress, and stops when ctx ends.
	Load func(ctx context.Context, progress func(done, all int64)) (*Playback, error)

	// Export writes the view of f to the file called name, in the format given by the name's extension. It stops when ctx ends. Nil
	// means that export is not possible.
	Export func(ctx context.Context, name string, f *Film) error

	Keys          Keys // keys of actions, where they differ from the defaults
	Background    Background
	ASCII         bool    // draw with ASCII characters only
	NoColor       bool    // show everything by glyphs and words
	HighContrast  bool    // nothing is faint, and colors are strong
	ReducedMotion bool    // nothing slides or blinks: tokens jump to their places
	NoMouse       bool    // leave the mouse to the terminal until the user presses a key
	Speed         float64 // initial speed of the player; 0 means 1

	// Input and Output are the terminal; nil means that of the process.
	Input  io.Reader
	Output io.Writer
}

// Run shows the UI until the user leaves it or ctx ends. Before it returns, it stops a session that is still running and
// restores the terminal. The error is nil if the user left or ctx ended; otherwise it is about the terminal or cfg, not
// about a scenario.
func Run(ctx context.Context, cfg Config) error {
	return run(ctx, cfg)
}
