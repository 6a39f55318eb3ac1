package synctesting

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// orders remembers in which orders locks were taken, to say in the names of the program what go-deadlock has found.
type orders struct {
	names      map[trace.ID]string
	goroutines map[int64]string
	places     map[uint64]string
	has        map[int64][]taken // by goroutine, oldest first
	seen       map[[2]trace.ID]order
}

// A taken is a lock that a goroutine has, or waits for.
type taken struct {
	lock trace.ID
	pc   uint64
}

// An order is two locks that a goroutine took, the second while it had the first.
type order struct {
	g             int64
	first, second taken
}

func newOrders() orders {
	return orders{make(map[trace.ID]string), make(map[int64]string), make(map[uint64]string), make(map[int64][]taken), make(map[[2]trace.ID]order)}
}

// define notes a name.
func (o *orders) define(ev trace.Event) {
	switch ev.Kind {
	case trace.KindDefineObj, trace.KindRename:
		o.names[ev.Obj] = ev.Text
	case trace.KindDefineG:
		o.goroutines[ev.G] = ev.Text
	case trace.KindDefinePC:
		o.places[ev.PC] = ev.Text
	default:
	}
}

func (o *orders) take(g int64, ev trace.Event) {
	t := taken{ev.Obj, ev.PC}
	for _, first := range o.has[g] {
		o.seen[[2]trace.ID{first.lock, t.lock}] = order{g, first, t}
	}
	o.has[g] = append(o.has[g], t)
}

func (o *orders) drop(g int64, lock trace.ID) {
	has := o.has[g]
	for i, t := range slices.Backward(has) {
		if t.lock == lock {
			o.has[g] = slices.Delete(has, i, i+1)
			return
		}
	}
}

// against says in what goroutine g, which takes the lock of ev, goes against an order that was seen before, or against
// itself; "" if that is not known.
func (o *orders) against(g int64, ev trace.Event) string {
	t := taken{ev.Obj, ev.PC}
	for _, first := range o.has[g] {
		if first.lock == t.lock {
			return o.describe(order{g, first, t}) + " again"
		}
		if before, ok := o.seen[[2]trace.ID{t.lock, first.lock}]; ok {
			return o.describe(before) + "; " + o.describe(order{g, first, t})
		}
	}
	return ""
}

func (o *orders) describe(r order) string {
	return fmt.Sprintf("%s took %s%s and then %s%s", o.goroutines[r.g], o.names[r.first.lock], o.place(r.first), o.names[r.second.lock], o.place(r.second))
}

// place says where a lock was taken.
func (o *orders) place(t taken) string {
	at, _, _ := strings.Cut(o.places[t.pc], " ")
	if at == "" {
		return ""
	}
	return " (" + at + ")"
}
