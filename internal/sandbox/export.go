package sandbox

import (
	"errors"
	"fmt"
	"go/format"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A step is something the user did, with its result.
type step struct {
	kind   stepKind
	name   string // of the object, goroutine or function
	code   string
	call   *call
	bodies []*body

	at    time.Duration // when every goroutine was at rest again
	done  []*call       // calls that finished
	waits []*call       // calls found to be waiting
}

type stepKind uint8

const (
	stepMade stepKind = iota
	stepStarted
	stepCalled
	stepLeaves
	stepCanceled
	stepEnded
	stepPassing // time passed
)

// A writer writes a session as a test.
type writer struct {
	s     *Session
	b     strings.Builder
	now   time.Duration // on the test's clock
	lag   time.Duration // the time by which the test's clock is behind the session's
	until map[*call]time.Duration
	hands []string
}

// Test returns the session so far as a Go file of package pkg. The file holds a test called name that repeats the
// session and expects the same results.
func (s *Session) Test(pkg, name string) (string, error) {
	s.doing.Lock()
	defer s.doing.Unlock()
	if !regexp.MustCompile(`^Test[\pL\pN_]*$`).MatchString(name) {
		return "", fmt.Errorf("%s: a test's name must begin with Test", name)
	}
	if s.closed {
		return "", errOver
	}
	s.on(s.spontaneous)
	if stuck := s.stuckInLocks(); stuck != "" {
		return "", errors.New("a test cannot end a wait that nothing ends: " + stuck)
	}
	w := &writer{s: s, until: make(map[*call]time.Duration)}
	w.body(name)
	text := w.b.String()
	const module = "github.com/turnstile-go/turnstile/"
	var head strings.Builder
	head.WriteString("package " + pkg + "\n\nimport (\n")
	for _, path := range []string{"context", "errors", "fmt", "strings", "sync", "sync/atomic", "testing", "testing/synctest", "time", "", module + "sync2", module + "sync2/byhand"} {
		if path == "" {
			head.WriteString("\n")
		} else if regexp.MustCompile(`\b` + path[strings.LastIndexByte(path, '/')+1:] + `\.`).MatchString(text) {
			fmt.Fprintf(&head, "%q\n", path)
		}
	}
	head.WriteString(")\n\n")
	out, err := format.Source([]byte(head.String() + text))
	if err != nil {
		return "", fmt.Errorf("the test is not valid Go: %w", err)
	}
	return string(out), nil
}

// stuckInLocks describes a goroutine that waits for a lock only its owner can release, "" if there is none.
func (s *Session) stuckInLocks() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := func(a *actor) *actor {
		if len(a.calls) == 0 || a.idle {
			return nil
		}
		c := a.calls[len(a.calls)-1]
		on, _, _ := strings.Cut(c.text, ".")
		if o := s.objects[on]; o != nil && c.cancel == nil {
			if l, ok := reflect.TypeAssert[interface{ Owner() int64 }](o.val); ok {
				return s.byID[l.Owner()]
			}
		}
		return nil
	}
	for _, a := range s.actors {
		for n, at := 0, owner(a); at != nil && n < len(s.actors); n, at = n+1, owner(at) {
			if at == a {
				return a.name + " waits in " + a.calls[len(a.calls)-1].text
			}
		}
	}
	return ""
}

func (w *writer) printf(form string, args ...any) { fmt.Fprintf(&w.b, form+"\n", args...) }

// body writes the test.
func (w *writer) body(name string) {
	w.printf("// %s repeats what was done by hand in a sandbox and expects the same results.", name)
	w.printf("func %s(t *testing.T) {\nsynctest.Test(t, func(t *testing.T) {", name)
	w.printf("ctx, cancel := context.WithCancel(t.Context())\ndefer cancel()\n_ = ctx")
	w.printf("var home func()\nat := func() { home() }")
	var locks, help []string
	for i := range w.s.steps {
		w.step(&w.s.steps[i])
	}
	for _, name := range w.s.names {
		o := w.s.objects[name]
		if !o.used {
			w.printf("_ = %s", name)
		}
		if o.kind.Name == "ReentrantLock" {
			locks = append(locks, name)
		}
		for _, f := range o.kind.free {
			if !strings.Contains(f, "(key)") {
				help = append(help, fmt.Sprintf("func() { %s.%s }", name, f))
				continue
			}
			for key := range o.keys {
				help = append(help, fmt.Sprintf("func() { %s.%s }", name, strings.Replace(f, "key", fmt.Sprintf("%q", key), 1)))
			}
		}
	}
	slices.Sort(help)
	w.printf("\n// Let every goroutine end.\ncancel()")
	args := "[]*byhand.Hand{" + strings.Join(w.hands, ", ") + "}"
	if len(help) > 0 {
		args += ",\n" + strings.Join(help, ",\n") + ",\n"
	}
	w.printf("byhand.LetGo(%s)\n})\n}", args)
	var give strings.Builder
	for _, l := range locks {
		fmt.Fprintf(&give, "for %s.Held() { %s.Unlock() }\n", l, l)
	}
	text := w.b.String()
	decl := "home := func() {}\n"
	if give.Len() > 0 { // the locks must be declared first
		for _, l := range locks {
			text = strings.Replace(text, "\n"+l+" := new(sync2.ReentrantLock)\n", "\n", 1)
			decl = l + " := new(sync2.ReentrantLock)\n" + decl
		}
		decl = strings.Replace(decl, "home := func() {}", "home := func() {\n"+give.String()+"}", 1)
	}
	text = strings.Replace(text, "var home func()\nat := func() { home() }\n", decl, 1)
	w.b.Reset()
	w.b.WriteString(text)
}

// step writes a step and what is expected of it.
func (w *writer) step(st *step) {
	w.time(st)
	for _, b := range st.bodies {
		if b.always == nil {
			w.printf("%s := byhand.New(%q, home)", b.name, b.name)
			w.hands = append(w.hands, b.name)
		}
	}
	switch st.kind {
	case stepMade:
		w.printf("%s", st.code)
	case stepStarted:
		w.hands = append(w.hands, "hand_"+st.name)
		w.printf("hand_%s, %s := byhand.Start(%q, home)\n_ = %s", st.name, st.name, st.name, st.name)
	case stepCalled:
		w.call(st)
		if c := st.call; c.timedOut() && c.limit > 0 && slices.Contains(st.done, c) {
			w.printf("byhand.Pass(%s)", durationCode(c.limit))
			w.now += c.limit
		}
	case stepLeaves:
		w.printf("%s.Leaves(%s)", st.name, st.code)
	case stepCanceled:
		w.printf("cancel%d(errors.New(%q))\nsynctest.Wait()", st.call.n, st.code)
	case stepEnded:
		w.printf("hand_%s.Leaves(byhand.Leave{})", st.name)
	case stepPassing:
	}
	for _, c := range st.done {
		if c.verb != nil && c.verb.varies {
			w.printf("call%d.Returned(t)", c.n)
			continue
		}
		outcome := c.outcome
		if rest, is := strings.CutPrefix(outcome, c.into); is && c.into != "" {
			outcome = strings.TrimPrefix(rest, ", ")
		}
		w.printf("call%d.Returns(t, %q)", c.n, outcome)
		delete(w.until, c)
	}
	for _, c := range st.waits {
		w.printf("call%d.Waits(t)", c.n)
	}
}

// call writes a call.
func (w *writer) call(st *step) {
	c := st.call
	if c.named {
		w.printf("ctx%d, cancel%d := context.WithCancelCause(ctx)\ndefer cancel%d(nil)", c.n, c.n, c.n)
	}
	if c.limit >= 0 {
		w.until[c] = w.now + c.limit
	}
	name := st.name
	if !strings.HasPrefix(name, "body") && !strings.HasPrefix(name, "turn") {
		name = "hand_" + name
	}
	var do string
	switch {
	case c.into != "":
		w.printf("var %s %s\n_ = %s", c.into, c.result, c.into)
		do = assigned(c)
	case c.loop:
		w.printf("turn%d := byhand.New(%q, home)", c.n, fmt.Sprintf("turn%d", c.n))
		w.hands = append(w.hands, fmt.Sprintf("turn%d", c.n))
		do = fmt.Sprintf("for range %s {\nif !turn%d.Run().OK || ctx.Err() != nil {\nbreak\n}\n}\nreturn byhand.Say()", c.code, c.n)
	case c.outs == 0:
		do = c.code + "\nreturn byhand.Say()"
	default:
		do = "return byhand.Say(" + c.code + ")"
	}
	w.printf("call%d := %s.Does(%q, func() string {\n%s\n})", c.n, name, c.text, do)
	if len(st.done) == 0 && len(st.waits) == 0 && !slices.ContainsFunc(w.s.steps, func(o step) bool { return slices.Contains(o.done, c) || slices.Contains(o.waits, c) }) {
		w.printf("_ = call%d", c.n) // it is in a function that waits for commands
	}
}

// assigned returns a call whose first result is assigned to a variable.
func assigned(c *call) string {
	if c.outs == 2 {
		return fmt.Sprintf("var ok bool\n%s, ok = %s\nif !ok {\nreturn byhand.Say(nil, false)\n}\nreturn byhand.Say(ok)", c.into, c.code)
	}
	return fmt.Sprintf("%s = %s\nreturn byhand.Say()", c.into, c.code)
}

// time lets as much time pass in the test as had passed in the session before the step.
func (w *writer) time(st *step) {
	target := w.now
	if len(w.until) > 0 {
		target = max(w.now, (st.at - w.lag).Truncate(time.Millisecond))
	}
	for _, c := range st.done { // their time ran out before anything else happened
		if end, ok := w.until[c]; ok && c.timedOut() {
			target = max(target, end)
		}
	}
	for c, end := range w.until {
		if end <= target && !(slices.Contains(st.done, c) && c.timedOut()) && end > w.now {
			target = end - 1 // it continued for another reason
		}
	}
	if len(w.until) > 0 && target > w.now {
		w.printf("byhand.Pass(%s)", durationCode(target-w.now))
		w.now = target
	}
	w.lag = st.at - w.now
}

// timedOut reports whether the call ended because it timed out.
func (c *call) timedOut() bool {
	return c.limit >= 0 && (strings.HasSuffix(c.outcome, "false") || strings.Contains(c.outcome, "deadline exceeded") || strings.Contains(c.outcome, "timed out"))
}
