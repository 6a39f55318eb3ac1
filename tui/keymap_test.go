package tui

import (
	"reflect"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// The keys of every action can be changed, and no default keys conflict.
func TestActions(t *testing.T) {
	var m keyMap
	for _, d := range actions {
		*d.of(&m) = keys("x")
	}
	for i := range reflect.TypeFor[keyMap]().NumField() {
		if reflect.ValueOf(m).Field(i).FieldByName("keys").Len() != 1 {
			t.Errorf("the keys for %s cannot be chosen", reflect.TypeFor[keyMap]().Field(i).Name)
		}
	}
	for _, d := range actions {
		if names := d.of(&defaultKeys).Keys(); len(names) == 0 {
			t.Errorf("there is no key for %s", d.name)
		}
	}
}

// Changed keys have the actions of the default keys, which do nothing anymore, and are shown in their place.
func TestKeys(t *testing.T) {
	t.Cleanup(func() { bindings = defaultKeys })
	var err error
	if bindings, err = (Keys{"pause": {"p"}, "forth": {"."}, "find-next": {"f6"}, "twin": {"ctrl+t"}, "help": {"f1"}}).keyMap(); err != nil {
		t.Fatal(err)
	}
	d := playback(t, tuitest.AbortTrace(), 120, 36)
	d.key("p", "home")
	d.want("p play", "← . step", "f1 help")
	d.key("p")
	if !d.m.player.playing {
		t.Error("p does not resume playback")
	}
	d.key("space")
	if !d.m.player.playing {
		t.Error("space still pauses")
	}
	d.key("p")
	n := d.m.player.scene().N
	d.key(".")
	if got := d.m.player.scene().N; got <= n {
		t.Errorf(". leads from event %d to %d", n, got)
	}
	n = d.m.player.scene().N
	d.key("right")
	if got := d.m.player.scene().N; got != n {
		t.Errorf("the arrow still leads from event %d to %d", n, got)
	}
	d.send(keyMust(t, "f1"))
	d.want("─ help ─", "p         pause", "f1        this help", "ctrl+t    to the twin")
	cfg := testConfig()
	cfg.Entries[0].Twin = "semaphore"
	d = drive(t, cfg, 120, 36)
	d.want("ctrl+t twin")
	for _, tt := range []struct {
		keys Keys
		want string
	}{
		{Keys{"dance": {"d"}}, `called "dance"`}, {Keys{"pause": {"pause"}}, `no key is called "pause"`}, {Keys{"pause": {"q"}}, `"q" is a key of both pause and quit`}, {Keys{"pause": {"7"}}, "digits"}, {Keys{"quit": {}}, "must have a key"},
		{Keys{"twin": {"t"}, "stats": {"t"}}, ""}, {Keys{"twin": {"v"}}, ""}, {Keys{"stats": {"v"}}, `"v" is a key of both stats and source`},
	} {
		if err := tt.keys.Check(); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%v: %v, want %q", tt.keys, err, tt.want)
		}
	}
}
