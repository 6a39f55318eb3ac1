package sync2

import (
	"cmp"
	"slices"
	"strconv"
	"sync"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// briefs holds the goroutines that were started without a handle: those of a WaitGroup, of a Group and of a Flight. They are
// short, and their handles are rarely needed, so a Goroutine for each would be most of their cost. A handle is made on demand.
// Each goroutine is in briefs as long as it runs.
//
// As with registry, nothing here may order what the goroutines do, and the race detector must not see it.
var briefs briefShards

// A brief is a goroutine without a handle.
type brief struct {
	id     int64
	parent int64
	name   string // "" if it is made from the id
	number int    // what follows the name; 0 if nothing does
	group  *Group // to which it belongs; nil if it belongs to none
	handle *Goroutine
	found  uint32 // the session of the trace that knows that it is in its group

	next *brief // in its chain, or in the list of free ones
}

type briefShards [32]briefShard

// A briefShard has the goroutines whose ids have the same low bits. Ids are assigned in order, so goroutines that begin and end
// at the same time are in different shards.
type briefShard struct {
	mu     sync.Mutex // not a waitq.Mutex: it does not belong to a synctest bubble
	chains []*brief   // by id; the length is a power of two
	used   int
	free   *brief
	frees  int
	_      [64]byte // the next shard is in another cache line
}

const (
	fewestBriefs  = 8   // chains of a shard at first
	mostFreeBrief = 128 // of a shard
)

// enter adds the calling goroutine, and returns its id. The number follows its name if it is not 0.
//
//go:norace
func (s *briefShards) enter(name string, number int, parent int64, group *Group) (id int64) {
	id = goid.Get()
	p := s.of(id)
	hide(&p.mu)
	b := p.free
	if b != nil {
		p.free, b.next = b.next, nil
		p.frees--
	} else {
		b = new(brief)
	}
	b.id, b.parent, b.name, b.number, b.group = id, parent, name, number, group
	if p.used >= len(p.chains) {
		p.resize(max(fewestBriefs, 2*len(p.chains)))
	}
	at := p.chain(id)
	b.next, *at = *at, b
	p.used++
	show(&p.mu)
	return id
}

// leave removes the calling goroutine, whose id is id, and returns its handle, nil if none was made.
//
//go:norace
func (s *briefShards) leave(id int64) (handle *Goroutine) {
	p := s.of(id)
	hide(&p.mu)
	at := p.chain(id)
	for (*at).id != id {
		at = &(*at).next
	}
	b := *at
	*at = b.next
	p.used--
	handle = b.handle
	if p.frees < mostFreeBrief {
		*b = brief{next: p.free}
		p.free = b
		p.frees++
	}
	if n := len(p.chains); n > fewestBriefs && p.used < n/8 {
		p.resize(n / 4)
	}
	show(&p.mu)
	return handle
}

// get returns the handle of the goroutine with the given id, nil if there is no such goroutine.
//
//go:norace
func (s *briefShards) get(id int64) (handle *Goroutine) {
	p := s.of(id)
	hide(&p.mu)
	if b := p.lookup(id); b != nil {
		handle = b.goroutine()
	}
	show(&p.mu)
	return handle
}

// nameOf returns the name of the goroutine with the given id, and the goroutine that started it.
//
//go:norace
func (s *briefShards) nameOf(id int64) (name string, parent int64, ok bool) {
	p := s.of(id)
	hide(&p.mu)
	if b := p.lookup(id); b != nil {
		name, parent, ok = numbered(b.name, b.number), b.parent, true
	}
	show(&p.mu)
	if ok && name == "" {
		name = namelessGoroutine(id)
	}
	return name, parent, ok
}

// find notes that the trace of the given session knows that the goroutine with that id is in its group, and reports whether
// that is new.
//
//go:norace
func (s *briefShards) find(id int64, session uint32) (fresh bool) {
	p := s.of(id)
	hide(&p.mu)
	if b := p.lookup(id); b != nil {
		fresh, b.found = b.found != session, session
	}
	show(&p.mu)
	return fresh
}

// list returns the handles of all, in the order of their ids.
//
//go:norace
func (s *briefShards) list() (all []*Goroutine) {
	for i := range s {
		p := &s[i]
		hide(&p.mu)
		for _, b := range p.chains {
			for ; b != nil; b = b.next {
				all = append(all, b.goroutine())
			}
		}
		show(&p.mu)
	}
	slices.SortFunc(all, func(a, b *Goroutine) int { return cmp.Compare(a.id.Load(), b.id.Load()) })
	return all
}

// members returns the ids of those that belong to a group, in order.
//
//go:norace
func (s *briefShards) members(group *Group) (ids []int64) {
	for i := range s {
		p := &s[i]
		hide(&p.mu)
		for _, b := range p.chains {
			for ; b != nil; b = b.next {
				if b.group == group {
					ids = append(ids, b.id)
				}
			}
		}
		show(&p.mu)
	}
	slices.Sort(ids)
	return ids
}

// of returns the shard of the goroutine with the given id.
func (s *briefShards) of(id int64) *briefShard { return &s[uint64(id)%uint64(len(s))] }

// chain returns the head of the chain for the given id. The mutex must be held.
//
//go:norace
func (p *briefShard) chain(id int64) **brief {
	return &p.chains[uint64(id)/uint64(len(briefs))&uint64(len(p.chains)-1)]
}

//go:norace
func (p *briefShard) lookup(id int64) *brief {
	if len(p.chains) == 0 {
		return nil
	}
	b := *p.chain(id)
	for b != nil && b.id != id {
		b = b.next
	}
	return b
}

// resize gives p n chains.
//
//go:norace
func (p *briefShard) resize(n int) {
	old := p.chains
	p.chains = make([]*brief, n)
	for _, b := range old {
		for b != nil {
			next, at := b.next, p.chain(b.id)
			b.next, *at = *at, b
			b = next
		}
	}
}

// goroutine returns the handle of b. The mutex must be held.
//
//go:norace
func (b *brief) goroutine() *Goroutine {
	if b.handle == nil {
		b.handle = &Goroutine{name: numbered(b.name, b.number), parent: b.parent, made: true, nameless: b.name == "", group: b.group}
		b.handle.id.Store(b.id)
	}
	return b.handle
}

// numbered returns name with the number, if that is not 0.
func numbered(name string, number int) string {
	if number == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(number)
}
