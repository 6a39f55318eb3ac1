package dist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A pool is the stored state of a Mutex, which is a pool of one permit, or of a Semaphore.
type pool struct {
	Permits int
	Token   uint64 // of the latest grant
	Ticket  uint64 // of the latest to queue
	Holders []holder
	Queue   []waiter // by ticket
}

// A holder has some of the permits for as long as it renews its lease.
type holder struct {
	ID, Who string
	N       int
	Token   uint64
	Lease   time.Duration
	Beat    uint64 // number of renewals
}

// A waiter is in the queue. One that is skipped because it does not react is removed; if it is alive it queues again, with the
// same ticket.
type waiter struct {
	ID, Who string
	N       int
	Ticket  uint64
}

// grace is the time for which an available permit is reserved for the first in the queue, which may be dead.
const grace = 300 * time.Millisecond

func (p *pool) free() int {
	n := p.Permits
	for _, h := range p.Holders {
		n -= h.N
	}
	return n
}

func (p *pool) holder(id string) int {
	return slices.IndexFunc(p.Holders, func(h holder) bool { return h.ID == id })
}

func (p *pool) place(id string) int {
	return slices.IndexFunc(p.Queue, func(w waiter) bool { return w.ID == id })
}

// A claim is one attempt to get permits.
type claim struct {
	s       *Space
	key     string
	op      string
	permits int // of the pool
	n       int // that it asks for
	id      string
	lease   time.Duration
	ticket  uint64 // 0: not in the queue yet

	// What this process saw, by its own clock. Clocks of different processes are never compared.
	beats  map[string]beat
	ahead  map[string]time.Time // since when one that is ahead could have had its permits, and has not taken them
	passed map[string]bool      // those of them whose time is over
}

// A beat is the time at which a holder was first seen with this number of renewals.
type beat struct {
	n    uint64
	seen time.Time
}

// see takes in the stored state, and returns the holders whose leases have run out, and when to look again if nothing
// happens.
func (c *claim) see(p *pool, now time.Time) (dead map[string]uint64, next time.Duration) {
	next = time.Hour
	dead = make(map[string]uint64)
	free := p.Permits
	for id := range c.beats {
		if p.holder(id) < 0 {
			delete(c.beats, id)
		}
	}
	for _, h := range p.Holders {
		b, ok := c.beats[h.ID]
		if !ok || b.n != h.Beat {
			b = beat{h.Beat, now}
			c.beats[h.ID] = b
		}
		if left := h.Lease - now.Sub(b.seen); left > 0 {
			next = min(next, left)
			free -= h.N
		} else {
			dead[h.ID] = h.Beat
		}
	}
	return dead, c.wait(p, free, now, next)
}

// wait returns the time until the caller can try, 0 if it can now. Waiters ahead of it that could have their permits and do not
// take them run out of time.
func (c *claim) wait(p *pool, free int, now time.Time, next time.Duration) time.Duration {
	clear(c.passed)
	blocked := false
	for _, w := range p.Queue {
		if w.ID == c.id {
			break
		}
		if blocked = blocked || w.N > free; blocked {
			delete(c.ahead, w.ID)
			continue
		}
		since, ok := c.ahead[w.ID]
		if !ok {
			since = now
			c.ahead[w.ID] = now
		}
		if left := c.s.grace - now.Sub(since); left > 0 {
			blocked = true
			next = min(next, left)
			continue
		}
		c.passed[w.ID] = true
	}
	if !blocked && c.n <= free {
		return 0
	}
	return next
}

// decide is the one place where permits change hands: it takes them if the stored state allows it, removing the dead, or else
// queues. It is called between a read and the write that depends on it.
func (c *claim) decide(p *pool, dead map[string]uint64, try bool) (granted, write bool, err error) {
	if p.Permits == 0 {
		p.Permits = c.permits
	}
	if p.Permits != c.permits {
		return false, false, fmt.Errorf("%w: the semaphore has %d permits, not %d", ErrMismatch, p.Permits, c.permits)
	}
	if p.holder(c.id) >= 0 {
		return true, false, nil
	}
	live := slices.DeleteFunc(slices.Clone(p.Holders), func(h holder) bool { b, ok := dead[h.ID]; return ok && b == h.Beat })
	q := pool{Permits: p.Permits, Holders: live}
	first := 0
	for first < len(p.Queue) && c.passed[p.Queue[first].ID] {
		first++
	}
	mine := first == len(p.Queue) || p.Queue[first].ID == c.id
	if c.ticket != 0 && !mine && p.place(c.id) < 0 { // skipped: it goes back to its place
		mine = p.Queue[first].Ticket > c.ticket
	}
	if (mine || try) && q.free() >= c.n {
		p.Token++
		p.Holders = live
		p.Holders = append(p.Holders, holder{ID: c.id, Who: c.s.who, N: c.n, Token: p.Token, Lease: c.lease})
		if !try {
			p.Queue = p.Queue[first:]
		}
		p.Queue = slices.DeleteFunc(p.Queue, func(w waiter) bool { return w.ID == c.id })
		return true, true, nil
	}
	if try {
		return false, false, ErrBusy
	}
	if p.place(c.id) >= 0 {
		return false, false, nil
	}
	if c.ticket == 0 {
		p.Ticket++
		c.ticket = p.Ticket
	}
	i, _ := slices.BinarySearchFunc(p.Queue, c.ticket, func(w waiter, t uint64) int { return cmp.Compare(w.Ticket, t) })
	p.Queue = slices.Insert(p.Queue, i, waiter{ID: c.id, Who: c.s.who, N: c.n, Ticket: c.ticket})
	p.Ticket = max(p.Ticket, c.ticket)
	return false, true, nil
}

// ask makes one attempt.
func (c *claim) ask(ctx context.Context, dead map[string]uint64, try bool) (h *grant, err error) {
	granted := false
	ticket := c.ticket
	r, err := update(ctx, c.s, c.key, func(p *pool) (write bool, err error) {
		c.ticket = ticket
		if try {
			dead, _ = c.see(p, time.Now())
		}
		granted, write, err = c.decide(p, dead, try)
		return write, err
	})
	if err != nil || !granted {
		return nil, err
	}
	return c.hold(ctx, r)
}

// hold makes a grant from the state that was written.
func (c *claim) hold(ctx context.Context, r result[pool]) (*grant, error) {
	i := r.state.holder(c.id)
	if i < 0 {
		return nil, nil // it was lost before it was known to be held: the caller asks again
	}
	g := newGrant(c, r.state.Holders[i].Token)
	if time.Since(r.begun) > c.lease/4 { // others may count from before: make it last
		if err := g.renew(ctx); err != nil {
			g.drop(err)
			if errors.Is(err, ErrLost) {
				return nil, nil // as above
			}
			return nil, err
		}
	} else {
		g.extend(r.begun)
	}
	g.start()
	return g, nil
}

// acquire gets permits, and waits for them unless try is set.
func (s *Space) acquire(ctx context.Context, c *claim, try bool) (*grant, error) {
	ctx, end, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if try {
		if !s.gates.TryLock(c.key) {
			return nil, ErrBusy
		}
	} else if err := s.gates.LockContext(ctx, c.key); err != nil {
		return nil, s.gaveUp(ctx, false)
	}
	defer s.gates.Unlock(c.key)
	c.s, c.id = s, newID()
	c.beats, c.ahead, c.passed = s.tried.take(c.key), make(map[string]time.Time), make(map[string]bool)
	g, err := c.ask(ctx, nil, try)
	if errors.Is(err, ErrBusy) {
		s.tried.put(c.key, c.beats)
	}
	if g == nil && err == nil && !try {
		g, err = c.queue(ctx)
	}
	if err != nil && !errors.Is(err, ErrBusy) && !errors.Is(err, ErrMismatch) {
		if u, ok := errors.AsType[*uncertainError](err); ok {
			err = u.err // withdraw undoes it, or else its lease runs out
		}
		c.withdraw()
	}
	if try && g == nil && err == nil {
		err = ErrBusy
	}
	return g, err
}

// queue waits in the queue.
func (c *claim) queue(ctx context.Context) (*grant, error) {
	v, err := follow[pool](c.s, c.key)
	if err != nil {
		return nil, err
	}
	defer v.stop()
	if err := v.look(ctx); err != nil {
		return nil, err
	}
	for {
		p, known, err := v.state()
		if err != nil {
			return nil, err
		}
		if !known { // the engine has not answered yet
			if err := v.until(ctx, time.Hour); err != nil {
				return nil, err
			}
			continue
		}
		dead, next := c.see(&p, time.Now())
		if next == 0 || p.place(c.id) < 0 {
			g, err := c.ask(ctx, dead, false)
			if g != nil || err != nil {
				return g, err
			}
			if err := v.look(ctx); err != nil {
				return nil, err
			}
			next = 30 * time.Millisecond // another process was faster, and its write is on its way
		}
		if err := v.until(ctx, next); err != nil {
			return nil, err
		}
	}
}

// withdraw leaves the queue, so that the claims behind are reconsidered at once. If the engine is unreachable, they skip what is
// left; a grant that this process never learned of expires like that of a dead process.
func (c *claim) withdraw() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.s.ctx), time.Second)
	defer cancel()
	_, _ = update(ctx, c.s, c.key, func(p *pool) (bool, error) { return p.remove(c.id), nil })
}

// remove takes id out of the holders and the queue, and reports whether it was there.
func (p *pool) remove(id string) bool {
	before := len(p.Holders) + len(p.Queue)
	p.Holders = slices.DeleteFunc(p.Holders, func(h holder) bool { return h.ID == id })
	p.Queue = slices.DeleteFunc(p.Queue, func(w waiter) bool { return w.ID == id })
	return len(p.Holders)+len(p.Queue) < before
}

// A memory is what verbs that never wait saw of holders, key by key, so that repeated tries also detect dead
// holders.
type memory struct {
	mu    sync.Mutex // guards what follows
	beats map[string]map[string]beat
}

// memorable is the number of keys for which that is kept.
const memorable = 1024

// take returns and removes the entry of key.
func (m *memory) take(key string) map[string]beat {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.beats[key]
	delete(m.beats, key)
	if b == nil {
		b = make(map[string]beat)
	}
	return b
}

func (m *memory) put(key string, b map[string]beat) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.beats == nil {
		m.beats = make(map[string]map[string]beat)
	}
	for k := range m.beats {
		if len(m.beats) < memorable {
			break
		}
		delete(m.beats, k)
	}
	m.beats[key] = b
}
