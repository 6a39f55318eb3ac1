package screen

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// A Screen is the terminal that the UI draws on, with the state in which it was found. The UI restores the terminal when it
// ends; the Screen restores it if the UI does not get that far.
type Screen struct {
	before *term.State // nil if there is none
	taken  atomic.Bool // the UI is drawing on it
	left   atomic.Pointer[left]

	guarded atomic.Pointer[os.File] // how the guard hears that it is not needed anymore; nil if there is none
}

// orderly is what the guard reads if it need not do anything.
const orderly = "\x00"

// dismiss tells the guard, if there is one, that the terminal was given back.
func (s *Screen) dismiss() {
	if report := s.guarded.Swap(nil); report != nil {
		_, _ = report.WriteString(orderly)
		_ = report.Close()
	}
}

// patience returns how long the program may take to end by itself after a signal.
func (s *Screen) patience() time.Duration {
	if left := s.left.Load(); left != nil {
		return left.patience
	}
	return patience
}

// Allow lets the program take d to end after a signal, until over is called. If the program is abandoned nevertheless, clean
// is called.
func (s *Screen) Allow(d time.Duration, clean func()) (over func()) {
	s.left.Store(&left{d, clean})
	return func() { s.left.Store(nil) }
}

// Take starts the guard and notes that the UI is drawing on the terminal. The caller calls release when the UI has ended.
func (s *Screen) Take() (release func()) {
	dismiss := s.guard()
	s.taken.Store(true)
	return func() {
		s.taken.Store(false)
		dismiss()
	}
}

// Find returns the terminal in which the program runs.
func Find() *Screen {
	before, err := term.GetState(os.Stdin.Fd())
	if err != nil {
		before = nil
	}
	return &Screen{before: before}
}

// leave is the escape sequence that undoes what the UI has changed.
const leave = ansi.ResetModifyOtherKeys + "\x1b[<1u" + // the keyboard
	ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseAnyEvent + ansi.ResetModeMouseExtSgr + ansi.ResetModeBracketedPaste +
	ansi.ResetModeSynchronizedOutput + ansi.ResetModeUnicodeCore +
	ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable + ansi.ResetStyle

// giveBack restores the terminal if the UI is drawing on it.
func (s *Screen) giveBack() {
	if s.before == nil || !s.taken.Swap(false) {
		return
	}
	_, _ = os.Stdout.WriteString(leave)
	_ = term.Restore(os.Stdin.Fd(), s.before)
	s.dismiss()
}
