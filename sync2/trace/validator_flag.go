package trace

import "fmt"

// Whatever releases all waiters: events, conditions, timers.

// vFlag is the known state of an event or a timer.
type vFlag struct {
	set   bool
	known bool // whether it is set
}

func (c flagCheck) defineEvent() string {
	c.o.flag = vFlag{set: c.ev.N != 0, known: true}
	return ""
}

func (c flagCheck) defineTimer() string {
	c.o.flag.set = c.ev.N != 0
	return ""
}

// set: all waiters of an event are released; a timer fires later.
func (c flagCheck) set() string {
	if c.o.class == ClassWatch {
		return watchCheck(c).set()
	}
	c.o.flag = vFlag{set: true, known: true}
	if c.o.class == ClassTimer {
		return ""
	}
	n := len(c.o.queue)
	c.o.pending = n
	if c.ev.N < int64(n) {
		return fmt.Sprintf("%d wait, but it releases %d", n, c.ev.N)
	}
	return ""
}

func (c flagCheck) clear() string {
	c.o.flag = vFlag{set: false, known: true}
	return ""
}

func (c flagCheck) wait() string {
	if c.o.flag.set && c.o.flag.known {
		return "the event is set"
	}
	return ""
}

func (c flagCheck) pass() string {
	if !c.o.flag.set && c.o.flag.known {
		return "the event is not set"
	}
	return ""
}

// notify: only waiters are notified, and they are released at once.
func (c flagCheck) notify() string {
	n := int64(len(c.o.queue))
	c.o.pending = int(min(max(0, c.ev.N), n))
	if c.ev.N > n && !c.o.vague || c.ev.N < 0 {
		return fmt.Sprintf("%d wait, but it notifies %d", n, c.ev.N)
	}
	return ""
}

// fire: only a timer that is set fires, and not before its time.
func (c flagCheck) fire() (wrong string) {
	if !c.o.flag.set && !c.o.vague {
		wrong = "the timer is not set"
	}
	c.o.flag.set = c.ev.N != 0
	return wrong
}
