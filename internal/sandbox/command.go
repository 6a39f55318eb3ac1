package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
)

// A FailedError reports that an expectation was not met.
type FailedError struct{ What string }

// Error returns What.
func (e *FailedError) Error() string { return e.What }

var (
	making  = regexp.MustCompile(`^([\pL_][\pL\pN_]*)\s*:=\s*(?:new\()?(?:sync2\.|atomic\.)?([\pL]\w*)(?:\[[^\]]*\])?(?:\{\})?\)?\s*(?:\((.*)\))?$`)
	calling = regexp.MustCompile(`^(?:([\pL_][\pL\pN_]*)\s*:=\s*)?(?:([\pL_][\pL\pN_]*)\.)?([\pL]\w*)\s*(?:\((.*)\))?$`)
	telling = regexp.MustCompile(`^([^\s:=]+):\s*([^=].*)$`)
)

// Do executes a line, waits until every goroutine is at rest, and returns remarks about the result. An error means
// that the line was not understood or cannot be executed, or is a [FailedError].
func (s *Session) Do(text string) ([]Line, error) {
	s.doing.Lock()
	defer s.doing.Unlock()
	from := len(s.log)
	if s.closed {
		return nil, errOver
	}
	var err error
	s.on(func() {
		s.spontaneous()
		err = s.command(strings.TrimSpace(text))
	})
	return slices.Clone(s.log[from:]), err
}

// Poll returns remarks about what happened without a command, such as a wait that timed out.
func (s *Session) Poll() []Line {
	s.doing.Lock()
	defer s.doing.Unlock()
	from := len(s.log)
	if !s.closed {
		s.on(s.spontaneous)
	}
	return slices.Clone(s.log[from:])
}

// Changed returns a channel that receives a value when Poll may have something to return.
func (s *Session) Changed() <-chan struct{} { return s.changed }

// spontaneous records what happened without a command.
func (s *Session) spontaneous() {
	s.mu.Lock()
	some := len(s.fresh)+len(s.entered) > 0
	s.mu.Unlock()
	if some {
		s.note(step{kind: stepPassing})
	}
}

// note waits until every goroutine is at rest, and records the step with its result.
func (s *Session) note(st step) {
	if !s.settle() {
		s.say(Line{Text: "a goroutine is still running", Sort: SortNote})
	}
	s.mu.Lock()
	st.at = s.clock()
	slices.SortFunc(s.fresh, func(a, b *call) int {
		switch st.call { // the actor's own result comes first
		case a:
			return -1
		case b:
			return 1
		}
		return cmp.Compare(a.n, b.n)
	})
	st.done = s.fresh
	s.fresh = nil
	entered := s.entered
	s.entered = nil
	for _, a := range s.actors {
		if n := len(a.calls); n > 0 && !a.calls[n-1].told && !a.idle && !a.calls[n-1].done {
			a.calls[n-1].told = true
			st.waits = append(st.waits, a.calls[n-1])
		}
	}
	s.mu.Unlock()
	s.steps = append(s.steps, st)
	for _, c := range st.done {
		sort := SortOutcome
		if strings.HasPrefix(c.outcome, "panics") {
			sort = SortWrong
		}
		s.say(Line{c.by.name, came(c, c == st.call && st.kind == stepCalled), sort})
	}
	why := s.why(st.waits)
	for _, c := range st.waits {
		s.say(Line{c.by.name, c.text + " waits" + why[c.by.id], SortWaits})
	}
	for _, a := range entered {
		s.mu.Lock()
		text := ""
		if n := len(a.frames); n > 0 && a.idle {
			text = a.frames[n-1].asks()
		}
		s.mu.Unlock()
		if text != "" {
			s.say(Line{a.name, text, SortAsks})
		}
	}
}

// came describes the result of a call. once means that the call was made just now.
func came(c *call, once bool) string {
	text := c.text + " "
	if once {
		text = ""
	}
	switch {
	case c.outcome == "":
		return text + "returns"
	case c.outcome == "exits":
		return text + "ends with its goroutine"
	case strings.HasPrefix(c.outcome, "panics"):
		return text + c.outcome
	}
	return text + "returns " + c.outcome
}

// why explains what the goroutines that have just begun to wait are waiting for, as far as that is known. A Semaphore
// does not reveal the order of waiters that ask for the same number; but here one goroutine acts at a time, so one
// that arrived alone is last.
func (s *Session) why(begun []*call) map[int64]string {
	isNew := make(map[int64]bool)
	for _, c := range begun {
		isNew[c.by.id] = true
	}
	waits := sync2.Waits()
	in, came := make(map[*sync2.Semaphore]int), make(map[*sync2.Semaphore]int)
	for _, w := range waits {
		if pool, is := w.Object.(*sync2.Semaphore); is {
			in[pool]++
			if isNew[w.Goroutine] {
				came[pool]++
			}
		}
	}
	why := make(map[int64]string)
	for _, w := range waits {
		place := w.Position
		if pool, is := w.Object.(*sync2.Semaphore); is && came[pool] == 1 {
			place = in[pool]
		} else if is {
			place = 0
		}
		if isNew[w.Goroutine] && place > 0 {
			why[w.Goroutine] = fmt.Sprintf(", number %d in the queue", place)
		}
	}
	return why
}

func (s *Session) say(l Line) { s.log = append(s.log, l) }

// command executes a line.
func (s *Session) command(text string) error {
	if text == "" || strings.HasPrefix(text, "#") || strings.HasPrefix(text, "//") {
		return nil
	}
	if m := telling.FindStringSubmatch(text); m != nil {
		return s.tell(m[1], m[2])
	}
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "go":
		return s.start(strings.Fields(strings.ReplaceAll(rest, ",", " ")))
	case "cancel":
		name, cause, _ := strings.Cut(rest, " ")
		return s.stop(name, unquoted(strings.TrimSpace(cause)))
	case "end":
		return s.end(rest)
	case "sleep":
		return s.sleep(rest)
	case "await":
		return s.await(rest)
	case "expect":
		return s.expect(rest)
	}
	if m := making.FindStringSubmatch(text); m != nil {
		return s.make(m[1], m[2], m[3])
	}
	return fmt.Errorf("%q is not a command; the commands are \"pool := NewSemaphore(1)\", \"go ann\", \"ann: pool.Acquire()\", cancel, end, await, sleep and expect", text)
}

// start starts goroutines.
func (s *Session) start(names []string) error {
	if len(names) == 0 {
		return errors.New("go needs a name")
	}
	for _, name := range names {
		if err := s.freeFor(name); err != nil {
			return err
		}
		s.begin(name)
		s.say(Line{Text: fmt.Sprintf("sync2.Go(%q, …)", name), Sort: SortCommand})
		s.note(step{kind: stepStarted, name: name})
	}
	return nil
}

// actor returns the actor called name if it is ready for a command.
func (s *Session) actor(name string) (*actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.actorLocked(name)
	switch {
	case a == nil:
		return nil, fmt.Errorf("there is no goroutine %s; start it with: go %s", name, name)
	case a.ended && a.own:
		return nil, fmt.Errorf("%s has ended", name)
	case a.ended:
		return nil, fmt.Errorf("%s is not running a function now", name)
	case !a.idle:
		what := ""
		if n := len(a.calls); n > 0 {
			what = " in " + a.calls[n-1].text
		}
		return nil, fmt.Errorf("%s waits%s; cancel %s ends the wait if the call has a context", name, what, name)
	}
	return a, nil
}

// tell gives an actor a command.
func (s *Session) tell(name, text string) error {
	a, err := s.actor(name)
	if err != nil {
		return err
	}
	if word, _, _ := strings.Cut(strings.NewReplacer("(", " ").Replace(text), " "); slices.Contains([]string{"return", "panic", "goexit", "break", "continue"}, word) {
		return s.leave(a, text)
	}
	m := calling.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is not a call such as pool.Acquire()", text)
	}
	c, p, err := s.prepare(a, m[1], m[2], m[3], split(m[4]))
	if err != nil {
		return err
	}
	s.say(Line{a.name, c.text, SortCommand})
	st := step{kind: stepCalled, name: a.test(), call: c, bodies: p.bodies}
	a.todo <- func() *leaving { s.perform(c); return nil }
	s.note(st)
	return nil
}

// prepare reads a call.
func (s *Session) prepare(a *actor, into, on, name string, texts []string) (*call, *prepared, error) {
	s.calls++
	c := &call{n: s.calls, by: a, began: s.clock(), limit: -1}
	p := &prepared{s: s, c: c}
	fn, names, err := s.function(c, on, name)
	if err != nil {
		return nil, nil, err
	}
	shown := "sync2." + name
	if on != "" {
		shown = on + "." + name
	}
	c.text = shown
	if err := p.read(fn.Type(), 0, names, texts); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", shown, err)
	}
	for _, arg := range p.args { // a function's receiver may be given as a nil pointer
		if o := s.objects[arg.code]; o != nil {
			o.used = true
		}
	}
	if err := s.result(c, into, fn.Type()); err != nil {
		return nil, nil, err
	}
	c.text, c.code = p.code(shown)
	c.outs = fn.Type().NumOut()
	if c.loop = c.outs == 1 && fn.Type().Out(0).Kind() == reflect.Func; c.loop {
		c.text = "for range " + c.text
	}
	for _, b := range p.bodies {
		b.of = c.text
	}
	if c.into != "" {
		c.text = c.into + " := " + c.text
	}
	vals := p.values()
	c.do = func() []reflect.Value { return fn.Call(vals) }
	s.timed(c, on, name)
	return c, p, nil
}

// function returns the function to call: a method of the object named on, or a function of the package.
func (s *Session) function(c *call, on, name string) (fn reflect.Value, names []string, err error) {
	if on == "" || on == "sync2" {
		for _, list := range append(slices.Clone(kinds), &Kind{Verbs: functions}) {
			if v := list.verb(name); v != nil && v.fn != nil {
				c.verb, c.kind = v, list.Name
				return reflect.ValueOf(v.fn), strings.Fields(v.Params), nil
			}
		}
		return fn, nil, fmt.Errorf("there is no function %s", name)
	}
	s.mu.Lock()
	o := s.objects[on]
	s.mu.Unlock()
	if o == nil {
		return fn, nil, fmt.Errorf("%s is not defined; define it first, as in %s := NewSemaphore(1)", on, on)
	}
	v := o.kind.verb(name)
	if v == nil || v.fn != nil {
		return fn, nil, fmt.Errorf("%s has no method %s; its type is %s", on, name, o.kind.Name)
	}
	o.used, c.verb, c.kind = true, v, o.kind.Name
	if o.kind.Name == "KeyedMutex" {
		defer func() { o.keys[s.key] = true }()
	}
	return o.val.MethodByName(name), strings.Fields(v.Params), nil
}

// result determines the variable that receives the result of a call.
func (s *Session) result(c *call, into string, t reflect.Type) error {
	var k *Kind
	if t.NumOut() > 0 {
		if k = kindOf(t.Out(0)); k != nil && k.Name != "Future" && k.Name != "Locker" {
			k = nil
		}
	}
	switch {
	case k == nil && into != "":
		return fmt.Errorf("%s returns no value to keep", c.text)
	case k == nil:
		return nil
	case into == "":
		into = s.freeName(k)
	}
	c.result = t.Out(0)
	c.into = into
	if err := s.freeFor(into); err != nil {
		return err
	}
	s.mu.Lock()
	s.taken[into] = true
	s.mu.Unlock()
	return nil
}

// timed determines the longest time that a call may wait, unless an argument states it.
func (s *Session) timed(c *call, on, name string) {
	if o := s.objects[on]; o != nil && o.kind.Name == "Barrier" && name == "Wait" && o.limit > 0 {
		c.limit = o.limit
	}
}

// leave makes an actor leave its function.
func (s *Session) leave(a *actor, text string) error {
	s.mu.Lock()
	n := len(a.frames)
	var b *body
	if n > 0 {
		b = a.frames[n-1]
	}
	s.mu.Unlock()
	if b == nil {
		return fmt.Errorf("%s is not running a function; to end it: end %s", a.name, a.name)
	}
	l, err := b.leaving(text)
	if err != nil {
		return err
	}
	s.say(Line{a.name, l.shown, SortCommand})
	a.todo <- func() *leaving { return l }
	s.note(step{kind: stepLeaves, name: b.name, code: l.code})
	return nil
}

// stop ends the context of the call in which an actor waits.
func (s *Session) stop(name, cause string) error {
	s.mu.Lock()
	a := s.actorLocked(name)
	var c *call
	if a != nil {
		for _, under := range slices.Backward(a.calls) {
			if under.cancel != nil && under.ctx.Err() == nil {
				c = under
				break
			}
		}
	}
	s.mu.Unlock()
	switch {
	case a == nil:
		return fmt.Errorf("there is no goroutine %s", name)
	case c == nil:
		return fmt.Errorf("%s is not in a call whose context can be canceled", name)
	}
	cause = cmp.Or(cause, "canceled by hand")
	c.cancel(errors.New(cause))
	s.say(Line{Text: fmt.Sprintf("cancel(errors.New(%q)) for %s", cause, c.text), Sort: SortCommand})
	s.note(step{kind: stepCanceled, call: c, code: cause})
	return nil
}

// end makes a goroutine exit.
func (s *Session) end(name string) error {
	a, err := s.actor(name)
	if err != nil {
		return err
	}
	if len(a.frames) > 0 {
		return fmt.Errorf("%s is running a function; leave it with return", name)
	}
	s.say(Line{Text: name + " ends", Sort: SortCommand})
	a.todo <- func() *leaving { return &leaving{} }
	s.note(step{kind: stepEnded, name: name})
	return nil
}
