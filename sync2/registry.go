package sync2

import "sync"

// registry holds the goroutines that Go started and that have not ended.
var registry goroutines

// goroutines is a list, oldest first, with an index.
//
// It must not order the actions of the goroutines: if the race detector saw its mutex, every goroutine that began after
// another had ended would count as ordered after it, and races between the two would never be reported. So hide and show
// hide the list from the detector. That is why the index is a hand-written hash table: the runtime reports every use of a
// map to the detector.
type goroutines struct {
	mu             sync.Mutex // not a waitq.Mutex: it does not belong to a synctest bubble
	oldest, newest *Goroutine
	count          int
	running        int          // number of goroutines in byID
	byID           []*Goroutine // those that have begun to run, chained by their field chain; the length is a power of two
	order          byte         // its address stands for the one order that the race detector sees: Go is before every list that has the new goroutine
}

// smallestIndex is the initial length of byID.
const smallestIndex = 64

//go:norace
func (r *goroutines) add(g *Goroutine) {
	release(&r.order)
	hide(&r.mu)
	defer show(&r.mu)
	g.older = r.newest
	if r.newest != nil {
		r.newest.newer = g
	} else {
		r.oldest = g
	}
	r.newest = g
	r.count++
}

// started records that g has begun to run, and its id, by which it can be found from now on.
//
//go:norace
func (r *goroutines) started(g *Goroutine, id int64) {
	hide(&r.mu)
	defer show(&r.mu)
	g.id.Store(id)
	if r.running >= len(r.byID) {
		r.grow()
	}
	at := r.place(id)
	g.chain, *at = *at, g
	r.running++
}

// place returns the head of the chain for the given id.
//
//go:norace
func (r *goroutines) place(id int64) **Goroutine { return &r.byID[int(id)&(len(r.byID)-1)] }

// grow doubles the length of byID.
//
//go:norace
func (r *goroutines) grow() {
	old := r.byID
	r.byID = make([]*Goroutine, max(smallestIndex, 2*len(old)))
	for _, g := range old {
		for g != nil {
			next, at := g.chain, r.place(g.id.Load())
			g.chain, *at = *at, g
			g = next
		}
	}
}

//go:norace
func (r *goroutines) remove(g *Goroutine) {
	id := g.id.Load()
	hide(&r.mu)
	defer show(&r.mu)
	for at := r.place(id); *at != nil; at = &(*at).chain {
		if *at == g {
			*at, g.chain = g.chain, nil
			r.running--
			break
		}
	}
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

//go:norace
func (r *goroutines) get(id int64) *Goroutine {
	hide(&r.mu)
	defer show(&r.mu)
	if len(r.byID) == 0 {
		return nil
	}
	for g := *r.place(id); g != nil; g = g.chain {
		if g.id.Load() == id {
			return g
		}
	}
	return nil
}

//go:norace
func (r *goroutines) list() []*Goroutine {
	hide(&r.mu)
	defer acquire(&r.order)
	defer show(&r.mu)
	all := make([]*Goroutine, r.count)
	g := r.oldest
	for i := range all {
		all[i], g = g, g.newer
	}
	return all
}

// goroutineName returns the name of the goroutine with the given id, and the goroutine that started it, if it is running and known.
func goroutineName(id int64) (name string, parent int64, ok bool) {
	if g := registry.get(id); g != nil {
		acquire(&registry.order)
		return g.nameOf(id), g.parent, true
	}
	return briefs.nameOf(id)
}
