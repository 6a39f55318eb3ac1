package tell

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A converter makes events of a trace of what a program has written. It keeps what is known of each goroutine and object, so that
// what it tells can have happened also where something was not told: it then says that somebody unknown has done that.
type converter struct {
	start int64
	clock clock
	out   []trace.Event
	seq   uint64
	last  int64
	lost  uint32

	gs     map[uint64]*goroutine
	chans  map[uint64]*object // and timers, which are numbered with them
	others map[address]*object
	lastID trace.ID
	names  map[string]int // how many have a name

	places map[uint64]*site
	files  map[string][][]byte
}

type address struct {
	of uint8
	p  uint64
}

// A goroutine is what is known of one.
type goroutine struct {
	name     string
	waits    *object // nil: it does not wait
	released bool    // it need not wait any more, and has not gone on since
	sel      *object // where it waits in select statements; nil: it has not
}

// An object is what is known of one.
type object struct {
	id    trace.ID
	class trace.Class

	items   []int64 // in a channel
	put     int64
	shut    bool
	ran     bool // of a Once
	waiting int  // how many wait for it
	writes  bool
	reads   int   // of an RWMutex
	count   int64 // of a WaitGroup
	counted bool
}

// A site is a position in the program.
type site struct {
	file, fn string
	line     int
	defined  bool
}

// place returns the file and line, such as "main.go:12".
func (s *site) place() string { return path.Base(s.file) + ":" + strconv.Itoa(s.line) }

// A clock makes times of ticks.
type clock struct {
	first, firstAt int64 // ticks, and when that was
	last, lastAt   int64 // likewise, later
}

// at returns when it was t ticks.
func (c *clock) at(t int64) int64 {
	rate := 1.0
	if c.last > c.first && c.lastAt > c.firstAt {
		rate = float64(c.lastAt-c.firstAt) / float64(c.last-c.first)
	}
	return c.lastAt + int64(float64(t-c.last)*rate)
}

// short returns the name of the function without that of its package.
func (s *site) short() string {
	fn := s.fn[strings.LastIndexByte(s.fn, '/')+1:]
	if _, name, ok := strings.Cut(fn, "."); ok {
		return name
	}
	return fn
}

func newConverter(start, wall int64, clock clock) *converter {
	c := &converter{
		start: start, clock: clock, gs: make(map[uint64]*goroutine), chans: make(map[uint64]*object), others: make(map[address]*object),
		names: make(map[string]int), places: make(map[uint64]*site), files: make(map[string][][]byte),
	}
	c.emit(trace.Event{Kind: trace.KindBegin, N: wall})
	return c
}

func (c *converter) emit(ev trace.Event) {
	c.seq++
	ev.Seq, ev.Time = c.seq, c.last
	c.out = append(c.out, ev)
}

// end tells that there is nothing more.
func (c *converter) end(lost uint32) {
	c.drop(lost)
	c.emit(trace.Event{Kind: trace.KindEnd})
}

// drop tells how many events were lost, of whom there were lost in all.
func (c *converter) drop(lost uint32) {
	if n := lost - c.lost; n > 0 {
		c.lost = lost
		c.seq += uint64(n) - 1
		c.emit(trace.Event{Kind: trace.KindDropped, N: int64(n)})
	}
}

// convert adds what r comes to.
func (c *converter) convert(r *raw) {
	c.drop(r.lost)
	if r.kind == clockIs {
		c.clock.last, c.clock.lastAt = r.time, r.n
		return
	}
	c.last = max(c.last, c.clock.at(r.time)-c.start)
	switch r.kind {
	case spawned:
		c.spawn(r)
	case exited:
		c.g(r.g)
		c.emit(trace.Event{Kind: trace.KindExit, G: int64(r.g)})
		delete(c.gs, r.g)
	case made, putIn, got, handedTo, tookFrom, foundShut, closed:
		c.channel(r)
	case oneCase:
		g := c.g(r.g)
		at := c.at(r, g)
		if g.sel == nil {
			g.sel = c.define(trace.ClassSelect, 0, 0, "select of "+g.name)
		}
		c.emit(trace.Event{Kind: trace.KindWatch, G: int64(r.g), Obj: at.id, Peer: int64(g.sel.id), PC: c.pc(r.pc), Text: verb(r.verb)})
	case blocked:
		c.block(r)
	case readied:
		c.release(r.peer, r.g)
	case resumed:
		g := c.g(r.g)
		if g.waits == nil {
			return
		}
		if !g.released {
			c.release(r.g, 0)
		}
		c.emit(trace.Event{Kind: trace.KindResume, G: int64(r.g), Obj: g.waits.id})
		g.waits = nil
	case acquired, released, tryFailed:
		c.lock(r)
	case timerMade, timerStop, timerSet, timerFire:
		c.timer(r)
	case added, passed, runs, hasRun, notified:
		c.other(r)
	}
}

// g returns what is known of a goroutine, which it defines if nothing is.
func (c *converter) g(id uint64) *goroutine {
	g := c.gs[id]
	if g == nil && id != 0 {
		name := "main"
		if id != 1 {
			name = "goroutine-" + strconv.FormatUint(id, 10)
		}
		g = c.defineG(id, 0, name)
	}
	if g == nil {
		g = new(goroutine)
	}
	return g
}

func (c *converter) defineG(id, parent uint64, name string) *goroutine {
	g := &goroutine{name: name}
	c.gs[id] = g
	c.emit(trace.Event{Kind: trace.KindDefineG, G: int64(id), Peer: int64(parent), Text: name})
	return g
}

// another returns name, with a number if there is one of that name already.
func (c *converter) another(name string) string {
	c.names[name]++
	if n := c.names[name]; n > 1 {
		return name + "#" + strconv.Itoa(n)
	}
	return name
}

func (c *converter) spawn(r *raw) {
	c.g(r.g)
	c.defineG(r.peer, r.g, c.another(c.called(r)))
	c.emit(trace.Event{Kind: trace.KindSpawn, G: int64(r.g), Peer: int64(r.peer), PC: c.pc(r.pc)})
}

// goStatement finds what a go statement calls.
var goStatement = regexp.MustCompile(`\bgo\s+([\pL_][\pL\pN_.]*)(?:\[[^\]]*\])?\(`)

// called returns what to call a goroutine: the function that it runs.
func (c *converter) called(r *raw) string {
	fn := ""
	if s := c.places[uint64(r.n)]; s != nil {
		fn = s.short()
	}
	name, wrapper := strings.CutSuffix(fn, "-fm")
	if i := strings.LastIndex(name, ".gowrap"); i >= 0 {
		wrapper = true
	}
	at := c.places[r.pc]
	if wrapper && at != nil { // what it calls stands in the source only
		if m := goStatement.FindSubmatch(c.line(at)); m != nil && string(m[1]) != "func" {
			return string(m[1])
		}
	}
	switch {
	case fn != "" && !wrapper:
		return fn
	case at != nil:
		return "go " + at.place()
	}
	return "goroutine"
}

// define defines an object.
func (c *converter) define(class trace.Class, n int64, parent trace.ID, name string) *object {
	c.lastID++
	o := &object{id: c.lastID, class: class}
	c.emit(trace.Event{Kind: trace.KindDefineObj, Obj: o.id, Class: class, N: n, Peer: int64(parent), Text: name})
	return o
}

// named returns the name of an object of a sort that is made, or first used, at pc: what it is called in that line, if that is
// plain, or the sort, and the line.
func (c *converter) named(sort string, pc uint64) string {
	s := c.places[pc]
	if s == nil {
		return c.another(sort + " of the library")
	}
	how := used
	if sort == "chan" || sort == "timer" {
		how = makes
	}
	line := c.line(s)
	if m := how.FindAllSubmatch(line, 2); len(m) == 1 && bytes.Count(line, []byte("make(chan")) < 2 && len(m[0][1]) == 0 {
		sort = string(m[0][2])
	}
	return c.another(sort + " " + s.place())
}

var (
	// makes finds what gets a channel or timer that is made.
	makes = regexp.MustCompile(`(,?)\s*\b([\pL_][\pL\pN_.]*)\s*(?::=|=|:)\s*(?:make\(chan\b|time\.(?:NewTimer|NewTicker|AfterFunc|After|Tick)\()`)
	// used finds of what a method of package sync is called.
	used = regexp.MustCompile(`()([\pL_][\pL\pN_.]*)\.(?:R?Lock|R?Unlock|TryR?Lock|Wait|Add|Done|Go|Do|Signal|Broadcast)\(`)
)

// pc returns the position pc for an event, and defines it.
func (c *converter) pc(pc uint64) uint64 {
	s := c.places[pc]
	if s == nil {
		return 0
	}
	if !s.defined {
		s.defined = true
		text := s.place() + " " + s.fn[strings.LastIndexByte(s.fn, '/')+1:]
		from, source := c.around(s)
		if source != "" {
			text += "\n" + source
		}
		c.emit(trace.Event{Kind: trace.KindDefinePC, PC: pc, N: int64(from), Text: text})
	}
	return pc
}

const (
	sides    = 12      // lines of source before a position, and behind it
	maxFile  = 4 << 20 // bytes of a file that is read for that
	maxFiles = 256
)

// source returns the lines of the file called name, nil if they cannot be had.
func (c *converter) source(name string) [][]byte {
	lines, known := c.files[name]
	if !known && len(c.files) < maxFiles && path.IsAbs(name) {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Size() <= maxFile {
			if text, err := os.ReadFile(name); err == nil {
				lines = bytes.Split(text, []byte("\n"))
			}
		}
		c.files[name] = lines
	}
	return lines
}

func (c *converter) line(s *site) []byte {
	if lines := c.source(s.file); s.line >= 1 && s.line <= len(lines) {
		return lines[s.line-1]
	}
	return nil
}

// around returns the source around s, and the number of the first line.
func (c *converter) around(s *site) (from int, text string) {
	lines := c.source(s.file)
	if s.line < 1 || s.line > len(lines) {
		return 0, ""
	}
	from = max(1, s.line-sides)
	return from, string(bytes.Join(lines[from-1:min(len(lines), s.line+sides)], []byte("\n")))
}

// Channels.

// fill returns what an event says of a channel: how much fits into it, and how much is in it.
func fill(n int64) (capacity, count int) { return int(n >> 32), int(uint32(n)) }

// chanOf returns the channel of r, with as many items as it had before.
func (c *converter) chanOf(r *raw, before int) *object {
	o := c.chans[r.obj]
	if o == nil {
		capacity, _ := fill(r.n)
		o = c.define(trace.ClassChan, int64(capacity), 0, c.named("chan", r.pc))
		c.chans[r.obj] = o
	}
	for len(o.items) < before {
		o.put++
		o.items = append(o.items, o.put)
		c.emit(trace.Event{Kind: trace.KindPut, Obj: o.id, N: o.put})
	}
	for len(o.items) > max(0, before) {
		c.emit(trace.Event{Kind: trace.KindGet, Obj: o.id, N: o.items[0]})
		o.items = o.items[1:]
	}
	return o
}

func (c *converter) channel(r *raw) {
	c.g(r.g)
	pc := c.pc(r.pc)
	capacity, count := fill(r.n)
	switch r.kind {
	case putIn:
		c.put(c.chanOf(r, count-1), r.g, pc)
	case got:
		c.get(c.chanOf(r, count+1), r.g, pc)
	case handedTo:
		o := c.chanOf(r, 0)
		c.put(o, r.g, pc)
		c.release(r.peer, r.g)
		c.get(o, r.peer, 0)
	case tookFrom:
		if capacity > 0 {
			o := c.chanOf(r, capacity)
			c.get(o, r.g, pc)
			c.release(r.peer, r.g)
			c.put(o, r.peer, 0)
			break
		}
		o := c.chanOf(r, 0)
		c.release(r.peer, r.g)
		c.put(o, r.peer, 0)
		c.get(o, r.g, pc)
	case foundShut:
		o := c.chanOf(r, 0)
		if !o.shut { // it was closed before anything was known of it
			o.shut = true
			c.emit(trace.Event{Kind: trace.KindClose, Obj: o.id})
		}
		c.emit(trace.Event{Kind: trace.KindPass, G: int64(r.g), Obj: o.id, PC: pc})
	case closed:
		o := c.chanOf(r, count)
		o.shut = true
		c.emit(trace.Event{Kind: trace.KindClose, G: int64(r.g), Obj: o.id, PC: pc})
	default:
		c.chanOf(r, 0)
	}
}

func (c *converter) put(o *object, g, pc uint64) {
	o.put++
	o.items = append(o.items, o.put)
	c.emit(trace.Event{Kind: trace.KindPut, G: int64(g), Obj: o.id, N: o.put, PC: pc})
}

func (c *converter) get(o *object, g, pc uint64) {
	n := o.items[0]
	if o.items = o.items[1:]; len(o.items) == 0 {
		o.items = nil
	}
	c.emit(trace.Event{Kind: trace.KindGet, G: int64(g), Obj: o.id, N: n, PC: pc})
}

// at returns the object of r, where g is about to wait.
func (c *converter) at(r *raw, g *goroutine) *object {
	switch r.what {
	case ofChan:
		_, count := fill(r.n)
		return c.chanOf(&raw{obj: r.obj, n: r.n, pc: r.pc}, count)
	case ofSelect:
		if g.sel == nil {
			g.sel = c.define(trace.ClassSelect, 0, 0, "select of "+g.name)
		}
		return g.sel
	}
	return c.object(r, true)
}

// only are the objects of which there is one.
var only = map[uint8]struct {
	class trace.Class
	name  string
}{ofNilChan: {trace.ClassNilChan, "nil channel"}, ofClock: {trace.ClassClock, "clock"}, ofNetwork: {trace.ClassOther, "network"}}

// sorts are what others are.
var sorts = map[uint8]struct {
	class trace.Class
	name  string
}{
	ofMutex: {trace.ClassMutex, "mutex"}, ofRWMutex: {trace.ClassRWMutex, "rwmutex"}, ofWaitGroup: {trace.ClassWaitGroup, "waitgroup"},
	ofOnce: {trace.ClassOnce, "once"}, ofCond: {trace.ClassCond, "cond"},
}

// object returns the object of r. If it is not known, and held says so, somebody has it who is not known.
func (c *converter) object(r *raw, held bool) *object {
	k := address{r.what, r.obj}
	if one, ok := only[r.what]; ok {
		k.p = 0
		if c.others[k] == nil {
			c.others[k] = c.define(one.class, 0, 0, one.name)
		}
		return c.others[k]
	}
	o := c.others[k]
	if s := c.places[r.obj]; o == nil && r.what == ofLibrary {
		name := "standard library"
		if s != nil {
			name = s.short() + " " + s.place()
		}
		o = c.define(trace.ClassOther, 0, 0, c.another(name))
		c.others[k] = o
	}
	if o == nil {
		sort, ok := sorts[r.what]
		if !ok {
			sort.class, sort.name = trace.ClassOther, "object"
		}
		n := int64(0)
		switch r.what {
		case ofMutex, ofRWMutex:
			if held {
				n = 1
			}
		case ofWaitGroup:
			if r.kind == added {
				n = max(0, r.n-int64(r.peer))
			}
		}
		o = c.define(sort.class, n, 0, c.named(sort.name, r.pc))
		o.count = n
		o.writes = n == 1 && (r.what == ofMutex || r.what == ofRWMutex)
		c.others[k] = o
	}
	return o
}

// block tells that a goroutine begins to wait.
func (c *converter) block(r *raw) {
	g := c.g(r.g)
	o := c.at(r, g)
	if r.what == ofOnce && o.ran {
		return // who has run the function has told so, and is about to let go of those who wait
	}
	ev := trace.Event{Kind: trace.KindBlock, G: int64(r.g), Obj: o.id, N: 1, PC: c.pc(r.pc), Text: verb(r.verb)}
	if r.what == ofClock {
		ev.N = r.n
	}
	if r.what == ofWaitGroup && o.count == 0 { // somebody has added to it, of whom nothing was told
		o.count = 1
		c.emit(trace.Event{Kind: trace.KindAdd, Obj: o.id, N: 1})
	}
	if r.verb&atFront != 0 {
		ev.Peer = -1
	}
	c.emit(ev)
	g.waits, g.released = o, false
	o.waiting++
}

// release tells that the goroutine id need not wait any more, because of what another has done.
func (c *converter) release(id, by uint64) {
	g := c.gs[id]
	if g == nil || g.waits == nil || g.released {
		return
	}
	c.g(by)
	g.released = true
	g.waits.waiting--
	c.zero(g.waits, by)
	c.emit(trace.Event{Kind: trace.KindUnblock, G: int64(id), Obj: g.waits.id, Peer: int64(by)})
}

// stranger reports whether r is about an object of which nothing is known and that nobody says to be the program's.
func (c *converter) stranger(r *raw) bool {
	return r.pc == 0 && c.others[address{r.what, r.obj}] == nil
}

// zero tells that the counter of a WaitGroup is 0, if it is not so already, because of what the goroutine by has done.
func (c *converter) zero(o *object, by uint64) {
	if o.class == trace.ClassWaitGroup && o.count != 0 {
		o.count = 0
		c.emit(trace.Event{Kind: trace.KindAdd, G: int64(by), Obj: o.id})
	}
}

// lock tells of locks, and of who could have none.
func (c *converter) lock(r *raw) {
	if c.stranger(r) {
		return
	}
	c.g(r.g)
	o := c.object(r, r.kind != acquired)
	pc := c.pc(r.pc)
	text := verb(r.verb)
	read := strings.HasPrefix(text, "R") || strings.HasPrefix(text, "TryR")
	nobody := trace.Event{Obj: o.id, N: 1, Text: "Lock"}
	switch r.kind {
	case acquired:
		nobody.Kind, nobody.N = trace.KindRelease, 0
		if o.writes {
			nobody.Text = "Unlock"
			c.emit(nobody)
			o.writes = false
		}
		for ; !read && o.reads > 0; o.reads-- {
			nobody.Text = "RUnlock"
			c.emit(nobody)
		}
		if read {
			o.reads++
		} else {
			o.writes = true
		}
		c.emit(trace.Event{Kind: trace.KindAcquire, G: int64(r.g), Obj: o.id, N: 1, PC: pc, Text: text})
	case released:
		nobody.Kind = trace.KindAcquire
		switch {
		case read && o.writes:
			c.emit(trace.Event{Kind: trace.KindRelease, Obj: o.id, Text: "Unlock"})
			o.writes = false
			fallthrough
		case read && o.reads == 0:
			nobody.Text = "RLock"
			c.emit(nobody)
			o.reads++
		case !read && !o.writes:
			for ; o.reads > 0; o.reads-- {
				c.emit(trace.Event{Kind: trace.KindRelease, Obj: o.id, Text: "RUnlock"})
			}
			c.emit(nobody)
		}
		if read {
			o.reads--
		} else {
			o.writes = false
		}
		c.emit(trace.Event{Kind: trace.KindRelease, G: int64(r.g), Obj: o.id, PC: pc, Text: text})
	default:
		c.emit(trace.Event{Kind: trace.KindTryFail, G: int64(r.g), Obj: o.id, N: 1, PC: pc, Text: text})
	}
}

// timer tells of timers.
func (c *converter) timer(r *raw) {
	c.g(r.g)
	o := c.chans[r.obj]
	when := max(0, r.n-c.start)
	if r.n == 0 {
		when = 0
	}
	if o == nil {
		parent := trace.ID(0)
		if ch := c.chans[r.peer]; ch != nil && r.peer != 0 {
			parent = ch.id
		}
		o = c.define(trace.ClassTimer, 0, parent, c.named("timer", r.pc))
		c.chans[r.obj] = o
	}
	ev := trace.Event{G: int64(r.g), Obj: o.id, N: when, PC: c.pc(r.pc)}
	switch r.kind {
	case timerStop:
		ev.Kind, ev.N = trace.KindClear, 0
	case timerFire:
		ev.Kind, ev.G = trace.KindFire, 0
	default:
		ev.Kind = trace.KindSet
	}
	c.emit(ev)
}

// other tells of groups, Onces and conditions.
func (c *converter) other(r *raw) {
	if c.stranger(r) {
		return
	}
	c.g(r.g)
	if old := c.others[address{r.what, r.obj}]; r.kind == runs && old != nil && old.ran {
		delete(c.others, address{r.what, r.obj}) // there is another where that was
	}
	o := c.object(r, false)
	if r.kind == passed {
		c.zero(o, 0)
	}
	ev := trace.Event{G: int64(r.g), Obj: o.id, PC: c.pc(r.pc)}
	switch r.kind {
	case added:
		// Of two who add at once, who was told of first need not have been the first.
		if o.count += int64(r.peer); o.count < 0 {
			o.count = max(0, r.n)
		}
		ev.Kind, ev.N = trace.KindAdd, o.count
	case passed:
		ev.Kind = trace.KindPass
	case runs:
		ev.Kind = trace.KindActionBegin
	case hasRun:
		ev.Kind = trace.KindActionEnd
		o.ran = true
	case notified:
		ev.Kind, ev.N = trace.KindNotify, int64(o.waiting)
		if verb(r.verb) == "Signal" {
			ev.N = min(ev.N, 1)
		}
	}
	c.emit(ev)
}

// learn takes account of what is at a position.
func (c *converter) learn(pc uint64, s *site) {
	if old := c.places[pc]; old == nil {
		c.places[pc] = s
	}
}
