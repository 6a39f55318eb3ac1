package dist

import (
	"encoding/json"
	"fmt"
)

// A note is sent to watchers for what is not stored: waits, operations on queues, and remarks. Notes are not kept, and nothing
// depends on them.
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

// notes returns the subject of notes.
func (s *Space) notes() string { return "turnstile.told." + s.bucket }

// items returns the subject on which items stored in queues are announced.
func (s *Space) items(token string) string { return "turnstile.items." + s.bucket + "." + token }

// byHeader is the header of an item that names the process that put it.
const byHeader = "Turnstile-By"

// tell sends a note to the watchers, if there are any. It does not wait, and a note that cannot be sent is lost.
func (s *Space) tell(n note) {
	n.Who = s.who
	if data, err := json.Marshal(n); err == nil && s.nc != nil {
		_ = s.nc.Publish(s.notes(), data)
	}
}

// Log adds a remark of this process to the output of [Space.Trace], in whichever process that runs. It does not wait,
// and nothing is stored.
func (s *Space) Log(format string, args ...any) {
	if end, err := s.begin(); err == nil {
		defer end()
		s.tell(note{Kind: noteRemarks, Text: fmt.Sprintf(format, args...)})
	}
}

// An announcement reports the beginning and the end of a wait to watchers.
type announcement struct {
	s     *Space
	note  note
	begun bool // the beginning was reported
}

func (s *Space) announcement(key, verb string) *announcement {
	return &announcement{s: s, note: note{Key: key, Verb: verb, ID: newID()}}
}

// begins announces the beginning of the wait, once.
func (t *announcement) begins() {
	if !t.begun {
		t.begun = true
		t.note.Kind = noteWaits
		t.s.tell(t.note)
	}
}

// ends announces the end of the wait, if its beginning was announced.
func (t *announcement) ends(err error) {
	if !t.begun {
		return
	}
	if t.note.Kind = noteWoken; err != nil {
		t.note.Kind = noteGaveUp
	}
	t.s.tell(t.note)
}
