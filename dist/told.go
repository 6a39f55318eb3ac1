package dist

import (
	"encoding/json"
	"fmt"
)

// A note is what a process tells those who watch of what is not stored: who waits, what happens at queues, and remarks. Nobody keeps
// it, and nothing is decided by it.
type note struct {
	Kind noteKind
	Who  string
	Key  string `json:",omitempty"` // of what it is, such as "queue.pages"
	ID   string `json:",omitempty"` // of the wait that begins or ends
	Verb string `json:",omitempty"`
	Item uint64 `json:",omitempty"`
	Text string `json:",omitempty"`
}

type noteKind string

const (
	noteWaits   noteKind = "wait"    // it begins to wait
	noteWoken   noteKind = "woken"   // a wait has ended well
	noteGaveUp  noteKind = "gave-up" // a wait has ended otherwise
	noteGot     noteKind = "get"     // it has taken an item, and ended the wait if there is one
	noteDone    noteKind = "done"    // it has finished an item
	noteRetries noteKind = "retry"   // it gives an item back
	noteBuries  noteKind = "dead"    // it makes an item a dead letter; Text says why
	noteRemarks noteKind = "log"
	noteExits   noteKind = "exit" // its space is closed
)

// told returns where notes are told.
func (s *Space) told() string { return "turnstile.told." + s.bucket }

// items returns where it is told of items that are stored in queues.
func (s *Space) items(token string) string { return "turnstile.items." + s.bucket + "." + token }

// byHeader is the header of an item that says who put it.
const byHeader = "Turnstile-By"

// tell tells those who watch, if anybody does. It does not wait, and what cannot be sent is lost.
func (s *Space) tell(n note) {
	n.Who = s.who
	if data, err := json.Marshal(n); err == nil && s.nc != nil {
		_ = s.nc.Publish(s.told(), data)
	}
}

// Log adds a remark of this process to what [Space.Trace] tells, wherever that runs. It does not wait, and nothing is stored.
func (s *Space) Log(format string, args ...any) {
	if end, err := s.begin(); err == nil {
		defer end()
		s.tell(note{Kind: noteRemarks, Text: fmt.Sprintf(format, args...)})
	}
}

// A telling is a wait of which it may be told.
type telling struct {
	s    *Space
	note note
	told bool
}

func (s *Space) telling(key, verb string) *telling {
	return &telling{s: s, note: note{Key: key, Verb: verb, ID: newID()}}
}

// begins tells that the wait has begun, once.
func (t *telling) begins() {
	if !t.told {
		t.told = true
		t.note.Kind = noteWaits
		t.s.tell(t.note)
	}
}

// ends tells that the wait has ended, if it was told of.
func (t *telling) ends(err error) {
	if !t.told {
		return
	}
	if t.note.Kind = noteWoken; err != nil {
		t.note.Kind = noteGaveUp
	}
	t.s.tell(t.note)
}
