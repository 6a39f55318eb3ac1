package search

// An iterativeBounding is a tree that does not wait for luck where it is too large to be searched to its end. Depth
// first, a tree comes to what differs early in a run only after all that differs late. So after a share of the budget it
// is put aside for trees in which at most one preemption is allowed, then two, then three: most bugs need no more
// (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007). After them comes a tree that begins with an order
// chosen at random, for what happens only if nobody goes on for long. What is left of the budget then goes to the whole
// tree again, which can say that everything has been seen.
type iterativeBounding struct {
	*tree          // that is searched now
	whole  *tree   // without a bound
	others []*tree // that are still to come
	share  int     // how many runs a tree has before it is the next one's turn
	used   int     // of these
	cut    int     // how many of the last runs in a row were too long
}

const maxBound = 3

// maxCutOfTree is how many runs in a row may be too long before it is the next tree's turn: if a task spins until others
// do something, the runs beside that are as long.
const maxCutOfTree = 4

// shares is how many shares the budget has. Each tree gets one at first, and the whole tree in the end what is left.
const shares = 2 * (maxBound + 2)

// NewDPOR returns a strategy that tries one order of all those that differ only in the order of independent steps, at most
// budget in all, and some early that few preemptions lead to.
func NewDPOR(budget int, seed uint64) Systematic {
	d := &iterativeBounding{whole: newTree(-1, true, true), share: max(budget/shares, 1)}
	for b := range maxBound {
		d.others = append(d.others, newTree(b+1, true, true))
	}
	r := newRandom(seed)
	r.Begin()
	other := newTree(-1, true, true)
	other.random = r
	d.others = append(d.others, other)
	d.tree = d.whole
	return d
}

func (d *iterativeBounding) Begin() bool {
	for d.used == d.share || !d.tree.Begin() {
		if d.tree == d.whole && (d.whole.full || d.whole.broken != "" && len(d.others) == 0) {
			return false // there is nothing else that they could find, or nothing that could go on
		}
		d.next()
	}
	if d.tree != d.whole || len(d.others) > 0 {
		d.used++
	}
	return true
}

func (d *iterativeBounding) End(v *View) {
	d.tree.End(v)
	if d.cut++; !v.Cut {
		d.cut = 0
	} else if d.cut == maxCutOfTree {
		d.used, d.cut = d.share, 0
	}
}

// next goes on to the next tree.
func (d *iterativeBounding) next() {
	d.tree, d.used = d.whole, 0
	if len(d.others) > 0 {
		d.tree, d.others = d.others[0], d.others[1:]
	}
}

func (d *iterativeBounding) Traces() int { return d.whole.Traces() }

func (d *iterativeBounding) Covered() (all, bounded bool) { return d.whole.Covered() }
