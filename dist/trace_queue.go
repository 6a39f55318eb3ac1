package dist

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An early is a note about an item that is not the next of its queue: the note about the next one is on its way, or was lost.
type early struct {
	note note
	o    *traced
	by   time.Time // until when it waits
}

// patient is the time for which early notes wait.
const patient = 200 * time.Millisecond

// text returns an item as it is shown.
func (o *traced) text(seq uint64) string {
	return cmp.Or(o.texts[seq], "item "+strconv.FormatUint(seq, 10))
}

// put emits that an item was put.
func (t *tracer) put(o *traced, seq uint64, by, id, text string) {
	if o.numbers[seq] != 0 {
		return
	}
	var plain string
	if json.Unmarshal([]byte(text), &plain) == nil {
		text = plain
	}
	if len(text) > 60 {
		text = text[:57] + "…"
	}
	o.texts[seq] = strings.ToValidUTF8(text, "")
	w := t.waits[id]
	var l *lane
	if w != nil {
		l = t.unblock(w)
	} else if by != "" {
		l = t.lane(by)
	}
	others := t.pass(o, "Put", w != nil)
	o.number++
	o.numbers[seq] = o.number
	o.unfinished++
	t.emit(o, l, trace.Event{Kind: trace.KindPut, N: o.number, Peer: int64(len(o.list)), Text: o.texts[seq]})
	o.list = append(o.list, seq)
	if w != nil {
		t.emit(o, l, trace.Event{Kind: trace.KindResume})
	}
	for _, other := range others {
		t.ask(other)
	}
	t.ripe(o)
}

// pass removes the waiters at o for verb, and returns them: a process that has not waited is faster, since the order of service is
// not guaranteed. If it has waited, that has been done.
func (t *tracer) pass(o *traced, verb string, waited bool) (others []*wait) {
	for _, other := range slices.Clone(o.waits) {
		if other.verb == verb && !waited {
			t.giveUp(other, trace.ReasonTimedOut)
			others = append(others, other)
		}
	}
	return others
}

// get emits that an item was taken, or keeps the note until it is the next.
func (t *tracer) get(o *traced, n *note) {
	switch {
	case o.numbers[n.Item] == 0: // it was there before
		t.put(o, n.Item, "", "", "")
	case o.taken[n.Item] != nil: // it was given out before
		defer func() {
			t.emit(nil, o.taken[n.Item], trace.Event{Kind: trace.KindLog, Text: o.text(n.Item) + " was given out before, and not finished"})
		}()
		delete(o.taken, n.Item)
		o.number++
		o.numbers[n.Item] = o.number
		t.emit(o, nil, trace.Event{Kind: trace.KindRequeue, N: o.number, Text: o.text(n.Item)})
		o.list = slices.Insert(o.list, 0, n.Item)
	}
	if o.list[0] != n.Item {
		t.early = append(t.early, &early{*n, o, time.Now().Add(patient)})
		return
	}
	t.take(o, n)
	t.ripe(o)
}

// take emits that the next item was taken.
func (t *tracer) take(o *traced, n *note) {
	w := t.waits[n.ID]
	var l *lane
	switch {
	case w != nil:
		l = t.unblock(w)
	case n.Who != "":
		l = t.lane(n.Who)
	}
	others := t.pass(o, "Get", w != nil)
	t.emit(o, l, trace.Event{Kind: trace.KindGet, N: o.numbers[n.Item], Text: o.text(n.Item)})
	o.list = o.list[1:]
	o.taken[n.Item] = cmp.Or(l, &lane{})
	if w != nil {
		t.emit(o, l, trace.Event{Kind: trace.KindResume})
	}
	for _, other := range others {
		t.ask(other)
	}
}

// ripe emits the events of early notes that are next now.
func (t *tracer) ripe(o *traced) {
	for again := true; again; {
		again = false
		for i, e := range t.early {
			if e.o == o && len(o.list) > 0 && o.list[0] == e.note.Item {
				t.early = slices.Delete(t.early, i, i+1)
				t.take(o, &e.note)
				again = true
				break
			}
		}
	}
}

// late emits the events of early notes, after events that give the items that should have come before to an unknown process.
func (t *tracer) late(e *early) {
	for slices.Contains(t.early, e) {
		if len(e.o.list) == 0 {
			t.early = slices.DeleteFunc(t.early, func(other *early) bool { return other == e })
			return
		}
		t.take(e.o, &note{Item: e.o.list[0]})
		t.ripe(e.o)
	}
}

// finish emits that an item is finished, or is a dead letter.
func (t *tracer) finish(o *traced, n *note) {
	for _, e := range slices.Clone(t.early) {
		if e.o == o && e.note.Item == n.Item {
			t.late(e)
		}
	}
	l := o.taken[n.Item]
	if l == nil && o.numbers[n.Item] != 0 {
		for slices.Contains(o.list, n.Item) { // its Get was not reported
			t.take(o, &note{Item: o.list[0]})
		}
	}
	if l == nil || l.at != nil || !slices.Contains(t.lanes[n.Who], l) {
		l = t.lane(n.Who)
	}
	if o.taken[n.Item] == nil {
		return // or that it was put
	}
	if n.Kind == noteBuries {
		t.emit(nil, l, trace.Event{Kind: trace.KindLog, Text: o.text(n.Item) + " is a dead letter: " + n.Text})
	}
	delete(o.taken, n.Item)
	delete(o.texts, n.Item)
	delete(o.numbers, n.Item)
	o.unfinished--
	t.emit(o, l, trace.Event{Kind: trace.KindTaskDone, N: o.unfinished})
	if o.unfinished == 0 {
		t.release(o, "Join")
	}
}
