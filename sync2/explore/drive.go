package explore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Choice is a possible next transition of a run: one goroutine performs its next operation.
type Choice struct {
	Task    string // the name of the goroutine
	G       int64  // the goroutine's number in the trace
	Op      string // such as "Lock"
	Object  string // such as "mutex-1"; "" if it has no name and has not been used yet
	Where   string // as in a [Step]
	Default bool   // whether this is the default: to continue the goroutine that ran last, or else the oldest
}

// A Moment is the state of a run after [Drive] has made the given choices.
type Moment struct {
	Made    []int         // the choices that led to the moment: the index of each among those available
	Steps   []Step        // the step that each of them performed
	Before  []int         // the number of Events before each of Steps; nil if not known
	Choices []Choice      // the possible next transitions; none if the run has ended
	Events  []trace.Event // the events so far
	Failure *Failure      // nil if the run has not failed
}

// A drive decides the choices of a run: first those made already, then those of the tail; after that the run is
// abandoned.
type drive struct {
	ex      *explorer
	made    []int
	tail    search.Strategy         // nil if there is none
	stop    func()                  // ends the recording; nil if nothing is recorded
	told    func() int              // returns the number of events recorded; nil if nothing is recorded
	own     func(*engine.Task) bool // uninteresting operations, done by default without a choice; nil if none
	n       int                     // the number of made choices done
	next    []Choice
	refs    []hook.Object // of next
	ids     []trace.ID    // likewise
	taken   []Choice      // the choices taken; only if the run is recorded
	from    []hook.Object // of taken
	fromIDs []trace.ID    // likewise
	before  []int         // the number of events before each of taken
	strays  bool          // a choice was not available
}

// Begin implements [search.Strategy].
func (d *drive) Begin() bool {
	d.n, d.taken, d.from, d.before = 0, d.taken[:0], d.from[:0], d.before[:0]
	return d.tail == nil || d.tail.Begin()
}

// Choose implements [search.Strategy].
func (d *drive) Choose(v *search.View) int {
	if d.own != nil && d.own(d.ex.x.Tasks[v.Transitions[v.Default].Task]) {
		return v.Default
	}
	if d.n < len(d.made) {
		i := d.made[d.n]
		if d.n++; i < 0 || i >= len(v.Transitions) {
			d.strays = true
			return -1
		}
		d.take(v, i)
		return i
	}
	if d.tail != nil {
		i := d.tail.Choose(v)
		if i >= 0 {
			d.made = append(d.made, i)
			d.n++
			d.take(v, i)
		}
		return i
	}
	if d.stop != nil {
		d.look(v)
	}
	return -1
}

// take records a choice.
func (d *drive) take(v *search.View, i int) {
	if d.stop == nil {
		return
	}
	if x := &d.ex.x; x.Settle != nil {
		x.Settle()
	}
	c, ref := d.choice(v, i)
	d.taken, d.from, d.before = append(d.taken, c), append(d.from, ref), append(d.before, d.told())
}

// choice describes choice i, and returns its object.
func (d *drive) choice(v *search.View, i int) (Choice, hook.Object) {
	x, m := &d.ex.x, v.Transitions[i]
	t := x.Tasks[m.Task]
	c := Choice{Task: t.Name, G: t.Thread.G, Op: x.Verbs.Name(t.Op.Verb), Where: t.Where(), Default: i == v.Default}
	switch {
	case m.Alt == search.GiveUp && t.Kind == engine.TaskDaemon:
		c.Op = "fires"
	case m.Alt == search.GiveUp:
		c.Op += " gives up"
	case m.Alt > 0:
		c.Op += fmt.Sprintf(" (case %d)", m.Alt+1)
	}
	return c, x.Objects[t.Op.Obj].Ref
}

// look records the possible next transitions, and ends the recording.
func (d *drive) look(v *search.View) {
	x := &d.ex.x
	if x.Settle != nil {
		x.Settle()
	}
	for i := range v.Transitions {
		c, ref := d.choice(v, i)
		d.next, d.refs, d.ids = append(d.next, c), append(d.refs, ref), append(d.ids, idOf(ref))
	}
	d.stop()
}

// End implements [search.Strategy].
func (d *drive) End(*search.View) {}

// Fair implements [search.Strategy].
func (d *drive) Fair() bool { return d.tail != nil && d.tail.Fair() }

// errStray is returned if the program does not offer a choice.
var errStray = errors.New("explore: the program does not offer the choices that were made; it is not deterministic for a given schedule")

// Drive runs the program once, makes the given choices one after another, and returns the moment after the last. Each
// choice is an index into Choices of the previous moment. With the option [Random], a random walk continues from there
// to the end of the run; with [Replay], Drive follows the schedule of the token instead of the choices. It returns an
// error if a choice is not available, or if the token belongs to another program.
//
// Each call runs the program from the beginning, so it is possible to go back to any moment.
func Drive(name string, program func(*E), made []int, opts ...Option) (*Moment, error) {
	o, chosen := newOptions(opts), new(options)
	for _, opt := range opts {
		opt(chosen)
	}
	d := &drive{made: slices.Clone(made)}
	switch {
	case o.replays:
		st, err := replayStage(o, name)
		if err != nil {
			return nil, fmt.Errorf("explore: %w", err)
		}
		d.made, d.tail = nil, st.make(o)
	case len(chosen.stages) > 0:
		d.tail = o.stages[0].make(o)
	}
	m := new(Moment)
	r := (&explorer{o: o, name: name}).open(program, func(ex *explorer) { ex.drive(d, m) })
	switch {
	case d.strays:
		return nil, errStray
	case r.Failure != nil && m.Events == nil: // it could not be run to its end
		return nil, r.Failure
	}
	return m, nil
}

// drive runs the program as d decides, and stores the result in m.
func (ex *explorer) drive(d *drive, m *Moment) {
	d.ex = ex
	x := &ex.x
	f := ex.record(func() *engine.Fault {
		d.Begin()
		ex.run(d)
		return x.Fault
	}, d)
	m.Made, m.Events, m.Choices = d.made, f.Events, d.next
	names := namesIn(f.Events)
	for i := range m.Choices {
		m.Choices[i].Object = names[d.ids[i]]
		if o, ok := d.refs[i].(interface{ Object() *trace.Object }); ok && m.Choices[i].Object == "" {
			m.Choices[i].Object = o.Object().GivenName() // the trace has no event of it yet
		}
	}
	for i, c := range d.taken {
		s := Step{Task: c.Task, Op: c.Op, Where: c.Where}
		if d.from[i] != nil && i < len(d.fromIDs) {
			s.Object = names[d.fromIDs[i]]
		}
		if o, ok := d.from[i].(interface{ Object() *trace.Object }); ok && s.Object == "" {
			s.Object = o.Object().GivenName()
		}
		m.Steps = append(m.Steps, s)
	}
	if d.told != nil && len(m.Events) == d.told() { // none was lost
		m.Before = d.before
		m.noteWaits(d.taken)
	}
	if n := len(m.Events) - 1; len(m.Choices) > 0 && n >= 0 && m.Events[n].Kind == trace.KindEnd {
		m.Events = m.Events[:n] // the recording ended there
	}
	if f.Kind != KindNone {
		m.Failure = f
	}
}

// noteWaits marks the steps, of those given as choices, that ended in a wait.
func (m *Moment) noteWaits(taken []Choice) {
	for i := range m.Steps {
		end := len(m.Events)
		if i+1 < len(m.Before) {
			end = m.Before[i+1]
		}
		for _, ev := range m.Events[min(m.Before[i], end):end] {
			switch {
			case ev.G != taken[i].G:
			case ev.Kind == trace.KindBlock:
				m.Steps[i].Note = "waits"
			case ev.Kind == trace.KindUnblock || ev.Kind == trace.KindGiveUp:
				m.Steps[i].Note = ""
			}
		}
	}
}

// SearchFrom searches for a failure that can be reached after the given choices, by the number of random walks given by
// [Runs]. It returns nil if it finds none.
func SearchFrom(name string, program func(*E), made []int, opts ...Option) (*Moment, error) {
	o := newOptions(opts)
	d := &drive{made: made}
	found := false
	r := (&explorer{o: o, name: name}).open(program, func(ex *explorer) {
		d.ex = ex
		found = d.search(o.seed, o.runs, ex.stopped)
	})
	switch {
	case d.strays:
		return nil, errStray
	case r.Failure != nil:
		return nil, r.Failure
	case !found:
		return nil, nil // no failure found, and no error
	}
	return Drive(name, program, d.made, opts...)
}

// search looks for choices that lead from those of d to a failure, with at most runs random walks and until enough
// returns true. It reports whether it found some, and stores them in d.
func (d *drive) search(seed uint64, runs int, enough func() bool) bool {
	walk := search.NewRandom(seed)
	for n := 0; n < runs && !enough(); n++ {
		try := &drive{ex: d.ex, made: slices.Clone(d.made), own: d.own, tail: walk}
		if try.run(); try.strays {
			d.strays = true
			return false
		}
		if d.ex.x.Fault != nil {
			d.made = try.made
			return true
		}
		d.ex.report()
	}
	return false
}

// run runs the program as d decides, without a recording. If own is set, it determines the uninteresting operations.
func (d *drive) run() {
	x := &d.ex.x
	if d.own != nil {
		x.Verbose, x.Notes = true, x.Notes[:0]
		defer func() { x.Verbose = false }()
	}
	d.Begin()
	d.ex.run(d)
}

// TokenOf returns the token of the schedule that starts with the given choices and continues with the default ones.
func TokenOf(name string, program func(*E), made []int, opts ...Option) (string, error) {
	o := newOptions(opts)
	d := &drive{made: slices.Clone(made), tail: search.ByDefault{}}
	var token string
	r := (&explorer{o: o, name: name}).open(program, func(ex *explorer) {
		d.ex = ex
		d.run()
		t := search.Token{Name: search.TokenName(name), Anytime: o.anytime, Deviations: search.DeviationsOf(&ex.x.View), Steps: len(ex.x.Steps)}
		t.Hash, t.Samples = ex.x.Digest(search.Stride(t.Steps))
		token = t.String()
	})
	switch {
	case d.strays:
		return "", errStray
	case r.Failure != nil:
		return "", r.Failure
	}
	return token, nil
}
