package explore

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// A fakeTB is a test that may fail.
type fakeTB struct {
	testing.TB
	dir    string
	fatal  string
	logged string
}

func (f *fakeTB) Failed() bool        { return f.fatal != "" }
func (f *fakeTB) ArtifactDir() string { return f.dir }
func (f *fakeTB) Fatalf(format string, args ...any) {
	f.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (f *fakeTB) Logf(format string, args ...any) { f.logged = fmt.Sprintf(format, args...) }

// run returns the effects of Test on a test.
func run(t *testing.T, program func(*E), opts ...Option) *fakeTB {
	t.Helper()
	f := &fakeTB{TB: t, dir: t.TempDir()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Test(f, program, opts...)
	}()
	<-done
	return f
}

func TestTest(t *testing.T) {
	artifacts := flag.Lookup("test.artifacts").Value
	defer func(was string) { _ = artifacts.Set(was) }(artifacts.String())
	_ = artifacts.Set("true")
	if f := run(t, abab); f.fatal != "" || f.logged != "explore: exhausted: 4 traces" {
		t.Errorf("logged %q, failed with %q", f.logged, f.fatal)
	}
	f := run(t, abba)
	first, rest, _ := strings.Cut(f.fatal, "\n")
	_, token, _ := strings.Cut(first, "[replay: ")
	token = strings.TrimSuffix(token, "]")
	if !strings.HasPrefix(token, search.TokenPrefix) {
		t.Fatalf("no token in the first line of %q", f.fatal)
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if len([]rune(line)) > reportWidth && !strings.HasPrefix(line, "recording: ") {
			t.Errorf("a line of more than %d columns: %s", reportWidth, line)
		}
	}
	if want := "cycle: ann holds mutex-1 and waits for mutex-2; ben holds mutex-2 and waits for mutex-1"; !strings.Contains(rest, want) {
		t.Errorf("%q is not in %s", want, rest)
	}
	file, err := os.Open(filepath.Join(f.dir, "explore.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if events, err := tracefile.Read(t.Context(), file); err != nil || len(events) < 10 {
		t.Errorf("the recording has %d events, %v", len(events), err)
	}
	_ = artifacts.Set("false")
	if f := run(t, abba); strings.Contains(f.fatal, "recording: ") || !strings.Contains(f.fatal, "-artifacts keeps") {
		t.Errorf("without artifacts it says %s", f.fatal)
	}
	t.Setenv(ReplayVariable, token)
	if again := run(t, abba, DFS()); !strings.HasPrefix(again.fatal, first) || !strings.Contains(again.fatal, "(replayed)") {
		t.Errorf("replayed:\n%s\nwant:\n%s", again.fatal, f.fatal)
	}
	if f := run(t, locked); !strings.Contains(f.logged, "could not be followed") {
		t.Errorf("the token of another program: logged %q, failed with %q", f.logged, f.fatal)
	}
}

func TestTokens(t *testing.T) {
	want := search.Token{Name: "TestX a=1", Anytime: true, Steps: 300, Hash: 77, Deviations: []search.Deviation{{Step: 2, Pick: 1}, {Step: 250, Pick: 3}}, Samples: make([]byte, 23), Whole: true}
	text := want.String()
	got, err := search.ParseToken(text)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for n := range len(text) {
		cut, err := search.ParseToken(text[:n])
		if err == nil && (cut.Whole || cut.Name != want.Name || len(cut.Deviations) > 2) {
			t.Errorf("cut off after %d: %v", n, cut)
		}
	}
	for _, bad := range []string{"", "x", "s2x9AAAA", text + "AAAA", text[:len(text)-2] + "zz", search.TokenPrefix + "!!"} {
		if got, err := search.ParseToken(bad); err == nil && got.Whole {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
}

// A token that no longer fits the program says where.
func TestDivergence(t *testing.T) {
	other := false
	program := func(e *E) {
		var a, b sync2.Mutex
		e.Go("ann", func() {
			a.Lock()
			a.Unlock()
			if other {
				b.TryLock()
			}
		})
		e.Go("ben", func() { a.Lock(); b.Lock(); e.Fail("ben has both") })
		e.Join()
	}
	r := Explore("p", program, Random(100))
	other = true
	again := Explore("p", program, Replay(r.Failure.Token))
	if !strings.HasPrefix(again.Diverged, "at step ") || !strings.HasSuffix(again.Diverged, "where ann now does TryLock") {
		t.Errorf("%q after %s", again.Diverged, r.Failure.Report())
	}
	if !strings.Contains(again.String(), again.Diverged) {
		t.Errorf("it says %q", again)
	}
	other = false
	if again = Explore("p", program, Replay(r.Failure.Token)); again.Diverged != "" || again.Failure == nil {
		t.Errorf("diverged %q", again.Diverged)
	}
}

// Whatever a token contains, it is parsed or refused at once, and followed within the limits of the exploration.
func FuzzToken(f *testing.F) {
	f.Add("")
	f.Add(search.TokenPrefix)
	f.Add(search.Token{Name: "x", Deviations: []search.Deviation{{Step: 1, Pick: 1}}}.String())
	f.Add(search.Token{Name: "p", Steps: 9, Deviations: []search.Deviation{{Step: 1, Pick: 1}, {Step: 4, Pick: 2}, {Step: 1 << 30, Pick: math.MaxInt32}}, Samples: make([]byte, 9)}.String())
	f.Add(search.Token{Name: "p", Endless: true, Steps: math.MaxInt32, Samples: make([]byte, 23)}.String())
	f.Add(search.Token{Name: "p", Endless: true, Steps: 100, Walk: &search.Walk{Seed: 1, Run: 2}, Samples: make([]byte, 20)}.String())
	f.Add(search.Token{Name: "p", Package: "example.com/p", Amid: true, Steps: 70_000, Samples: make([]byte, 23)}.String())
	f.Add(search.Token{Name: "p", Package: "example.com/p", Walk: &search.Walk{Seed: 1, Run: 2, Depth: 3, Unfair: 5000, Length: 70}, Steps: 10, Samples: make([]byte, 10)}.String())
	f.Add(search.Token{Name: "p", Anytime: true, Steps: 20}.String()[:14])
	f.Add(search.Token{Name: "\x1b[31m\xff"}.String())
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := search.ParseToken(s)
		if err != nil {
			if tok.Name != "" || err.Error() == "" || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("%q is refused with %q and read as %v", s, err, tok)
			}
		} else if len(tok.Deviations) > len(s) || len(tok.Name) > search.MaxName || tok.Name != search.TokenName(tok.Name) {
			t.Errorf("%q has %d deviations and is of %q", s, len(tok.Deviations), tok.Name)
		} else if again, err := search.ParseToken(tok.String()); tok.Whole && (err != nil || fmt.Sprint(again) != fmt.Sprint(tok)) {
			t.Errorf("%q is %v, and written anew %v, %v", s, tok, again, err)
		}
		const most = 500
		r := Explore(tok.Name, locked, Replay(s), Steps(most))
		switch bad := r.Failure != nil && r.Failure.Kind == KindBadToken; {
		case err != nil && !bad:
			t.Errorf("%q: %v, though it is refused: %v", s, r, err)
		case r.Failure != nil && !bad && !tok.Endless || r.Steps > most || bad && r.Runs > 0:
			t.Errorf("%q: %v, %v", s, r, r.Failure)
		}
	})
}

// A token that cannot be replayed fails the test with a message that says why.
func TestBadTokens(t *testing.T) {
	good := Explore("p", abba, Random(100)).Failure.Token
	for tok, want := range map[string]string{
		"":                               "not a token",
		"x":                              "does not begin with",
		good[:6]:                         "too much of it is missing",
		good + "AAAA":                    "checksum",
		"s2x9" + good[4:]:                "of this version",
		search.Token{Name: "q"}.String(): `it is of the program "q", and this is "p"`,
		search.Token{Name: "p", Endless: true, Steps: 1e7, Samples: make([]byte, 23)}.String(): "a run of 10000000 operations, and a run may have 10000",
		search.Token{Name: "\x1b[31m"}.String():                                                "cannot be printed",
	} {
		r := Explore("p", abba, Replay(tok))
		if r.Failure == nil || r.Failure.Kind != KindBadToken || !strings.Contains(r.Failure.Message, want) || r.Runs != 0 {
			t.Errorf("%q: %v, %v, want …%s…", tok, r, r.Failure, want)
		}
	}
	if f := run(t, abba, Replay("s2x")); !strings.Contains(f.fatal, "bad token: ") {
		t.Errorf("it failed with %q", f.fatal)
	}
}

// A program may have any name. Its token has the printable part of it.
func TestNamesInTokens(t *testing.T) {
	for _, name := range []string{"", "a b=1", "\x1b[31mred", "\xff", "a\nb", strings.Repeat("é", search.MaxName)} {
		r := Explore(name, abba, Random(100))
		if r.Failure == nil {
			t.Fatal(r)
		}
		if got, err := TokenProgram(r.Failure.Token); err != nil || strings.ContainsFunc(got, unicode.IsControl) || len(got) > search.MaxName {
			t.Errorf("%q is %q in the token, %v", name, got, err)
		}
		if again := Explore(name, abba, Replay(r.Failure.Token)); again.Failure == nil || again.Failure.Kind != KindDeadlock {
			t.Errorf("%q: %v, %v", name, again, again.Failure)
		}
	}
}

// A livelock has thousands of deviations, yet its token is as short as others.
func TestTokenOfLivelock(t *testing.T) {
	program := func(e *E) {
		var ready sync2.Event
		for _, name := range []string{"ann", "ben"} {
			e.Go(name, func() {
				for !ready.IsSet() {
					e.Yield()
				}
			})
		}
		e.Join()
	}
	r := Explore("p", program, Random(10), Steps(700), Seed(1<<60))
	if r.Failure == nil || r.Failure.Kind != KindLivelock || len(r.Failure.Token) > 120 {
		t.Fatalf("%v: %v, with the token %s", r, r.Failure, r.Failure.Token)
	}
	for range 3 {
		again := Explore("p", program, Replay(r.Failure.Token))
		if again.Diverged != "" || again.Failure == nil || again.Failure.Error() != r.Failure.Error() || again.Failure.Token != r.Failure.Token {
			t.Fatalf("%v: %v, want %v", again, again.Failure, r.Failure)
		}
	}
}
