package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
)

// The functions of a Flight and of a Group wait in the middle for an instruction how to end. They are numbered in the order
// in which they begin.

// ways are the ways in which a function can be made to end.
var ways = []string{"returns", "fails", "fails", "returns", "fails", "panics", "returns", "fails", "exits"}

// oftenAgainstReference is checkAgainstReference with more runs than others need, since many things can coincide. Under
// the race detector, which checks for something else, it is the same.
func oftenAgainstReference(t *testing.T, draw func(t *rapid.T) subject) {
	times := 8
	if underRace {
		times = 1
	}
	for range times {
		checkAgainstReference(t, draw)
	}
}

// keyOf returns the key that c is about: most calls are about the same.
func keyOf(c *call) int { return min(1, c.n%4) }

// A function is a function that has begun and has not ended.
type function struct {
	number int
	told   chan string
}

// functions are the functions that have begun and not ended, in the order in which they began.
type functions struct {
	mu    sync.Mutex
	began int
	run   []*function
	over  chan struct{} // closed: all end
}

// begin is called first by each of them. It returns the function's number, and how it shall end.
func (f *functions) begin(ctx context.Context) (number int, how string) {
	f.mu.Lock()
	fn := &function{number: f.began, told: make(chan string)}
	f.began++
	f.run = append(f.run, fn)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.run = slices.DeleteFunc(f.run, func(x *function) bool { return x == fn })
	}()
	select {
	case how = <-fn.told:
	case <-f.over:
		how = "returns"
	case <-ctx.Done():
		how = "gives up"
	}
	return fn.number, how
}

// tell tells the n'th of them how to end, and reports whether there is one.
func (f *functions) tell(n int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.run) == 0 {
		return false
	}
	f.run[n%len(f.run)].told <- wayOf(n)
	return true
}

// wayOf returns how a function ends that receives n.
func wayOf(n int) string { return ways[n/7%len(ways)] }

// errorOf returns the error of the function with the number n.
func errorOf(n int) error { return fmt.Errorf("error %d", n) }

// ending returns the outcome of the function with the given number that ends in the given way.
func ending(number int, how string) string {
	switch how {
	case "fails":
		return errorOf(number).Error()
	case "panics":
		return fmt.Sprint("panic ", number)
	case "exits":
		return "exit"
	}
	return "ok"
}

// doneBy ends the calling function in the given way, unless that is to return.
func doneBy(number int, how string) error {
	switch how {
	case "fails":
		return errorOf(number)
	case "panics":
		panic(number)
	case "exits":
		runtime.Goexit()
	}
	return nil
}

// causeText returns err as text that does not depend on what the library says.
func causeText(err error) string {
	var p *sync2.PanicError
	switch many, joined := err.(interface{ Unwrap() []error }); {
	case err == nil:
		return "ok"
	case errors.As(err, &p):
		return fmt.Sprint("panic ", p.Value)
	case strings.Contains(err.Error(), "Goexit") && !joined:
		return "exit"
	case joined && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errTest):
		var all []string
		for _, e := range many.Unwrap() {
			all = append(all, causeText(e))
		}
		return strings.Join(all, ", ")
	}
	return err.Error()
}

// orPanic returns the result of do, or the value of its panic if that is a PanicError or a UsageError.
func orPanic(do func() string) (result string) {
	defer func() {
		if p, ok := recover().(*sync2.PanicError); ok {
			result = causeText(p)
		}
	}()
	return orMisuse(do)
}

// refCall is one call of a function of a Flight.
type refCall struct {
	number, key int
	callers     []*call // that have not given up
}

// refFlight is a list of calls that are under way.
type refFlight struct {
	waitingRef
	began   int
	running []*refCall
	current map[int]*refCall // by key, those that were not forgotten
	results map[*call]string
}

func (r *refFlight) begin(c *call) string {
	key := keyOf(c)
	switch c.verb {
	case "Forget":
		delete(r.current, key)
		return "ok"
	case "end":
		return yesNo(r.end(c.n))
	}
	if e := r.early(c); e != "" {
		return e
	}
	at := r.current[key]
	if at == nil {
		at = &refCall{number: r.began, key: key}
		r.began++
		r.current[key] = at
		r.running = append(r.running, at)
	}
	at.callers = append(at.callers, c)
	return ""
}

// end ends the n'th call.
func (r *refFlight) end(n int) bool {
	if len(r.running) == 0 {
		return false
	}
	at := r.running[n%len(r.running)]
	for _, c := range at.callers {
		shared := fmt.Sprint(" shared: ", len(at.callers) > 1)
		switch wayOf(n) {
		case "returns":
			r.results[c] = fmt.Sprint("got ", at.number) + shared
		case "panics":
			r.results[c] = ending(at.number, "panics")
		default:
			r.results[c] = ending(at.number, wayOf(n)) + shared
		}
	}
	r.drop(at)
	return true
}

func (r *refFlight) drop(at *refCall) {
	r.running = slices.DeleteFunc(r.running, func(x *refCall) bool { return x == at })
	if r.current[at.key] == at {
		delete(r.current, at.key)
	}
}

func (r *refFlight) released(c *call) string { return r.results[c] }

// giveUp ends and forgets a call that all callers have given up.
func (r *refFlight) giveUp(c *call, why string) string {
	for _, at := range slices.Clone(r.running) {
		at.callers = slices.DeleteFunc(at.callers, func(x *call) bool { return x == c })
		if len(at.callers) == 0 {
			r.drop(at)
		}
	}
	return r.waitingRef.giveUp(c, why)
}

func (r *refFlight) state() string { return fmt.Sprint(len(r.current)) }

func TestFlightAgainstReference(t *testing.T) {
	oftenAgainstReference(t, func(*rapid.T) subject {
		var f sync2.Flight[int, int]
		fns := &functions{over: make(chan struct{})}
		return subject{
			verbs: []string{"DoContext", "DoContext", "DoContext", "Forget", "end", "end"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(0, 99).Draw(rt, "n") },
			do: func(c *call) string {
				switch c.verb {
				case "Forget":
					f.Forget(keyOf(c))
					return "ok"
				case "end":
					return yesNo(fns.tell(c.n))
				}
				return orPanic(func() string {
					v, shared, err := f.Do(c.ctx, keyOf(c), func(ctx context.Context) (int, error) {
						number, how := fns.begin(ctx)
						return number, doneBy(number, how)
					})
					switch {
					case errors.Is(err, errTest):
						return err.Error()
					case err == nil:
						return fmt.Sprintf("got %d shared: %t", v, shared)
					}
					return causeText(err) + fmt.Sprint(" shared: ", shared)
				})
			},
			state: func() string { return fmt.Sprint(f.Len()) },
			ref:   &refFlight{current: make(map[int]*refCall), results: make(map[*call]string)},
		}
	})
}

// refGroup has the numbers of the running functions, the calls that wait for a place or for the end, and the errors so far.
type refGroup struct {
	waitingRef
	limit    int // 0: none
	every    bool
	began    int
	running  []int
	queue    []*call
	waiting  []*call
	returned bool
	cause    string         // of the context; "": it has not ended
	errors   map[int]string // by number
	cancels  []string
	first    string
	panicked string
	results  map[*call]string
}

func (r *refGroup) begin(c *call) string {
	switch c.verb {
	case "end":
		return yesNo(r.end(c.n))
	case "Cancel":
		if !r.returned {
			why := errorOf(-c.n).Error()
			r.cancels = append(r.cancels, why)
			r.failed(why)
			r.ends(why)
		}
		return "ok"
	case "WaitContext", "WaitTimeout":
		return r.wait(c)
	case "GoContext":
		if c.ended && !r.returned {
			return errTest.Error()
		}
	}
	switch {
	case r.returned:
		return "misuse"
	case r.limit == 0 || len(r.running) < r.limit:
		r.place()
		return "ok"
	case c.verb == "TryGo":
		return "no"
	}
	r.queue = append(r.queue, c)
	return ""
}

func (r *refGroup) wait(c *call) string {
	if e := r.early(c); e != "" {
		return e
	}
	if len(r.running) == 0 {
		return r.result()
	}
	if r.late(c) != "" {
		return context.DeadlineExceeded.Error()
	}
	r.waiting = append(r.waiting, c)
	return ""
}

// place hands over a place.
func (r *refGroup) place() {
	r.running = append(r.running, r.began)
	r.began++
}

// failed notes an error that may be the first.
func (r *refGroup) failed(what string) {
	if r.first == "" {
		r.first = what
	}
}

// ends ends the context, if it has not ended.
func (r *refGroup) ends(cause string) {
	if r.cause == "" {
		r.cause = cause
	}
}

// end ends the n'th running function.
func (r *refGroup) end(n int) bool {
	if len(r.running) == 0 {
		return false
	}
	number := r.running[n%len(r.running)]
	if what := ending(number, wayOf(n)); what != "ok" {
		r.errors[number] = what
		r.failed(what)
		if !r.every {
			r.ends(what)
		}
		if wayOf(n) == "panics" && r.panicked == "" {
			r.panicked = what
		}
	}
	r.running = slices.DeleteFunc(r.running, func(x int) bool { return x == number })
	if len(r.queue) > 0 {
		r.results[r.queue[0]] = "ok"
		r.queue = r.queue[1:]
		r.place()
	}
	if len(r.running) == 0 {
		for _, c := range r.waiting {
			r.results[c] = r.result()
		}
		r.waiting = nil
	}
	return true
}

// result is the result of a Wait that does not give up.
func (r *refGroup) result() string {
	r.returned = true
	r.ends(context.Canceled.Error())
	switch {
	case r.panicked != "":
		return r.panicked
	case !r.every && r.first != "":
		return r.first
	case !r.every || r.first == "":
		return "ok"
	}
	var all []string
	for number := range r.began {
		if what := r.errors[number]; what != "" {
			all = append(all, what)
		}
	}
	return strings.Join(append(all, r.cancels...), ", ")
}

func (r *refGroup) released(c *call) string { return r.results[c] }

func (r *refGroup) giveUp(c *call, why string) string {
	same := func(x *call) bool { return x == c }
	r.queue, r.waiting = slices.DeleteFunc(r.queue, same), slices.DeleteFunc(r.waiting, same)
	if why == "timeout" {
		return context.DeadlineExceeded.Error()
	}
	return r.waitingRef.giveUp(c, why)
}

func (r *refGroup) state() string {
	of := ""
	if r.limit > 0 {
		of = fmt.Sprint(" of ", r.limit)
	}
	return fmt.Sprintf("group: %d%s run, %d wait; %s", len(r.running), of, len(r.queue)+len(r.waiting), r.cause)
}

func TestGroupAgainstReference(t *testing.T) {
	oftenAgainstReference(t, func(rt *rapid.T) subject {
		ref := &refGroup{
			limit: rapid.IntRange(0, 2).Draw(rt, "limit"), every: rapid.Bool().Draw(rt, "every error"),
			errors: make(map[int]string), results: make(map[*call]string),
		}
		var opts []sync2.GroupOption
		if ref.limit > 0 {
			opts = append(opts, sync2.WithLimit(ref.limit))
		}
		if ref.every {
			opts = append(opts, sync2.WithAllErrors())
		}
		g := sync2.NewGroup(context.Background(), opts...)
		fns := &functions{over: make(chan struct{})}
		member := func(context.Context) error { return doneBy(fns.begin(context.Background())) }
		return subject{
			verbs: []string{"Go", "GoContext", "GoContext", "TryGo", "end", "end", "end", "Cancel", "WaitContext", "WaitTimeout"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(1, 99).Draw(rt, "n") },
			legal: func(c *call) bool { return c.verb != "Cancel" || c.n < 20 },
			do: func(c *call) string {
				switch c.verb {
				case "Go":
					return orMisuse(func() string { g.Go("m", member); return "ok" })
				case "GoContext":
					return orMisuse(func() string { return okOr(g.GoContext(c.ctx, "m", member)) })
				case "TryGo":
					return orMisuse(func() string { return yesNo(g.TryGo("m", member)) })
				case "end":
					return yesNo(fns.tell(c.n))
				case "Cancel":
					g.Cancel(errorOf(-c.n))
					return "ok"
				case "WaitContext":
					return orPanic(func() string { return causeText(g.WaitContext(c.ctx)) })
				}
				return orPanic(func() string { return causeText(g.WaitTimeout(c.d)) })
			},
			state: func() string {
				cause := ""
				if err := context.Cause(g.Context()); err != nil {
					cause = causeText(err)
				}
				return fmt.Sprintf("%s; %s", g, cause)
			},
			end: func() { close(fns.over) },
			ref: ref,
		}
	})
}
