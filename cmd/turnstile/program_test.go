package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/screen"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/session"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// stuckVariable makes the test binary a program whose UI has the terminal and that does not end by itself:
// stuck, where that can be tested.
const stuckVariable = "TURNSTILE_TEST_STUCK"

var stuck func(how string) int

func TestMain(m *testing.M) {
	if child, err := suite.Child(context.Background(), os.Stdout); child {
		if err != nil {
			panic(err)
		}
		return
	}
	if screen.BeGuard() {
		return
	}
	if how := os.Getenv(watchedVariable); how != "" {
		os.Exit(watched(how))
	}
	if how := os.Getenv(stuckVariable); how != "" {
		os.Exit(stuck(how))
	}
	// The parent of the test may ignore signals, as nohup does, and child processes inherit ignored signals.
	// A signal that is caught here has its default action there.
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTERM} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(built.dir)
		os.Exit(code)
	}))
}

// A result is the outcome of a command line.
type result struct {
	code      int
	out, errs string
	ui        *tui.Config // what the UI was asked to show, nil if it was not
}

// in is the environment in which a command line runs.
type in struct {
	ctx      context.Context // nil: the test's
	terminal bool
	columns  int // 0: not known
	env      map[string]string
	stdin    string
	stream   io.Reader                               // instead of stdin, if it is not nil
	printed  func(out string)                        // called with the output so far after each write
	ui       func(context.Context, tui.Config) error // what the UI does, nil: nothing
}

// do runs a command line, whose words are separated by blanks.
func (i in) do(t *testing.T, line string) result {
	t.Helper()
	var r result
	var out, errs bytes.Buffer
	p := &program{
		in:      strings.NewReader(i.stdin),
		columns: func() int { return i.columns },
		out: &console.Writer{W: console.WriterFunc(func(b []byte) (int, error) {
			n, err := out.Write(b)
			if i.printed != nil {
				i.printed(out.String())
			}
			return n, err
		})},
		errs: &errs, terminal: i.terminal,
		getenv: func(name string) string { return i.env[name] },
		ui: func(ctx context.Context, cfg tui.Config) error {
			r.ui = &cfg
			if cfg.Load != nil {
				pb, err := cfg.Load(ctx, func(_, _ int64) {})
				if err != nil {
					return err
				}
				cfg.Open = pb
			}
			if i.ui != nil {
				return i.ui(ctx, cfg)
			}
			return nil
		},
	}
	if i.stream != nil {
		p.in = i.stream
	}
	ctx := i.ctx
	if ctx == nil {
		ctx = t.Context()
	}
	r.code = p.execute(ctx, strings.Fields(line))
	r.out, r.errs = out.String(), errs.String()
	return r
}

func TestUsage(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"run", `scenario missing; "turnstile list" names them`},
		{"run barier", `no scenario is called "barier"; did you mean "barrier"?`},
		{"run barrier event", `run takes one scenario, not also "event"; parameters are given as -p key=value`},
		{"run barrier -p workers", "-p workers: a parameter is given as key=value"},
		{"run barrier -p workers=0", "barrier: workers=0: out of range, must be 1 … 1000"},
		{"run barrier -p worker=3", `barrier has no parameter "worker"; did you mean "workers"?`},
		{"run barrier --pace 11", "barrier: pace=11: out of range, must be 0 … 10"},
		{"run barrier --pace slow", "barrier: pace=slow: must be a number, 0 … 10"},
		{"run barrier --format html", "--format html: must be one of ui, text, json"},
		{"run barrier --format ui", "--format ui: input and output must be a terminal"},
		{"run barrier --frmat ui", "unknown flag: --frmat"},
		{"play", "play takes one file"},
		{"play a b", "play takes one file"},
		{"play a --format json", "--format json: must be one of ui, text"},
		{"list all", `unknown command "all" for "turnstile list"`},
		{"lst", `unknown command "lst"; did you mean "list"?`},
		{"barrier", `"barrier" is a scenario; to run it: turnstile run barrier`},
		{"dance", `unknown command "dance"`},
		{"help lst", `unknown command "lst"; did you mean "list"?`},
		{"help barrier", `"barrier" is a scenario; to run it: turnstile run barrier`},
		{"completion tcsh", `no completion for "tcsh", only for bash, fish, powershell, zsh`},
		{"list --speed 0", "--speed 0: out of range, must be 0.1 … 100"},
		{"run barrier --background red", "--background red: must be auto, dark or light"},
		{"replay", "replay takes a token"},
		{"replay xyz", "explore: not a token"},
	} {
		r := in{}.do(t, test.line)
		if r.code != exit.Usage || !strings.HasPrefix(r.errs, "turnstile: "+test.want) || r.out != "" {
			t.Errorf("turnstile %s: code %d\n got %s\nwant %s", test.line, r.code, r.errs, test.want)
		}
	}
}

func TestRunText(t *testing.T) {
	r := in{}.do(t, "run barrier --pace 0 -p workers=2")
	if r.code != exit.OK || r.errs != "" {
		t.Fatalf("code %d, %s", r.code, r.errs)
	}
	for _, want := range []string{"worker-2", "arrives at gate", "opens gate", "barrier: the invariant held\n"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in\n%s", want, r.out)
		}
	}
	if strings.Contains(r.out, "worker-3") || strings.Contains(r.out, "goroutine-") {
		t.Errorf("a goroutine too many in\n%s", r.out)
	}
}

func TestRunJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "event.jsonl")
	r := in{}.do(t, "run event --pace 0 --format json --record "+file)
	if r.code != exit.OK || r.errs != "" {
		t.Fatalf("code %d, %s", r.code, r.errs)
	}
	events, err := tracefile.Read(t.Context(), strings.NewReader(r.out))
	if err != nil || len(events) == 0 || events[len(events)-1].Kind != trace.KindEnd {
		t.Errorf("%d events, error %v", len(events), err)
	}
	recorded, err := os.ReadFile(file)
	if err != nil || string(recorded) != r.out {
		t.Errorf("the recording differs from the output, or: %v", err)
	}
}

// Bare turnstile without a terminal runs barrier as text, at the pace for people, and says what it would have done.
// The context ends it at once, so that the test need not wait.
// Without the player, a scenario that hangs is stopped and reported as failed.
func TestRunThatHangs(t *testing.T) {
	const why = "deadlock: owner holds plain-lock and waits for plain-lock; because of it main → end of owner → …" // and the neighbor, if it was not first
	file := filepath.Join(t.TempDir(), "hangs.jsonl")
	for _, line := range []string{"run relock-plain --pace 0 --record " + file, "run relock-plain --pace 0 --format json"} {
		r := in{}.do(t, line)
		if r.code != exit.Failed || !strings.HasPrefix(r.errs, "turnstile: relock-plain: "+why) || strings.Count(r.errs, "\n") != 1 || !strings.Contains(r.out, why) {
			t.Errorf("%s: code %d, %q\n%s", line, r.code, r.errs, r.out)
		}
	}
	if r := (in{}).do(t, "play "+file); r.code != exit.OK || !strings.Contains(r.out, " ends: "+why) {
		t.Errorf("code %d, %q\n%s", r.code, r.errs, r.out)
	}
}

func TestBareWithoutTerminal(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&exit.SignalError{Signal: syscall.SIGINT})
	r := in{ctx: ctx}.do(t, "")
	if r.ui != nil || r.code != 130 {
		t.Errorf("code %d, UI %v", r.code, r.ui)
	}
	if !strings.Contains(r.errs, "no terminal") || !strings.Contains(r.errs, "turnstile: stopped: interrupt\n") {
		t.Error(r.errs)
	}
	if !strings.Contains(r.out, "worker-3") || strings.Contains(r.out, "held") {
		t.Error(r.out)
	}
}

func TestInterruptedRunLeavesRecording(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	file := filepath.Join(t.TempDir(), "x.jsonl")
	interrupt := func(out string) {
		if strings.Contains(out, "active: worker-1") {
			cancel(&exit.SignalError{Signal: syscall.SIGTERM})
		}
	}
	r := in{ctx: ctx, printed: interrupt}.do(t, "run semaphore --pace 2 --record "+file)
	if r.code != 143 {
		t.Errorf("code %d, %s", r.code, r.errs)
	}
	played := in{}.do(t, "play "+file)
	if played.code != exit.OK || !strings.Contains(played.out, "the trace ends") || !strings.HasPrefix(r.out, played.out) {
		t.Errorf("played with code %d:\n%s\nrun printed:\n%s", played.code, played.out, r.out)
	}
}

// closed is a writer like a pipe whose reader closes it after n bytes.
type closed struct{ n int }

func (c *closed) Write(b []byte) (int, error) {
	if c.n -= len(b); c.n < 0 {
		return 0, syscall.EPIPE
	}
	return len(b), nil
}

func TestClosedPipe(t *testing.T) {
	for _, line := range []string{"run barrier --pace 10", "run barrier --pace 10 --format json", "list", "list --json"} {
		var errs bytes.Buffer
		p := &program{in: strings.NewReader(""), out: &console.Writer{W: &closed{100}}, errs: &errs, getenv: func(string) string { return "" }}
		begin := time.Now()
		if code := p.execute(t.Context(), strings.Fields(line)); code != exit.ClosedPipe || errs.Len() > 0 {
			t.Errorf("turnstile %s: code %d, %s", line, code, &errs)
		}
		if d := time.Since(begin); d > 15*time.Second { // at pace 10 a whole run takes longer
			t.Errorf("turnstile %s went on for %v with nobody there", line, d)
		}
	}
}

func TestList(t *testing.T) {
	r := in{}.do(t, "list")
	if r.code != exit.OK || !strings.Contains(r.out, "Primitives (") || !strings.Contains(r.out, "  barrier-abort  ") {
		t.Errorf("code %d, %s", r.code, r.out)
	}
	r = in{}.do(t, "list --json")
	var list []map[string]any
	if err := json.Unmarshal([]byte(r.out), &list); err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s["name"] == "barrier" && s["category"] == "Primitives" && s["expect"] == "clean" {
			return
		}
	}
	t.Errorf("no barrier in %s", r.out)
}

func TestPlay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.jsonl")
	whole := in{}.do(t, "run counter --pace 0 --format json").out
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(whole)
	if r := (in{terminal: true}).do(t, "play "+file); r.code != exit.OK || r.ui == nil || r.ui.Open == nil ||
		r.ui.Open.Title != "x.jsonl" || len(r.ui.Open.Events) == 0 || r.ui.Open.Note != "" {
		t.Errorf("in a terminal: %+v", r)
	}
	if r := (in{stdin: whole}).do(t, "play -"); r.code != exit.OK || !strings.Contains(r.out, "the trace ends") {
		t.Errorf("from the standard input: %+v", r)
	}
	write(whole[:len(whole)-5])
	if r := (in{}).do(t, "play "+file); r.code != exit.OK || !strings.HasPrefix(r.errs, "turnstile: x.jsonl: ") ||
		!strings.Contains(r.errs, "incomplete") || !strings.Contains(r.out, "worker-1") {
		t.Errorf("torn: %+v", r)
	}
	for text, want := range map[string]string{
		"":      "not a turnstile trace",
		"hello": "not a turnstile trace",
		`{"format":"turnstile-trace","version":99}` + "\n": "version 99",
	} {
		write(text)
		if r := (in{}).do(t, "play "+file); r.code != exit.Trouble || !strings.Contains(r.errs, want) || !strings.Contains(r.errs, file) {
			t.Errorf("%q: %+v", text, r)
		}
	}
	if r := (in{}).do(t, "play "+file+".none"); r.code != exit.Trouble || !strings.Contains(r.errs, ".none") {
		t.Errorf("missing: %+v", r)
	}
}

func TestRecordCannotBeWritten(t *testing.T) {
	r := in{}.do(t, "run counter --pace 0 --record "+filepath.Join(t.TempDir(), "no", "such", "place"))
	if r.code != exit.Trouble || !strings.Contains(r.errs, "--record") || r.out != "" || trace.Running() {
		t.Errorf("%+v", r)
	}
}

func TestUIConfig(t *testing.T) {
	r := in{terminal: true}.do(t, "")
	if r.code != exit.OK || r.ui == nil || len(r.ui.Entries) < 8 || r.ui.Run != "" {
		t.Errorf("bare: %+v", r)
	}
	r = in{terminal: true}.do(t, "run barrier --pace 2 -p workers=5 --ascii --reduced-motion --no-mouse --background light --speed 4")
	cfg := r.ui
	if r.code != exit.OK || cfg.Run != "barrier" || cfg.RunParams["pace"] != "2" || cfg.RunParams["workers"] != "5" ||
		!cfg.ASCII || !cfg.ReducedMotion || !cfg.NoMouse || cfg.NoColor || cfg.Background != tui.BackgroundLight || cfg.Speed != 4 {
		t.Errorf("run: %+v", r)
	}
	for value, want := range map[string]bool{"": false, "0": true, "false": true} {
		if r := (in{terminal: true, env: map[string]string{"NO_COLOR": value}}).do(t, ""); r.ui.NoColor != want {
			t.Errorf("NO_COLOR=%q: no color is %t", value, r.ui.NoColor)
		}
	}
	for line, want := range map[string]string{
		"--speed 1000":     "--speed 1000: out of range, must be 0.1 … 100",
		"--speed NaN":      "--speed NaN: out of range",
		"--background red": "--background red: must be auto, dark or light",
	} {
		if r := (in{terminal: true}).do(t, line); r.code != exit.Usage || !strings.Contains(r.errs, want) {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// The sessions that the UI starts: drained live, stopped, one after another, and recorded.
func TestSessions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.jsonl")
	r := in{terminal: true, ui: func(_ context.Context, cfg tui.Config) error {
		if _, err := cfg.Start("barier", nil); err == nil {
			return errors.New("an unknown scenario was started")
		}
		if err := cfg.Check("barrier", map[string]string{"workers": "0"}); err == nil || !strings.Contains(err.Error(), "1 … 1000") {
			return errors.New("a parameter out of range was accepted")
		}
		stopped, err := cfg.Start("barrier", map[string]string{"pace": "10"})
		if err != nil {
			return err
		}
		if s, err := cfg.Start("event", nil); err == nil || s != nil {
			return errors.New("a second session was started beside the first")
		}
		stopped.Stop()
		stopped.Stop()
		if !stopped.Done() || !errors.Is(stopped.Err(), session.ErrStopped) {
			return errors.Join(errors.New("the first session did not stop"), stopped.Err())
		}
		ses, err := cfg.Start("barrier", map[string]string{"pace": "0"})
		if err != nil {
			return err
		}
		defer ses.Stop()
		var events []trace.Event
		for done := false; !done; {
			done = ses.Done()
			events = ses.Drain(events)
		}
		if ses.Err() != nil || events[len(events)-1].Kind != trace.KindEnd {
			return errors.Join(errors.New("the second session failed"), ses.Err())
		}
		return nil
	}}.do(t, "run barrier --record "+file)
	if r.code != exit.OK || r.errs != "" {
		t.Fatal(r.code, r.errs)
	}
	if r := (in{}).do(t, "play "+file); r.code != exit.OK || !strings.Contains(r.out, "opens gate") {
		t.Errorf("the last session was not recorded: %+v", r)
	}
}

func TestUIError(t *testing.T) {
	r := in{terminal: true, ui: func(context.Context, tui.Config) error { return io.ErrUnexpectedEOF }}.do(t, "")
	if r.code != exit.Trouble || !strings.Contains(r.errs, "unexpected EOF") {
		t.Errorf("%+v", r)
	}
}

func TestHelpVersionCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"--help":                        "Exit codes:",
		"help run":                      "-p, --param key=value",
		"help run barrier":              "-p, --param key=value",
		"help help":                     "turnstile help [command]",
		"completion":                    "powershell",
		"export --help":                 "--at",
		"check --help":                  "Exit codes:",
		"replay --help":                 "EXPLORE_REPLAY=",
		"check --version":               "turnstile ",
		"replay --version":              "turnstile ",
		"export --version":              "turnstile ",
		"completion zsh --version":      "turnstile ",
		"run --help":                    "Exit codes:",
		"list --help":                   "--json",
		"play --help":                   "FILE may be -",
		"--version":                     "turnstile ",
		"version":                       "turnstile ",
		"run --version":                 "turnstile ",
		"list --version":                "turnstile ",
		"play --version":                "turnstile ",
		"completion bash":               "__start_turnstile",
		"completion fish":               "complete -c turnstile",
		"__complete run barr":           "barrier-abort\tSomebody calls the meeting off",
		"__complete run barrier -p x":   "workers=\tnumber of workers that meet, 1 … 1000",
		"__complete run x --format t":   "text",
		"__complete run --background a": "light",
	} {
		if r := (in{}).do(t, line); r.code != exit.OK || !strings.Contains(r.out, want) {
			t.Errorf("turnstile %s: code %d, no %q in\n%s%s", line, r.code, want, r.out, r.errs)
		}
	}
}
