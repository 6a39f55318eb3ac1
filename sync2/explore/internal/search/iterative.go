package search

// An iterativeBounding is a tree that also finds bugs if it is too large to search to its end. Depth first, a tree
// reaches schedules that differ early in a run only after all that differ late. So after a share of the budget it is
// suspended in favor of trees in which at most one preemption is allowed, then two, then three: most bugs need no more
// (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007). Then comes a tree that begins with a random schedule,
// for bugs that show only if no task runs for long. The rest of the budget goes to the whole tree again, which can
// establish that everything has been covered.
type iterativeBounding struct {
	*tree          // the tree being searched
	whole  *tree   // without a bound
	others []*tree // the trees still to come
	share  int     // number of runs of a tree before the next one's turn
	used   int     // of these
	cut    int     // number of the last runs in a row that were too long
}

const maxBound = 3

// maxCutOfTree is the number of runs in a row that may be too long before the next tree's turn: if a task spins until
// others do something, similar runs are just as long.
const maxCutOfTree = 4

// shares is the number of shares of the budget. Each tree gets one at first, and the whole tree gets the rest at the end.
const shares = 2 * (maxBound + 2)

// NewDPOR returns a strategy that tries one schedule of all those that differ only in the order of independent steps, at
// most budget in total, and early on some that have few preemptions.
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
			return false // there is nothing else for them to find, or nothing to continue
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
