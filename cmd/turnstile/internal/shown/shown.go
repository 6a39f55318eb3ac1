// Package shown converts results of package explore to what the UI shows.
package shown

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/tui"
)

// Moment returns m for the UI, and err.
func Moment(m *explore.Moment, err error) (*tui.Moment, error) {
	if m == nil || err != nil {
		return nil, err
	}
	shown := &tui.Moment{Made: m.Made, Before: m.Before, Events: m.Events}
	if m.Failure != nil {
		shown.Err = m.Failure
	}
	for _, s := range m.Steps {
		shown.Steps = append(shown.Steps, Step(s))
	}
	for _, c := range m.Choices {
		shown.Choices = append(shown.Choices, tui.Choice{G: c.G, Name: c.Task, What: strings.TrimSpace(c.Op + " " + c.Object), Where: c.Where, Default: c.Default})
	}
	return shown, nil
}

// Step returns s for the UI.
func Step(s explore.Step) tui.Step {
	return tui.Step{Who: s.Task, What: strings.TrimSpace(s.Op + " " + s.Object), Where: s.Where, Note: s.Note}
}
