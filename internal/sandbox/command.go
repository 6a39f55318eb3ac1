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

// A FailedError reports that something is not as a command expects.
type FailedError struct{ What string }

func (e *FailedError) Error() string { return e.What }

var (
	making  = regexp.MustCompile(`^([\pL_][\pL\pN_]*)\s*:=\s*(?:new\()?(?:sync2\.|atomic\.)?([\pL]\w*)(?:\[[^\]]*\])?(?:\{\})?\)?\s*(?:\((.*)\))?$`)
	calling = regexp.MustCompile(`^(?:([\pL_][\pL\pN_]*)\s*:=\s*)?(?:([\pL_][\pL\pN_]*)\.)?([\pL]\w*)\s*(?:\((.*)\))?$`)
	telling = regexp.MustCompile(`^([^\s:=]+):\s*([^=].*)$`)
)

// Do does what a line says, waits until everybody stands still, and returns remarks about it. An error is about
// a command that was not understood or cannot be done, or is a [FailedError].
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

// Poll returns remarks about what has happened without a command, such as the end of a wait that timed out.
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

// spontaneous notes what has happened by itself.
func (s *Session) spontaneous() {
	s.mu.Lock()
	some := len(s.fresh)+len(s.entered) > 0
	s.mu.Unlock()
	if some {
		s.note(step{kind: stepPassing})
	}
}

// note waits until everybody stands still, and remembers the step with the result.
func (s *Session) note(st step) {
	if !s.settle() {
		s.say(Line{Text: "somebody still runs", Sort: SortNote})
	}
	s.mu.Lock()
	st.at = s.clock()
	slices.SortFunc(s.fresh, func(a, b *call) int {
		switch st.call { // what it did itself comes first
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

// came describes the result of a call; at once: it has just been made.
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

// why says of those who have just begun to wait what they do, as far as that is known. A Semaphore does not tell in which
// order those stand who ask for the same; but here one acts at a time, and so a goroutine that has come alone is the last.
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

// command does what a line says.
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
	return fmt.Errorf("%q is no command: they are \"pool := NewSemaphore(1)\", \"go ann\", \"ann: pool.Acquire()\", cancel, end, await, sleep and expect", text)
}

// start starts goroutines.
func (s *Session) start(names []string) error {
	if len(names) == 0 {
		return errors.New("go takes names")
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

// actor returns the actor called name, if it takes commands.
func (s *Session) actor(name string) (*actor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.actorLocked(name)
	switch {
	case a == nil:
		return nil, fmt.Errorf("there is no goroutine %s; to start it, say: go %s", name, name)
	case a.ended && a.own:
		return nil, fmt.Errorf("%s has ended", name)
	case a.ended:
		return nil, fmt.Errorf("%s runs no function at the moment", name)
	case !a.idle:
		what := ""
		if n := len(a.calls); n > 0 {
			what = " in " + a.calls[n-1].text
		}
		return nil, fmt.Errorf("%s waits%s; cancel %s ends that if it has a context", name, what, name)
	}
	return a, nil
}

// tell makes an actor do something.
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
		return fmt.Errorf("%q is no call, such as pool.Acquire()", text)
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
	for _, arg := range p.args { // the receiver of a function may be given as a pointer to nothing
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

// function returns the function that is called: a method of the object called on, or one of the package.
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
		return fn, nil, fmt.Errorf("there is no %s; to make one, say: %s := NewSemaphore(1)", on, on)
	}
	v := o.kind.verb(name)
	if v == nil || v.fn != nil {
		return fn, nil, fmt.Errorf("%s is of kind %s, which has no %s", on, o.kind.Name, name)
	}
	o.used, c.verb, c.kind = true, v, o.kind.Name
	if o.kind.Name == "KeyedMutex" {
		defer func() { o.keys[s.key] = true }()
	}
	return o.val.MethodByName(name), strings.Fields(v.Params), nil
}

// result finds the variable into which the result of a call goes.
func (s *Session) result(c *call, into string, t reflect.Type) error {
	var k *Kind
	if t.NumOut() > 0 {
		if k = kindOf(t.Out(0)); k != nil && k.Name != "Future" && k.Name != "Locker" {
			k = nil
		}
	}
	switch {
	case k == nil && into != "":
		return fmt.Errorf("%s returns nothing that is used further", c.text)
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

// timed finds out how long a call may wait at most, if that is not said by itself.
func (s *Session) timed(c *call, on, name string) {
	if o := s.objects[on]; o != nil && o.kind.Name == "Barrier" && name == "Wait" && o.limit > 0 {
		c.limit = o.limit
	}
}

// leave lets an actor leave its function.
func (s *Session) leave(a *actor, text string) error {
	s.mu.Lock()
	n := len(a.frames)
	var b *body
	if n > 0 {
		b = a.frames[n-1]
	}
	s.mu.Unlock()
	if b == nil {
		return fmt.Errorf("%s runs no function that it could leave; end %s ends it", a.name, a.name)
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

// stop ends the context of what an actor waits in.
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
		return fmt.Errorf("%s is in no call with a context that has not ended", name)
	}
	cause = cmp.Or(cause, "canceled by hand")
	c.cancel(errors.New(cause))
	s.say(Line{Text: fmt.Sprintf("cancel(errors.New(%q)) for %s", cause, c.text), Sort: SortCommand})
	s.note(step{kind: stepCanceled, call: c, code: cause})
	return nil
}

// end lets a goroutine end.
func (s *Session) end(name string) error {
	a, err := s.actor(name)
	if err != nil {
		return err
	}
	if len(a.frames) > 0 {
		return fmt.Errorf("%s runs a function; return leaves it", name)
	}
	s.say(Line{Text: name + " ends", Sort: SortCommand})
	a.todo <- func() *leaving { return &leaving{} }
	s.note(step{kind: stepEnded, name: name})
	return nil
}
