package main

import (
	"context"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/engine"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/record"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/session"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/shown"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/source"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/tui"
)

// config returns the configuration with which the UI browses and runs the scenarios. Each run is recorded into file, unless file
// is "", so that it has the last run.
func (p *program) config(ctx context.Context, file string) tui.Config {
	params := func(name string, set map[string]string) (*scenarios.Scenario, scenarios.Params, error) {
		s, err := find(name)
		if err != nil {
			return nil, scenarios.Params{}, err
		}
		params, err := s.NewParams(set)
		return s, params, err
	}
	kept := &marks{file: stateFile(p.getenv)}
	before, _ := kept.read() // an error of reading is reported when a mark is saved
	return tui.Config{
		Entries: entries(),
		First:   startHere,
		Marks:   before,
		Mark:    kept.add,
		Check: func(name string, set map[string]string) error {
			_, _, err := params(name, set)
			return err
		},
		Start: func(name string, set map[string]string) (tui.Session, error) {
			s, values, err := params(name, set)
			if err != nil {
				return nil, err
			}
			if l := ordinary.Find(name); l != nil {
				return p.startLesson(ctx, l, values.Int(ordinary.Schedule.Name), file), nil
			}
			found := scenarios.WithEngine(ctx, p.findEngine)
			ses, err := session.Start(found, s, values, record.As{File: file, Label: record.Label(name, set)})
			if err != nil {
				return nil, err // as it is: a nil *session is not a nil tui.Session
			}
			ses.Sources = source.New(false)
			return ses, nil
		},
		Driver:  func(name string, set map[string]string) (tui.Driver, error) { return p.driverOf(ctx, name, set) },
		Program: func(text string) (*tui.Program, error) { return p.programOf(ctx, text) },
		Shortest: func(ctx context.Context, name string, set map[string]string, tried func(n, of int)) (*tui.Playback, error) {
			if l := ordinary.Find(name); l != nil {
				events, err := l.Recording(ctx)
				return &tui.Playback{Title: name, Events: events}, err // it says what is wrong
			}
			s, err := scenarios.Find(name)
			if err != nil {
				return nil, err // it says what is wrong
			}
			f, err := suite.Shortest(ctx, s, set, tried)
			if err != nil {
				return nil, err // likewise
			}
			pb := &tui.Playback{Title: name, Events: f.Events, Err: f, Program: f.Token}
			for _, step := range f.Steps {
				pb.Steps = append(pb.Steps, shown.Step(step))
			}
			return pb, nil
		},
	}
}

// buildingTest describes what takes long before a test of ordinary Go runs.
const buildingTest = "building the test " + console.FirstTime

// show runs the UI.
func (p *program) show(ctx context.Context, cfg tui.Config) error {
	defer p.workshop.Clean()
	keys, err := p.look.readSettings(configFile(p.getenv))
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	cfg.Keys = keys
	p.look.apply(&cfg, p.getenv)
	cfg.Export = p.exportSeen
	if err := p.ui(ctx, cfg); err != nil {
		return exit.With(exit.Trouble, err)
	}
	return context.Cause(ctx)
}

// entries returns the catalog for the UI.
func entries() []tui.Entry {
	var list []tui.Entry
	for _, s := range catalog() {
		e := tui.Entry{
			Name: s.Name, Title: s.Title, Category: s.Category.String(), Lesson: s.Lesson,
			Expects: s.Expect.String(), Twin: s.Twin, LookFor: s.Look, Hints: s.Hints,
		}
		switch {
		case s.Run == nil:
			e.Even, e.Preparing = true, buildingTest
		case s.Category == scenarios.CategoryHosts:
			e.Preparing = "starting; " + engine.Name + " is built if there is none yet"
		}
		for _, param := range s.AllParams() {
			e.Params = append(e.Params, tui.Param{
				Name: param.Name, Help: param.Help, Default: param.DefaultText(), Range: param.Range(),
			})
		}
		list = append(list, e)
	}
	return list
}
