package gotest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/shown"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// A Driver drives a test in a test binary, to which it sends requests. It implements tui.Driver.
type Driver struct {
	Title string // the name of the test, or the pattern for it

	ask   *os.File
	tell  *os.File
	out   console.Tail // of go test
	ended chan struct{}
	code  int    // may be read once ended is closed
	path  string // of the pipes, without their extensions
	stop  context.CancelFunc
	clean func()

	mu      sync.Mutex // guards what follows; held while a question is open
	id      int
	answers chan *anytest.DriveAnswer
}

// NewDriver builds a test, with the race detector if race is set, and returns a Driver of it. The test is the one of token, or,
// if token is "", the first that matches run in the package that args name, which are arguments of go test. The caller must
// close the Driver.
func (e *Env) NewDriver(ctx context.Context, in io.Reader, args []string, run, token string, race bool) (*Driver, error) {
	line, err := testline.Parse(args)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	for name := range line.Own {
		return nil, exit.With(exit.Usage, fmt.Errorf("drive takes the flags of go test, and -%s is not one", name))
	}
	if token != "" {
		line.Own["replay"] = token
	}
	config, err := line.Config()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	d := &Driver{Title: run, ended: make(chan struct{}), answers: make(chan *anytest.DriveAnswer, 1)}
	t := &goTest{e: e, line: line, config: config, in: in, out: &d.out, errs: &d.out}
	if err := t.findToken(); err != nil {
		return nil, err
	}
	if t.token != nil {
		d.Title = t.token.Test
	} else {
		line.Set("run", run)
	}
	line.Set("timeout", "0")
	line.Set("race", strconv.FormatBool(race))
	if err := t.prepare(ctx); err != nil {
		return nil, err
	}
	config.Replay = "" // the token is followed when the test runs
	config.Drive, config.Progress = filepath.Join(t.dir, "drive"), false
	d.path = config.Drive
	if race { // report a race each time, not only once
		t.env = []string{"GORACE=" + strings.TrimSpace(e.Getenv("GORACE")+" suppress_equal_stacks=0 suppress_equal_addresses=0 log_path="+d.path+".race")}
	}
	if d.ask, d.tell, err = pipes(config.Drive); err != nil {
		t.clean()
		return nil, exit.With(exit.Trouble, err)
	}
	ctx, d.stop = context.WithCancel(ctx)
	d.clean = t.clean
	go d.run(ctx, t)
	go d.listen()
	return d, nil
}

// Close ends the test binary.
func (d *Driver) Close() {
	_ = d.ask.Close() // which ends the test binary
	d.stop()
	<-d.ended
	_ = d.tell.Close()
	d.clean()
}

// run runs go test, which ends when d.ask is closed.
func (d *Driver) run(ctx context.Context, t *goTest) {
	defer close(d.ended)
	d.code, _ = t.run(ctx, testline.PhaseOnly) // the output says what went wrong
}

// listen reads the answers.
func (d *Driver) listen() {
	answers := json.NewDecoder(d.tell)
	for {
		a := new(anytest.DriveAnswer)
		if answers.Decode(a) != nil {
			return
		}
		select {
		case d.answers <- a:
		case <-d.ended:
			return
		}
	}
}

// asked sends a request to the test binary, and returns the answer.
func (d *Driver) asked(ctx context.Context, q *anytest.DriveRequest, tried func(n, of int)) (*anytest.DriveAnswer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.id++
	q.ID = d.id
	if err := json.NewEncoder(d.ask).Encode(q); err != nil {
		return nil, fmt.Errorf("the test binary: %w", err)
	}
	for {
		select {
		case a := <-d.answers:
			switch {
			case a.ID == q.ID && a.More:
				if tried != nil {
					tried(a.Tried, a.Of)
				}
			case a.ID != q.ID: // the answer to a request that was abandoned
			case a.Error != "":
				return nil, errors.New(a.Error)
			default:
				return a, nil
			}
		case <-d.ended:
			return nil, errors.New(d.why())
		case <-ctx.Done():
			d.endSearch(q)
			return nil, context.Cause(ctx) // it is the caller's
		}
	}
}

// endSearch stops the search of q, if q is one, and waits up to two seconds for that.
func (d *Driver) endSearch(q *anytest.DriveRequest) {
	if q.Do != "search" {
		return
	}
	file := d.path + ".stop"
	if os.WriteFile(file, nil, 0o600) != nil {
		return // it ends by itself
	}
	defer os.Remove(file)
	patience := time.NewTimer(2 * time.Second)
	defer patience.Stop()
	for {
		select {
		case a := <-d.answers:
			if a.ID == q.ID && !a.More {
				return
			}
		case <-d.ended:
			return
		case <-patience.C:
			return
		}
	}
}

// noTests matches what go test prints if there is no test with the name.
var noTests = regexp.MustCompile(`no tests to run|no test files`)

// why returns why go test has ended.
func (d *Driver) why() string {
	out := strings.TrimSpace(d.out.String())
	if noTests.MatchString(out) {
		return "there is no test of this name in the package"
	}
	if out == "" {
		return "go test has ended"
	}
	return "go test has ended: " + out
}

// moment requests a moment.
func (d *Driver) moment(ctx context.Context, q *anytest.DriveRequest, tried func(n, of int)) (*tui.Moment, error) {
	a, err := d.asked(ctx, q, tried)
	if err != nil || a.None {
		return nil, err
	}
	m := &tui.Moment{Made: a.Made, Before: a.Before}
	if m.Events, err = tracefile.Read(ctx, bytes.NewReader(a.Trace)); err != nil {
		return nil, fmt.Errorf("the recording of the test: %w", err)
	}
	if a.Failure != "" {
		m.Err = errors.New(a.Failure)
	}
	for _, s := range a.Steps {
		m.Steps = append(m.Steps, shown.Step(explore.Step(s)))
	}
	for _, c := range a.Choices {
		m.Choices = append(m.Choices, tui.Choice{G: c.G, Name: c.Task, What: strings.TrimSpace(c.Op + " " + c.Object), Where: c.Where, Default: c.Default})
	}
	return m, nil
}

// At implements tui.Driver.
func (d *Driver) At(ctx context.Context, made []int) (*tui.Moment, error) {
	return d.moment(ctx, &anytest.DriveRequest{Do: "at", Made: made}, nil)
}

// GoOn implements tui.Driver.
func (d *Driver) GoOn(ctx context.Context, made []int, seed uint64) (*tui.Moment, error) {
	return d.moment(ctx, &anytest.DriveRequest{Do: "on", Made: made, Seed: seed}, nil)
}

// Search implements tui.Driver.
func (d *Driver) Search(ctx context.Context, made []int, tried func(n, of int)) (*tui.Moment, error) {
	return d.moment(ctx, &anytest.DriveRequest{Do: "search", Made: made}, tried)
}

// Replay implements tui.Driver.
func (d *Driver) Replay(ctx context.Context, token string) (*tui.Moment, error) {
	return d.moment(ctx, &anytest.DriveRequest{Do: "replay", Token: token}, nil)
}

// Token implements tui.Driver.
func (d *Driver) Token(ctx context.Context, made []int) (string, error) {
	a, err := d.asked(ctx, &anytest.DriveRequest{Do: "token", Made: made}, nil)
	if err != nil {
		return "", err
	}
	return a.Token, nil
}

// Over reports whether go test has ended.
func (d *Driver) Over() bool {
	select {
	case <-d.ended:
		return true
	default:
		return false
	}
}
