package trace

import "fmt"

// records are the goroutines, objects and positions known to a Validator.
type records struct {
	lost   bool   // there was a KindDropped
	losses uint64 // the number of losses
	gs     map[int64]*vGoroutine
	objs   map[ID]*vObject
	pcs    map[uint64]bool
}

// vStatus is what the Validator knows about a goroutine.
type vStatus uint8

const (
	vUnknown  vStatus = iota // new to the trace, or events were lost since: anything is possible
	vRunning                 // running
	vWaiting                 // waiting at obj
	vReleased                // released from obj, not resumed
	vEnded
)

type vGoroutine struct {
	id     int64
	name   string
	losses uint64 // the number of losses before the following was learned
	status vStatus
	obj    ID     // vWaiting, vReleased
	verb   string // vWaiting
	want   int64  // vWaiting, vReleased
	mayGo  bool   // vWaiting at a barrier whose generation has ended
	room   ID     // the priority queue that granted it room and into which it has not put its item yet
}

// A vObject is an object. Fields for other classes are zero.
type vObject struct {
	id     ID
	class  Class
	name   string
	losses uint64 // the number of losses before the following was learned

	queue   []*vGoroutine // waiting goroutines, first come first
	pending int           // the number of them that must be released before any other event here
	vague   bool          // its state is uncertain; flags, futures and barriers know more precisely

	flag    vFlag
	permits vPermits
	lock    vLock
	barrier vBarrier
	items   vItems
	sel     vSelect
	once    vOnce
	future  vFuture
	team    vTeam
	of      int64 // of a goroutine's handle: the goroutine
	counter int64 // of wait groups
	version int64 // of watches
}

func (r *records) init() {
	if r.gs == nil {
		r.gs, r.objs, r.pcs = make(map[int64]*vGoroutine), make(map[ID]*vObject), make(map[uint64]bool)
	}
}

// lose keeps only what is certain although events were lost. The rest is forgotten where it is next used, so that the
// cost of a loss does not depend on the amount known.
func (r *records) lose() {
	r.lost = true
	r.losses++
}

// look returns goroutine id, or nil if it is not defined.
func (r *records) look(id int64) *vGoroutine {
	g := r.gs[id]
	if g != nil && g.losses != r.losses {
		if g.status != vEnded {
			*g = vGoroutine{id: g.id, name: g.name}
		}
		g.losses = r.losses
	}
	return g
}

// lookObject returns object id, or nil if it is not defined.
func (r *records) lookObject(id ID) *vObject {
	o := r.objs[id]
	if o != nil && o.losses != r.losses {
		*o = vObject{
			id: o.id, class: o.class, name: o.name, losses: r.losses, vague: true, of: o.of,
			items: vItems{capacity: o.items.capacity}, barrier: newBarrier(o.barrier.parties), team: vTeam{limit: o.team.limit},
		}
	}
	return o
}

// status returns the status of goroutine id.
func (r *records) status(id int64) vStatus {
	if g := r.look(id); g != nil {
		return g.status
	}
	return vUnknown
}

// act makes g run. A goroutine that waits or has ended cannot.
func (r *records) act(g *vGoroutine) string {
	switch g.status {
	case vWaiting:
		r.lookObject(g.obj).leave(g)
		g.status = vRunning
		return fmt.Sprintf("it waits for %s", r.objName(g.obj))
	case vEnded:
		return "it has ended"
	case vUnknown, vRunning, vReleased:
	}
	if g.id != 0 {
		g.status = vRunning
	}
	return ""
}

// Everything that an event mentions has been defined before it.

func (r *records) goroutine(id int64) (g *vGoroutine, wrong string) {
	if g = r.look(id); g == nil {
		g = &vGoroutine{id: id, name: r.gName(id), losses: r.losses}
		if id != 0 {
			r.gs[id] = g
			wrong = r.undefined("goroutine", id)
		}
	}
	return g, wrong
}

func (r *records) object(id ID) (o *vObject, wrong string) {
	if o = r.lookObject(id); o == nil {
		o = &vObject{id: id, name: r.objName(id), losses: r.losses, vague: true}
		if id != 0 {
			r.objs[id] = o
			wrong = r.undefined("object", int64(id))
		}
	}
	return o, wrong
}

func (r *records) definedPC(pc uint64) string {
	if pc == 0 || r.pcs[pc] {
		return ""
	}
	r.pcs[pc] = true
	return r.undefined("position", int64(pc))
}

func (r *records) undefined(what string, id int64) string {
	if r.lost {
		return "" // the definition may be among the lost events
	}
	return fmt.Sprintf("%s %d is not defined", what, id)
}

// gName and objName return the names of a goroutine and an object for errors.
func (r *records) gName(id int64) string {
	if g := r.gs[id]; g != nil && g.name != "" {
		return g.name
	}
	return fmt.Sprintf("goroutine-%d", id)
}

func (r *records) objName(id ID) string {
	if o := r.objs[id]; o != nil && o.name != "" {
		return o.name
	}
	return fmt.Sprintf("object-%d", id)
}
