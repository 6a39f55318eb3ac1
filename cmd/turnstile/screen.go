package main

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// A screen is the terminal that the UI draws on, and knows in which state it was found. The UI gives it back itself
// when it ends; the screen does if the UI does not come to that.
type screen struct {
	before *term.State // nil if there is none
	taken  atomic.Bool // the UI has it
	left   atomic.Pointer[left]

	guarded atomic.Pointer[os.File] // how the guard hears that it is not needed anymore; nil if there is none
}

// orderly is what the guard reads if it has nothing to do.
const orderly = "\x00"

// dismiss tells the guard, if there is one, that the terminal was given back.
func (s *screen) dismiss() {
	if report := s.guarded.Swap(nil); report != nil {
		_, _ = report.WriteString(orderly)
		_ = report.Close()
	}
}

// patience returns how long the program may take to end by itself after a signal.
func (s *screen) patience() time.Duration {
	if left := s.left.Load(); left != nil {
		return left.patience
	}
	return patience
}

// findScreen returns the terminal that the program is in.
func findScreen() *screen {
	before, err := term.GetState(os.Stdin.Fd())
	if err != nil {
		before = nil
	}
	return &screen{before: before}
}

// leave is what makes a terminal as it was before the UI drew on it.
const leave = ansi.ResetModifyOtherKeys + "\x1b[<1u" + // the keyboard
	ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseAnyEvent + ansi.ResetModeMouseExtSgr + ansi.ResetModeBracketedPaste +
	ansi.ResetModeSynchronizedOutput + ansi.ResetModeUnicodeCore +
	ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable + ansi.ResetStyle

// giveBack gives the terminal back as it was found, if the UI has it.
func (s *screen) giveBack() {
	if s.before == nil || !s.taken.Swap(false) {
		return
	}
	_, _ = os.Stdout.WriteString(leave)
	_ = term.Restore(os.Stdin.Fd(), s.before)
	s.dismiss()
}
