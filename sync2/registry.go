package sync2

import "sync"

// registry holds the goroutines that Go started and that have not ended.
var registry = goroutines{byID: make(map[int64]*Goroutine)}

// goroutines is a list, oldest first, with an index.
type goroutines struct {
	mu             sync.Mutex // not a waitq.Mutex: it belongs to no synctest bubble
	oldest, newest *Goroutine
	count          int
	byID           map[int64]*Goroutine // those that run already
}

func (r *goroutines) add(g *Goroutine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.older = r.newest
	if r.newest != nil {
		r.newest.newer = g
	} else {
		r.oldest = g
	}
	r.newest = g
	r.count++
}

func (r *goroutines) started(g *Goroutine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byID[g.id.Load()] = g
}

func (r *goroutines) remove(g *Goroutine) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, g.id.Load())
	if g.older != nil {
		g.older.newer = g.newer
	} else {
		r.oldest = g.newer
	}
	if g.newer != nil {
		g.newer.older = g.older
	} else {
		r.newest = g.older
	}
	g.older, g.newer = nil, nil
	r.count--
}

func (r *goroutines) get(id int64) *Goroutine {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

func (r *goroutines) list() []*Goroutine {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*Goroutine, 0, r.count)
	for g := r.oldest; g != nil; g = g.newer {
		all = append(all, g)
	}
	return all
}

// goroutineName tells a trace what a goroutine is called.
func goroutineName(id int64) (name string, parent int64, ok bool) {
	if g := registry.get(id); g != nil {
		return g.name, g.parent, true
	}
	return "", 0, false
}
