package tui

import (
	"context"
	"io"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Param is something that can be set before a scenario runs.
type Param struct {
	Name    string
	Help    string
	Default string
	Range   string // in words, such as "1 … 64"
}

// An Entry is one scenario as the browser shows it.
type Entry struct {
	Name     string // kebab-case, unique
	Title    string
	Category string
	Lesson   string   // a paragraph; it is wrapped here
	Expects  string   // "clean", or the bug that it holds: "deadlock", "race" …
	Twin     string   // the name of the scenario that has, or mends, the bug; "" if none
	LookFor  string   // what to watch for on the stage; may be ""
	Hints    []string // to the bug, each of which gives away more than the one before
	Params   []Param

	Even      bool   // its events have no times worth showing: it begins with even steps
	Preparing string // what is done until it begins, if that may take long; "" if not
}

// A Mark says what the user has done with an entry: some of the bits.
type Mark uint8

// The marks.
const (
	MarkSeen  Mark = 1 << iota // watched it
	MarkFound                  // made it fail, which it can in some order
)

// A Session is a scenario that was started. Its methods may be called from any goroutine, though Drain from one at a
// time.
type Session interface {
	// Drain appends the events that came since the last call to buf, oldest first, and returns it. It never waits.
	Drain(buf []trace.Event) []trace.Event
	// Done reports whether the scenario has ended. Events that came before are still to be drained.
	Done() bool
	// Err says, once Done, what failed: the scenario's own check, or that it was stopped. Nil if all was well.
	Err() error
	// Stop cancels the scenario and returns when all its goroutines have ended. It may be called more than once.
	Stop()
}

// A NotedSession is a Session that has a remark once it is Done; "" for none.
type NotedSession interface {
	Session
	Note() string
}

// A ProgramRun is a Session that is one run of a program, which may run again.
type ProgramRun interface {
	Session
	// Next waits until the program runs again and returns the Session of that. It returns nil if it will not, or ctx ends.
	Next(ctx context.Context) ProgramRun
}

// A Playback is a trace that was recorded before.
type Playback struct {
	Title   string
	Events  []trace.Event
	Note    string // a remark such as "the file is truncated"; "" if there is none
	Err     error  // what failed, if more is known than the events say
	Steps   []Step // the order in which it happened, if that is known
	Program string // what it is of, for Config.Program; "": the trace may tell
	Step    bool   // begin before the first event, paused, with even steps

	start *timeline.State // what the first event follows; nil: nothing
}

// Background says on what the UI draws.
type Background uint8

// The backgrounds.
const (
	BackgroundAuto  Background = iota // ask the terminal; until it answers, colors that can be read on both
	BackgroundDark                    // light letters
	BackgroundLight                   // dark letters
)

// palette returns the colors that go with on.
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

// A Config says what the UI shows and how. At least one of Entries, Run, Watch, Drive, Sandbox, Open, Beside and Load must be given.
type Config struct {
	// Entries is what the browser lists, in this order; those of one Category stand together.
	Entries []Entry
	// First are the names of entries that the browser lists before all others, in this order.
	First []string
	// Marks says what the user has done with which entry before; it is not changed. Mark keeps what the user has done now, from
	// a goroutine other than the UI's. Nil: that is forgotten.
	Marks map[string]Mark
	Mark  func(name string, m Mark) error
	// Check returns an error that names the range if one of params is not good for the scenario called name. Nil
	// accepts everything. It must not take long: it is called while the user types.
	Check func(name string, params map[string]string) error
	// Start starts the scenario called name. It is needed if there are Entries or Run is given. Params holds only what
	// differs from the defaults.
	Start func(name string, params map[string]string) (Session, error)

	// Order returns a recording of the shortest order in which the scenario called name fails, which has a bug. It may
	// take seconds, and stops when ctx ends; no session runs meanwhile. Now and then it calls tried, with how many orders it has
	// tried, of how many at most. Nil: there is none to be had.
	Order func(ctx context.Context, name string, tried func(n, of int)) (*Playback, error)

	// Run starts the scenario of this name at once, with RunParams. Leaving it leads to the browser if there are Entries.
	Run       string
	RunParams map[string]string
	// Watch starts to watch a program, which Title names: its run is shown while it goes on, and then those that follow. It may
	// wait until the program runs.
	Watch func(context.Context) (ProgramRun, error)
	Title string
	// Sandbox makes a sandbox, which is shown at once.
	Sandbox func() (Sandbox, error)
	// Driver lets the user decide in what order things happen in the scenario called name. Nil: that cannot be done. Drive is the
	// scenario that is driven at once, with RunParams, and Token the order that it begins with, if that is not "".
	Driver func(name string, params map[string]string) (Driver, error)
	Drive  string
	Token  string
	// Program returns what can be driven of a token, or of what a recording says in the Text of its beginning. Nil: tokens and
	// recordings cannot be driven.
	Program func(text string) (*Program, error)
	// FromStart shows the order of Token from its first step on, and not from where it leads.
	FromStart bool
	// Open plays this at once.
	Open *Playback
	// Beside plays these two beside each other, at once, from where they begin to differ.
	Beside *[2]*Playback
	// Load reads a recording, which Title names, to be played at once. It may take long, tells how much of all it has done, and
	// stops when ctx ends.
	Load func(ctx context.Context, progress func(done, all int64)) (*Playback, error)

	// Export writes what f shows into the file called name, in the format that the ending of the name tells. Nil: nothing can be
	// written. It stops when ctx ends.
	Export func(ctx context.Context, name string, f *Film) error

	Keys          Keys // with which the user does what, where that is not the default
	Background    Background
	ASCII         bool    // draw with ASCII characters only
	NoColor       bool    // tell everything by glyphs and words
	HighContrast  bool    // nothing is faint, and colors are strong
	ReducedMotion bool    // nothing slides or blinks: tokens stand where they are
	NoMouse       bool    // leave the mouse to the terminal; can be changed with a key
	Speed         float64 // of the player at first; 0 is 1

	// Input and Output are the terminal; nil is the process's own.
	Input  io.Reader
	Output io.Writer
}

// Run shows the UI until the user leaves it or ctx ends. A session that still runs is stopped before Run returns, and
// the terminal is as it was. The error is nil if the user left or ctx ended; it is about the terminal, or about cfg, not
// about what a scenario did.
func Run(ctx context.Context, cfg Config) error {
	return run(ctx, cfg)
}
