package trace

import "fmt"

// vPermits are the permits of a semaphore.
type vPermits struct {
	free    int64
	owed    int64       // the number of permits in use that were granted to goroutines yet unknown
	granted *vGoroutine // a released waiter, which must receive its permits next
}

func (c semaphoreCheck) define() string {
	c.o.permits.free = c.ev.N
	return ""
}

func (c semaphoreCheck) wait() string {
	if c.ev.N < 1 {
		return fmt.Sprintf("it requests %d permits", c.ev.N)
	}
	return ""
}

// grant: a released waiter receives its permits next; an unknown one already has them.
func (c semaphoreCheck) grant() string {
	p := &c.o.permits
	if c.g.id != 0 {
		p.granted = c.g
		return ""
	}
	n := max(0, c.ev.N)
	p.owed += n
	p.free -= n
	if p.free < 0 {
		n += p.free
		p.free = 0
		if !c.o.vague {
			return fmt.Sprintf("permits available: %d", n)
		}
	}
	return ""
}

func (c semaphoreCheck) due() string {
	w := c.o.permits.granted
	resumes := c.ev.Kind == KindResume && w != nil && c.ev.G != w.id // another goroutine's, which it emits itself when it runs
	if w == nil || c.ev.Kind == KindUnblock || resumes {
		return ""
	}
	c.o.permits.granted = nil
	if c.ev.Kind != KindAcquire || c.ev.G != w.id {
		return w.name + " was released but has not received its permits"
	}
	return ""
}

// acquire: the number of free permits is never negative, and no goroutine overtakes waiters, except Drain, which takes
// whatever is free. A goroutine that was unknown when it was released already has its permits.
func (c semaphoreCheck) acquire() (wrong string) {
	p, n := &c.o.permits, c.ev.N
	if c.ev.Peer == -1 {
		if p.owed -= max(0, n); p.owed < 0 || n < 1 {
			p.owed = 0
			if !c.o.vague {
				wrong = fmt.Sprintf("it got %d permits, but no unknown goroutine did", n)
			}
		}
		return wrong
	}
	granted := c.mayBeGranted()
	switch {
	case n < 1:
		wrong = fmt.Sprintf("it takes %d permits", n)
	case granted && c.g.want != 0 && c.g.want != n:
		wrong = fmt.Sprintf("it takes %d permits, but asked for %d", n, c.g.want)
	case c.o.vague:
	case n > p.free:
		wrong = fmt.Sprintf("permits available: %d", p.free)
	case !granted && len(c.o.queue) > 0 && n < p.free:
		wrong = fmt.Sprintf("%s has waited longer", c.o.queue[0].name)
	}
	p.free = max(0, p.free-n)
	return wrong
}

func (c semaphoreCheck) release() (wrong string) {
	if c.ev.N < 1 {
		wrong = fmt.Sprintf("it releases %d permits", c.ev.N)
	}
	c.o.permits.free += max(0, c.ev.N)
	return wrong
}

// resize: more permits may be in use than the new size. An executor may have any number of workers.
func (c semaphoreCheck) resize() string {
	if c.o.class == ClassSemaphore {
		c.o.permits.free = max(0, c.ev.N)
	}
	if c.ev.N < 0 {
		return fmt.Sprintf("it sets the size to %d", c.ev.N)
	}
	return ""
}
