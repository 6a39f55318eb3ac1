package trace

import "fmt"

// Wait groups and Onces.

func (c countCheck) define() string {
	c.o.counter = c.ev.N
	return ""
}

// add: a counter is never negative. At 0 all waiters are released.
func (c countCheck) add() (wrong string) {
	if c.ev.N < 0 {
		wrong = fmt.Sprintf("the counter is %d", c.ev.N)
	}
	if c.o.counter = max(0, c.ev.N); c.o.counter == 0 {
		c.o.pending = len(c.o.queue)
	}
	return wrong
}

func (c countCheck) wait() string {
	if c.o.counter == 0 && !c.o.vague {
		return "the counter is 0"
	}
	return ""
}

func (c countCheck) release() string {
	if c.o.pending == 0 && c.o.vague {
		return ""
	}
	return c.pending()
}

func (c countCheck) pass() string {
	if c.o.counter > 0 && !c.o.vague {
		return fmt.Sprintf("the counter is %d", c.o.counter)
	}
	return ""
}

// vOnce is the known state of a Once. It runs one function at a time until one succeeds; after a failure, the
// function of the first waiter in the queue is next.
type vOnce struct {
	runner int64 // the goroutine that runs the function; 0 if none
	done   bool  // a function has succeeded
	ahead  int   // the number of waiters that began to wait when no runner was known: the runner's event is yet to come
}

func (c onceCheck) define() string {
	c.o.once.done, c.o.vague = c.ev.N == 1, c.ev.N == 2
	return ""
}

func (c onceCheck) begin() (wrong string) {
	o := c.o
	switch {
	case o.vague:
	case o.once.done:
		wrong = "the function has run"
	case o.once.runner != 0:
		wrong = c.gName(o.once.runner) + " runs the function"
	case len(o.queue) > o.once.ahead && !c.mayBeGranted():
		wrong = o.queue[0].name + " has waited longer"
	}
	o.once.runner, o.once.ahead = c.g.id, 0
	return wrong
}

func (c onceCheck) end() (wrong string) {
	if c.o.once.runner != c.g.id && !c.o.vague {
		wrong = "it does not run the function"
	}
	c.o.once, c.o.vague = vOnce{done: c.ev.N == 0}, false
	return wrong
}

func (c onceCheck) wait() string {
	if c.o.once.done && !c.o.vague {
		return "the function has run"
	}
	if c.o.once.runner == 0 {
		c.o.once.ahead++
	}
	return ""
}

func (c onceCheck) release() string {
	o := c.o
	switch {
	case o.pending > 0:
		o.pending--
	case o.vague || o.once.done:
	case o.once.runner != 0:
		return c.gName(o.once.runner) + " runs the function"
	case o.queue[0] != c.g:
		return o.queue[0].name + " has waited longer"
	}
	return ""
}

func (c onceCheck) pass() string {
	if !c.o.once.done && !c.o.vague {
		return "the function has not run"
	}
	return ""
}
