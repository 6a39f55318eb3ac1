package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/gotest"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/interruptible"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// The lessons of ordinary Go are listed behind the scenarios. They are tests, which are built and explored as those of any
// package are, in a directory that they are unpacked into.

// catalog returns all scenarios, and then the lessons of ordinary Go.
func catalog() []*scenarios.Scenario {
	list := scenarios.All()
	for _, l := range ordinary.All() {
		list = append(list, &l.Scenario)
	}
	return list
}

// find returns the scenario of the given name, or the lesson of ordinary Go as one that has no Run.
func find(name string) (*scenarios.Scenario, error) {
	return scenarios.FindAmong(catalog(), name) // it says what is wrong
}

// findScenario is find for those who need a scenario that runs by itself: instead is what to do with a lesson.
func findScenario(name, instead string) (*scenarios.Scenario, error) {
	s, err := find(name)
	if err == nil && s.Run == nil {
		return nil, fmt.Errorf("%s is a lesson of ordinary Go; use turnstile %s %s", name, instead, name)
	}
	return s, err
}

// A workshop is where lessons are unpacked and built. It keeps the last one that was driven.
type workshop struct {
	opened sync.Mutex         // guards life and stop
	life   context.Context    // of what is built and driven
	stop   context.CancelFunc // nil: it is closed

	mu  sync.Mutex     // guards what follows; it is held while something is built
	dir string         // "": nothing is unpacked
	d   *gotest.Driver // nil: none

	of    *ordinary.Lesson // that d drives, nil if it is none
	token string           // of the test that d drives, "" if it is a lesson
}

// open returns the context of what is built and driven, which ends with ctx, or by clean.
func (w *workshop) open(ctx context.Context) context.Context {
	w.opened.Lock()
	defer w.opened.Unlock()
	if w.stop == nil {
		w.life, w.stop = context.WithCancel(ctx)
	}
	return w.life
}

// clean ends what is driven or built, and removes what was unpacked.
func (w *workshop) clean() {
	w.opened.Lock()
	if w.stop != nil {
		w.stop()
		w.life, w.stop = nil, nil
	}
	w.opened.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop()
	if w.dir != "" {
		_ = os.RemoveAll(w.dir)
		w.dir = ""
	}
}

// drop ends what is driven.
func (w *workshop) drop() {
	if w.d != nil {
		w.d.Close()
		w.d, w.of, w.token = nil, nil, ""
	}
}

// unpack returns the directory of the lessons' module.
func (w *workshop) unpack() (string, error) {
	if w.dir != "" {
		return w.dir, nil
	}
	dir, err := os.MkdirTemp("", "turnstile-lessons-")
	if err != nil {
		return "", err // it names the directory
	}
	if err := ordinary.Unpack(filepath.Join(dir, "ordinary")); err != nil {
		_ = os.RemoveAll(dir)
		return "", err // it names the file
	}
	w.dir = dir
	return dir, nil
}

// lessonArgs returns the arguments of go test that name the package of l, and its test too if named.
func (p *program) lessonArgs(l *ordinary.Lesson) ([]string, error) {
	p.workshop.mu.Lock()
	defer p.workshop.mu.Unlock()
	dir, err := p.workshop.unpack()
	if err != nil {
		return nil, exit.With(exit.Trouble, err)
	}
	return []string{"-C=" + filepath.Join(dir, "ordinary"), "-mod=mod", "-vet=off", "-trimpath", "./" + l.Dir}, nil
}

// tokenLesson returns the arguments of go test for the package that a token of a lesson is of, or args if it is of another.
func (p *program) tokenLesson(text string, args []string) ([]string, error) {
	token, err := gotest.ReadToken(text)
	if err != nil || len(args) > 0 || !strings.HasPrefix(token.Package, ordinary.Module+"/") {
		return args, nil //nolint:nilerr // the next reader of the token says what is wrong with it
	}
	for _, l := range ordinary.All() {
		if l.Package() == token.Package {
			return p.lessonArgs(l)
		}
	}
	return args, nil
}

// driven returns what drives l, which is built if it is not there yet. It lives until clean.
func (p *program) driven(ctx context.Context, l *ordinary.Lesson) (*gotest.Driver, error) {
	args, err := p.lessonArgs(l)
	if err != nil {
		return nil, err
	}
	w := &p.workshop
	ctx = w.open(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == l && !w.d.Over() {
		return w.d, nil
	}
	w.drop()
	d, err := p.tests().NewDriver(ctx, strings.NewReader(""), args, "^"+l.Test+"$", "", l.Expect == scenarios.ExpectRace && raceWorks(ctx))
	if err != nil {
		return nil, err
	}
	w.of, w.d = l, d
	return d, nil
}

// drivenBy returns what drives the test of a token, which is built if it is not there yet. It lives until clean.
func (p *program) drivenBy(ctx context.Context, text string) (*gotest.Driver, error) {
	token, err := gotest.ReadToken(text)
	if err != nil {
		return nil, err
	}
	w := &p.workshop
	ctx = w.open(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.d != nil && w.token == text && !w.d.Over() {
		return w.d, nil
	}
	w.drop()
	d, err := p.tests().NewDriver(ctx, strings.NewReader(""), nil, "", text, token.Race)
	if err != nil {
		return nil, err
	}
	w.token, w.d = text, d
	return d, nil
}

// raceWorks reports whether programs can be built with the race detector, which needs a C compiler.
func raceWorks(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, "go", "env", "CGO_ENABLED", "CC").Output()
	enabled, cc, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || enabled != "1" {
		return false
	}
	_, err = exec.LookPath(cc)
	return err == nil
}

// A lessonDriver drives a lesson, or the test of a token. It implements tui.Driver.
type lessonDriver struct {
	p     *program
	l     *ordinary.Lesson // nil: the test of
	token string
	life  context.Context // as long as the test binary lives
}

// moment builds the lesson, unless it is there, and asks for a moment.
func (d *lessonDriver) moment(ctx context.Context, ask func(*gotest.Driver) (*tui.Moment, error)) (*tui.Moment, error) {
	t, err := interruptible.Call(ctx, func() (*gotest.Driver, error) {
		if d.l == nil {
			return d.p.drivenBy(d.life, d.token)
		}
		return d.p.driven(d.life, d.l)
	})
	if err != nil {
		return nil, err
	}
	return ask(t)
}

// At implements tui.Driver.
func (d *lessonDriver) At(ctx context.Context, made []int) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.At(ctx, made) })
}

// GoOn implements tui.Driver.
func (d *lessonDriver) GoOn(ctx context.Context, made []int, seed uint64) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.GoOn(ctx, made, seed) })
}

// Search implements tui.Driver.
func (d *lessonDriver) Search(ctx context.Context, made []int, tried func(n, of int)) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.Search(ctx, made, tried) })
}

// Replay implements tui.Driver.
func (d *lessonDriver) Replay(ctx context.Context, token string) (*tui.Moment, error) {
	return d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) { return t.Replay(ctx, token) })
}

// Token implements tui.Driver.
func (d *lessonDriver) Token(ctx context.Context, made []int) (token string, err error) {
	_, err = d.moment(ctx, func(t *gotest.Driver) (*tui.Moment, error) {
		token, err = t.Token(ctx, made)
		return nil, err
	})
	return token, err
}

// performLesson runs l in the order of the given number and returns what happens.
func (p *program) performLesson(ctx, life context.Context, l *ordinary.Lesson, order int) (*tui.Moment, error) {
	d := &lessonDriver{p: p, l: l, life: life}
	if order > 0 {
		return d.GoOn(ctx, nil, uint64(order))
	}
	token, err := d.Token(ctx, l.Made)
	if err != nil {
		return nil, err
	}
	m, err := d.Replay(ctx, token)
	if err == nil && m.Err == nil && l.Expect != scenarios.ExpectClean {
		return nil, errors.New("the order to be shown does not fail on this machine")
	}
	return m, err
}

// lessonSettings returns the parameters that f sets for l. A lesson makes no pauses, which is what pace 0 asks for.
func lessonSettings(l *ordinary.Lesson, f *runFlags) (map[string]string, error) {
	of := *f
	if pace, err := strconv.ParseFloat(f.pace, 64); err == nil && pace == 0 {
		of.pace = ""
	}
	if of.pace != "" {
		return nil, fmt.Errorf("--pace %s: %s has no pauses to scale; use --speed to set how fast it is played", of.pace, l.Name)
	}
	return of.settings()
}

// lessonOrder returns the order that params ask for.
func lessonOrder(l *ordinary.Lesson, set map[string]string) (int, error) {
	params, err := l.NewParams(set)
	if err != nil {
		return 0, err // it says what is wrong
	}
	return params.Int(ordinary.Order.Name), nil
}

// A lessonRun is a lesson that is built and run, or its recording. It implements tui.Session.
type lessonRun struct {
	cancel context.CancelFunc
	done   chan struct{}

	// What may be read once done is closed.
	events []trace.Event
	err    error
	note   string // why it is the recording
}

// startLesson builds and runs l, and records it into the file record if that is not "". If it cannot be built, the recording
// takes its place.
func (p *program) startLesson(ctx context.Context, l *ordinary.Lesson, order int, record string) *lessonRun {
	life := ctx
	ctx, cancel := context.WithCancel(ctx)
	r := &lessonRun{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		defer cancel()
		m, err := p.performLesson(ctx, life, l, order)
		switch {
		case err == nil:
			r.events, r.err = m.Events, m.Err
		case order == 0 && ctx.Err() == nil:
			r.note = fmt.Sprintf("showing a recording: %v", err)
			if r.events, r.err = l.Recording(ctx); r.err == nil {
				r.err = failureIn(r.events)
			}
		default:
			r.err = err
		}
		if record == "" || len(r.events) == 0 {
			return
		}
		if err := p.recordTo(ctx, record, l.Name, r.events); err != nil {
			r.err = errors.Join(r.err, err)
		}
	}()
	return r
}

// failureIn returns how a recorded run has failed, nil if it has not.
func failureIn(events []trace.Event) error {
	for i := range events {
		if events[i].Kind == trace.KindFail {
			return errors.New(events[i].Text)
		}
	}
	return nil
}

// Drain implements tui.Session.
func (r *lessonRun) Drain(buf []trace.Event) []trace.Event {
	if !r.Done() {
		return buf
	}
	buf = append(buf, r.events...)
	r.events = nil
	return buf
}

// Done implements tui.Session.
func (r *lessonRun) Done() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Err implements tui.Session.
func (r *lessonRun) Err() error {
	if !r.Done() {
		return nil
	}
	return r.err
}

// Note returns further remarks once the session is done.
func (r *lessonRun) Note() string { return r.note }

// Stop implements tui.Session.
func (r *lessonRun) Stop() {
	r.cancel()
	<-r.done
}

// runLesson runs l in the form that f or the terminal asks for.
func (p *program) runLesson(ctx context.Context, l *ordinary.Lesson, f *runFlags) error {
	set, err := lessonSettings(l, f)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	order, err := lessonOrder(l, set)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	format, err := p.runFormat(f)
	if err != nil {
		return err
	}
	if format == "ui" {
		cfg := p.config(ctx, f.record)
		cfg.Run, cfg.RunParams = l.Name, set
		return p.show(ctx, cfg)
	}
	defer p.workshop.clean()
	patience := time.AfterFunc(time.Second, func() { console.Complain(p.errs, "the lesson is built with the patched library …") })
	r := p.startLesson(ctx, l, order, f.record)
	defer r.Stop()
	<-r.done
	patience.Stop()
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	if r.note != "" {
		console.Complain(p.errs, r.note)
	}
	if format == "json" {
		err = tracefile.Write(p.out, r.events)
	} else {
		err = p.printLesson(ctx, l, r, f.times)
	}
	switch {
	case p.out.Failure() != nil:
		return p.out.Failure()
	case err != nil:
		return err
	case r.err != nil:
		return exit.With(exit.Failed, fmt.Errorf("%s: %w", l.Name, r.err))
	}
	return nil
}

// printLesson prints what has happened as text.
func (p *program) printLesson(ctx context.Context, l *ordinary.Lesson, r *lessonRun, times bool) error {
	if err := timeline.WriteText(ctx, p.out, r.events); err != nil {
		return err // it says what it is about
	}
	if times {
		var s timeline.State
		for i := range r.events {
			_ = s.Apply(r.events[i])
		}
		writeTimes(p.out, &s)
	}
	if r.err == nil && len(r.events) > 0 {
		_, _ = fmt.Fprintf(p.out, "\n%s: the test passes in this order; to try all of them: turnstile check %s\n", l.Name, l.Name) // p.out keeps the error
	}
	return nil
}

// checkLesson explores l, as "turnstile test" does.
func (p *program) checkLesson(ctx context.Context, l *ordinary.Lesson, f *checkFlags, result *checkJSON) error {
	switch {
	case f.format != "text":
		return exit.With(exit.Usage, fmt.Errorf("%s is a test of ordinary Go, for which check prints what turnstile test does: omit --format", l.Name))
	case len(f.params) > 0:
		return exit.With(exit.Usage, fmt.Errorf("%s has no parameters that check uses", l.Name))
	}
	own := []string{"-runs=" + strconv.Itoa(f.budget), "-seed=" + strconv.FormatUint(f.seed, 10), "-strategy=" + f.strategy}
	if f.json {
		failure, err := p.exploredLesson(ctx, l, own, result)
		if err == nil && failure != nil {
			result.Failure = newFailure(failure)
			err = exit.With(exit.Failed, fmt.Errorf("%s: %w", l.Name, failure))
		}
		return err
	}
	args, err := p.lessonArgs(l)
	if err != nil {
		return err
	}
	defer p.workshop.clean()
	line, err := testline.Parse(slices.Concat(onlyLesson(l), []string{"-v"}, own, args))
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	return p.tests().Explore(ctx, line)
}

// onlyLesson returns the flags of go test with which l is run, and nothing else.
func onlyLesson(l *ordinary.Lesson) []string {
	flags := []string{"-run=^" + l.Test + "$"}
	if l.Expect == scenarios.ExpectRace {
		flags = append(flags, "-race")
	}
	return flags
}

// lessonFailure looks for the shortest order in which l fails.
func (p *program) lessonFailure(ctx context.Context, l *ordinary.Lesson) (*explore.Failure, error) {
	failure, err := p.exploredLesson(ctx, l, nil, new(checkJSON))
	if err == nil && failure == nil {
		err = suite.ErrNoOrder
	}
	return failure, err
}

// exploredLesson explores l with the given flags of turnstile test, stores what was covered in result, and returns the failure
// that it found, nil if there is none.
func (p *program) exploredLesson(ctx context.Context, l *ordinary.Lesson, own []string, result *checkJSON) (*explore.Failure, error) {
	args, err := p.lessonArgs(l)
	if err != nil {
		return nil, err
	}
	defer p.workshop.clean()
	r, out, err := p.tests().ExploreOne(ctx, slices.Concat(onlyLesson(l), own, args))
	if err != nil {
		return nil, err
	}
	result.Orders, result.Strategy, result.Exhausted = r.Orders, r.Strategy, r.Verdict == anytest.Exhausted
	switch {
	case len(r.Failures) > 0:
		result.Summary = fmt.Sprintf("%s after %d orders", r.Failures[0].Kind, r.Failures[0].Order)
		return p.tests().Replay(ctx, r.Failures[0].Token, args)
	case r.Test == "":
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s could not be run: %s", l.Name, strings.TrimSpace(out)))
	case r.Verdict == anytest.Refused:
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s cannot be explored: %s", l.Name, r.Reason))
	}
	result.Summary = fmt.Sprintf("%s: %d orders", r.Verdict, r.Orders)
	return nil, nil // it does not fail
}

// lessonMaterial returns what happens in l, for an export.
func (p *program) lessonMaterial(ctx context.Context, l *ordinary.Lesson, f *exportFlags) (*tui.Playback, error) {
	set, err := lessonSettings(l, &f.runFlags)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	order, err := lessonOrder(l, set)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	defer p.workshop.clean()
	r := p.startLesson(ctx, l, order, "")
	defer r.Stop()
	<-r.done
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx) // it is the signal
	case len(r.events) == 0:
		return nil, r.err
	}
	return &tui.Playback{Title: l.Name, Events: r.events, Note: r.note, Err: r.err}, nil
}
