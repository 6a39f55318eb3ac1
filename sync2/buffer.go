package sync2

// A buffer holds the items of a Queue, in the order of its kind. It grows as needed; the Queue bounds it. Removed items are
// zeroed, so that the buffer does not keep them alive.
//
// A buffer whose order is orderRank has methods of its own: those that find the place of an item call compare and change
// nothing, and those that move it there call nothing.
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

// order says which item is removed next.
type order uint8

const (
	orderNone  order = iota // the Queue was not made by a constructor
	orderRank               // the smallest; of equals, the first in
	orderFirst              // first in, first out
	orderLast               // last in, first out
)

const (
	smallestBuffer = 8
	// largeBuffer is the capacity above which the buffer of an unbounded Queue is dropped when it becomes empty.
	largeBuffer = 1 << 12
)

// add adds it, and returns the number of items that will be removed before it. It is not for orderRank.
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

// take removes the next item. The buffer must not be empty. It is not for orderRank.
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

// insert inserts it into the heap at i, which findUp has returned.
func (b *buffer[T]) insert(it item[T], i int) {
	b.reserve()
	b.shiftDown(b.count, i)
	b.items[i] = it
	b.count++
}

// remove removes the smallest item from the heap. i is the result of findLast.
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

// clear drops all items, and returns their number.
func (b *buffer[T]) clear() int {
	n := b.count
	b.items, b.head, b.count = nil, 0, 0
	return n
}

// shrink drops a large buffer that is empty.
func (b *buffer[T]) shrink() {
	if b.count == 0 && len(b.items) > largeBuffer {
		b.clear()
	}
}

// reserve makes room for one more item.
func (b *buffer[T]) reserve() {
	if b.count < len(b.items) {
		return
	}
	larger := make([]item[T], max(smallestBuffer, 2*len(b.items)))
	n := copy(larger, b.items[b.head:])
	copy(larger[n:], b.items[:b.head])
	b.items, b.head = larger, 0
}

// before reports whether a is removed before c.
func (b *buffer[T]) before(a, c item[T]) bool {
	if order := b.compare(a.value, c.value); order != 0 {
		return order < 0
	}
	return a.number < c.number
}

// findUp returns the place of a new item in the heap, on the path from the first free entry to the root.
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

// shiftDown moves the entries on the path from the entry at to the free entry from one step toward from.
func (b *buffer[T]) shiftDown(from, to int) {
	for i := from; i > to; i = (i - 1) / 2 {
		b.items[i] = b.items[(i-1)/2]
	}
}

// findLast returns the place of the last item in the heap after the smallest has been removed.
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

// shiftUp moves the entries on the path from the root to the entry at to one step toward the root, overwriting the root.
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

// place returns the number of items in the heap that are removed before it. It compares it with those and their children.
func (b *buffer[T]) place(it item[T]) int { return b.placeFrom(it, 0) }

// placeFrom is place for the entry at i and those below it, none of which is before it if the entry at i is not.
func (b *buffer[T]) placeFrom(it item[T], i int) int {
	if i >= b.count || !b.before(b.items[i], it) {
		return 0
	}
	return 1 + b.placeFrom(it, 2*i+1) + b.placeFrom(it, 2*i+2)
}

// at returns the i'th item of a buffer whose order is orderFirst.
func (b *buffer[T]) at(i int) *item[T] { return &b.items[(b.head+i)&(len(b.items)-1)] }
