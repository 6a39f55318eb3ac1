package sync2

// A buffer holds the items of a Queue, in the order of its kind. It grows as needed; the Queue bounds it. What has been
// taken out is zeroed, so that a buffer keeps nothing alive.
//
// The methods of a buffer whose order is orderRank are others than those of the rest: to find out where an item belongs
// calls compare and changes nothing, and to move it there calls nothing.
type buffer[T any] struct {
	order order

	// orderFirst: a ring, whose length is a power of two; the first is at head. orderLast: a stack. orderRank: a binary heap
	// whose root is the smallest. The last two begin at 0 and use count entries.
	items []item[T]
	head  int
	count int

	compare func(a, b T) int // orderRank only
}

// An item is a value in a Queue, and its number: 1 for the first that was put, 2 for the second and so on.
type item[T any] struct {
	value  T
	number int64
}

// order says who is taken out next.
type order uint8

const (
	orderNone  order = iota // of a Queue that no constructor has made
	orderRank               // the smallest; of equals, the first in
	orderFirst              // first in, first out
	orderLast               // last in, first out
)

const (
	smallestBuffer = 8
	// largeBuffer is how many entries a buffer may have for free: a larger one is given up when it runs empty, if its
	// Queue is unbounded.
	largeBuffer = 1 << 12
)

// add puts it in, and returns how many will be taken out before it. Not for orderRank.
func (b *buffer[T]) add(it item[T]) (place int) {
	b.reserve()
	if b.order == orderLast {
		b.items[b.count] = it
	} else {
		place = b.count
		b.items[(b.head+b.count)&(len(b.items)-1)] = it
	}
	b.count++
	return place
}

// take takes the next item out. The buffer must not be empty. Not for orderRank.
func (b *buffer[T]) take() item[T] {
	var it, none item[T]
	b.count--
	if b.order == orderLast {
		it, b.items[b.count] = b.items[b.count], none
	} else {
		it, b.items[b.head] = b.items[b.head], none
		b.head = (b.head + 1) & (len(b.items) - 1)
	}
	return it
}

// insert puts it into the heap at i, which findUp has returned for it.
func (b *buffer[T]) insert(it item[T], i int) {
	b.reserve()
	b.shiftDown(b.count, i)
	b.items[i] = it
	b.count++
}

// remove takes the smallest item out of the heap; i is what findLast has returned.
func (b *buffer[T]) remove(i int) item[T] {
	var none item[T]
	it := b.items[0]
	b.count--
	last := b.items[b.count]
	b.items[b.count] = none
	if b.count > 0 {
		b.shiftUp(i)
		b.items[i] = last
	}
	return it
}

// clear drops all items, and returns how many there were.
func (b *buffer[T]) clear() int {
	n := b.count
	b.items, b.head, b.count = nil, 0, 0
	return n
}

// shrink gives a large buffer up that has run empty.
func (b *buffer[T]) shrink() {
	if b.count == 0 && len(b.items) > largeBuffer {
		b.clear()
	}
}

// reserve makes room for one more.
func (b *buffer[T]) reserve() {
	if b.count < len(b.items) {
		return
	}
	larger := make([]item[T], max(smallestBuffer, 2*len(b.items)))
	n := copy(larger, b.items[b.head:])
	copy(larger[n:], b.items[:b.head])
	b.items, b.head = larger, 0
}

// before reports whether a is taken out before c.
func (b *buffer[T]) before(a, c item[T]) bool {
	if order := b.compare(a.value, c.value); order != 0 {
		return order < 0
	}
	return a.number < c.number
}

// findUp returns where in the heap a new item belongs, on the way from the first free entry to the root.
func (b *buffer[T]) findUp(it item[T]) int {
	i := b.count
	for i > 0 {
		parent := (i - 1) / 2
		if !b.before(it, b.items[parent]) {
			break
		}
		i = parent
	}
	return i
}

// shiftDown moves the entries on the way from the entry at to from, a free one, one step towards from.
func (b *buffer[T]) shiftDown(from, to int) {
	for i := from; i > to; i = (i - 1) / 2 {
		b.items[i] = b.items[(i-1)/2]
	}
}

// findLast returns where in the heap the last item belongs when it takes the place of the smallest.
func (b *buffer[T]) findLast() int {
	n := b.count - 1
	last := b.items[n]
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			return i
		}
		if child+1 < n && b.before(b.items[child+1], b.items[child]) {
			child++
		}
		if !b.before(b.items[child], last) {
			return i
		}
		i = child
	}
}

// shiftUp moves the entries on the way from the root to the entry at to one step towards the root, over the root.
func (b *buffer[T]) shiftUp(to int) {
	if to == 0 {
		return
	}
	parent := (to - 1) / 2
	moved := b.items[to]
	for i := parent; ; i = (i - 1) / 2 {
		moved, b.items[i] = b.items[i], moved
		if i == 0 {
			return
		}
	}
}

// place returns how many in the heap are taken out before it. It compares it with those, and with their children.
func (b *buffer[T]) place(it item[T]) int { return b.placeFrom(it, 0) }

// placeFrom is place, of the entry at i and those below it: none of these is before it if that one is not.
func (b *buffer[T]) placeFrom(it item[T], i int) int {
	if i >= b.count || !b.before(b.items[i], it) {
		return 0
	}
	return 1 + b.placeFrom(it, 2*i+1) + b.placeFrom(it, 2*i+2)
}

// at returns the i'th of the items that are taken out first in, first out.
func (b *buffer[T]) at(i int) *item[T] { return &b.items[(b.head+i)&(len(b.items)-1)] }
