package tracefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

const head = `{"format":"turnstile-trace","version":1}` + "\n"

var sample = []trace.Event{
	{Seq: 1, Kind: trace.KindBegin, N: 1_760_000_000_000_000_000},
	{Seq: 2, Time: 5, Kind: trace.KindDefineG, G: 1, Text: "main"},
	{Seq: 3, Time: 6, Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassReentrantLock, Text: "a \"quoted\"\nname, ünïcode \x01 </script> \u2028"},
	{Seq: 4, Time: 7, Kind: trace.KindDefinePC, PC: 1<<64 - 1, Text: "main.go:12 main.main"},
	{Seq: 9, Time: 7, Kind: trace.KindDropped, N: 5},
	{Seq: 10, Time: int64(maxTime), Kind: trace.KindBlock, G: maxID, Obj: maxID, Peer: -1, N: 1<<63 - 1, Text: "Lock"},
	{Seq: 11, Kind: 200, Class: 99, N: -1 << 63},
	{Seq: 12, Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassChan, Inner: true, Text: "chan-1"},
}

func TestFileRoundTrip(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, sample); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), iotest.OneByteReader(&file))
	if err != nil || !reflect.DeepEqual(got, sample) {
		t.Errorf("%v\n got %+v\nwant %+v", err, got, sample)
	}
}

func TestFileLooksLike(t *testing.T) {
	var file strings.Builder
	if err := Write(&file, sample[:3]); err != nil {
		t.Fatal(err)
	}
	want := head + `{"seq":1,"t":0,"kind":"begin","n":1760000000000000000}
{"seq":2,"t":5,"kind":"define-g","g":1,"text":"main"}
{"seq":3,"t":6,"kind":"define-obj","obj":1,"class":"reentrant-lock","text":"a \"quoted\"\nname, ünïcode \u0001 \u003c/script\u003e \u2028"}
`
	if file.String() != want {
		t.Errorf("got\n%swant\n%s", file.String(), want)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, []trace.Event{{Seq: 1, Kind: trace.KindLog, Text: strings.Repeat("\x01é", maxLine)}}); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), &file)
	if err != nil || len(got) != 1 || len(got[0].Text) > maxText+3 || !strings.HasSuffix(got[0].Text, "\x01é…") && !strings.HasSuffix(got[0].Text, "é\x01…") {
		t.Errorf("%d events, %v", len(got), err)
	}
}

// The lines are written by hand for speed; encoding/json is the reference.
func TestFileIsJSON(t *testing.T) {
	for _, ev := range sample {
		want, err := json.Marshal(ev)
		if got := appendEvent(nil, &ev); err != nil || string(got) != string(want)+"\n" {
			t.Errorf("got %s, want %s, %v", got, want, err)
		}
	}
}

func TestFileOfManyEvents(t *testing.T) {
	events := make([]trace.Event, 20_000)
	for i := range events {
		events[i] = trace.Event{Seq: uint64(i + 1), Time: int64(i), Kind: trace.KindAcquire, G: int64(i%7 + 1), Obj: 1, N: 1}
	}
	var file bytes.Buffer
	if err := Write(&file, events); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(t.Context(), &file); err != nil || !reflect.DeepEqual(got, events) {
		t.Errorf("%d events, %v", len(got), err)
	}
}

func TestReadTolerates(t *testing.T) {
	one := `{"seq":1,"t":0,"kind":"log","text":"x"}`
	for name, file := range map[string]string{
		"CRLF":            `{"format":"turnstile-trace","version":1}` + "\r\n" + one + "\r\n",
		"empty lines":     head + "\n" + one + "\n \n\n",
		"no last newline": head + one,
		"unknown fields":  `{"format":"turnstile-trace","version":1,"by":{"x":[1]}}` + "\n" + `{"seq":1,"new":[{}],"kind":"log","text":"x"}`,
	} {
		got, err := Read(t.Context(), strings.NewReader(file))
		if err != nil || len(got) != 1 || got[0].Text != "x" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestReadUnknownNames(t *testing.T) {
	got, err := Read(t.Context(), strings.NewReader(head+`{"kind":"teleport","class":"worm-hole"}
{"kind":"kind-200","class":"class-170"}
{"kind":"kind-3","class":"class-x"}
`))
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, want := range []trace.Event{{Kind: 255, Class: 255}, {Kind: 200, Class: 170}, {Kind: 255, Class: 255}} {
		if got[i] != want {
			t.Errorf("got %+v, want %+v", got[i], want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	one := `{"seq":1,"kind":"log"}` + "\n"
	long := strings.Repeat("x", maxLine)
	for _, c := range []struct {
		name, file string
		events     int
		want       string
	}{
		{"empty", "", 0, "tracefile: not a turnstile trace: it is empty"},
		{"another format", "{\"format\":\"else\",\"version\":1}\n", 0, `tracefile: not a turnstile trace: it begins with "{\"format\":\"else\",\"version\":1}"`},
		{"text", "hello\n", 0, `tracefile: not a turnstile trace: it begins with "hello"`},
		{"binary", "\x7fELF\x00\x00", 0, `tracefile: not a turnstile trace: it begins with "\x7fELF\x00\x00"`},
		{"one huge line", long + long, 0, `tracefile: not a turnstile trace: it begins with "` + long[:40] + `"`},
		{"newer", "{\"format\":\"turnstile-trace\",\"version\":2}\n" + one, 0, "tracefile: the file has version 2 of the format, only 1 can be read here"},
		{"no version", "{\"format\":\"turnstile-trace\"}\n", 0, "tracefile: the file has version 0 of the format, only 1 can be read here"},
		{"torn", head + one + `{"seq":2,"kin`, 1, "tracefile: the last event is incomplete"},
		{"torn, then zeros", head + one + "\x00\x00\x00\x00", 1, "tracefile: the last event is incomplete"},
		{"garbage", head + one + "garbage\n" + one, 1, "tracefile: line 3: no event: invalid character 'g' looking for beginning of value"},
		{"NUL bytes", head + "\x00\x00\n" + one, 0, "tracefile: line 2: no event: invalid character '\\x00' looking for beginning of value"},
		{"another object", head + "{}\n", 0, "tracefile: line 2: no event: its kind is missing"},
		{"null", head + "null\n", 0, "tracefile: line 2: no event: its kind is missing"},
		{"deep", head + strings.Repeat("[", 20_000) + "\n", 0, "tracefile: line 2: no event: invalid character '[' exceeded max depth"},
		{"long line", head + one + "\n" + `{"kind":"log","text":"` + long + "\"}\n" + one, 1, "tracefile: line 4: longer than 1048576 bytes"},
		{"a time beyond all", head + `{"kind":"log","t":9223372036854775807}` + "\n", 0, "tracefile: line 2: no event: t is out of range, must be 0 … 1576800000000000000"},
		{"a time before the beginning", head + `{"kind":"log","t":-1}` + "\n", 0, "tracefile: line 2: no event: t is out of range, must be 0 … 1576800000000000000"},
		{"a sequence number", head + `{"kind":"log","seq":18446744073709551615}` + "\n", 0, "tracefile: line 2: no event: seq is out of range, must be 0 … 9007199254740991"},
		{"a goroutine", head + `{"kind":"log","g":-1}` + "\n", 0, "tracefile: line 2: no event: g is out of range, must be 0 … 9007199254740991"},
		{"an object", head + `{"kind":"log","obj":9007199254740992}` + "\n", 0, "tracefile: line 2: no event: obj is out of range, must be 0 … 9007199254740991"},
		{"another goroutine", head + `{"kind":"unblock","peer":-1}` + "\n", 0, "tracefile: line 2: no event: peer is out of range, must be 0 … 9007199254740991"},
		{"a place", head + `{"kind":"block","peer":-2}` + "\n", 0, "tracefile: line 2: no event: peer is out of range, must be -1 … 9007199254740991"},
		{"what is joined", head + `{"kind":"define-obj","class":"goroutine","n":9223372036854775807}` + "\n", 0, "tracefile: line 2: no event: n is out of range, must be 0 … 9007199254740991"},
		{"a count", head + one + `{"kind":"release","n":-1}` + "\n", 1, "tracefile: line 3: no event: n is -1, must not be negative"},
		{"a number beyond all", head + `{"kind":"log","n":9223372036854775808}` + "\n", 0, "tracefile: line 2: no event: json: cannot unmarshal number 9223372036854775808 into Go struct field Event.n of type int64"},
		{"number", head + `{"kind":"log","n":1.5}` + "\n", 0, "tracefile: line 2: no event: json: cannot unmarshal number 1.5 into Go struct field Event.n of type int64"},
	} {
		events, err := Read(t.Context(), strings.NewReader(c.file))
		if err == nil || err.Error() != c.want || len(events) != c.events {
			t.Errorf("%s: %d events, error\n%v, want %d and\n%s", c.name, len(events), err, c.events, c.want)
		}
	}
}

func TestReadErrorsAreTyped(t *testing.T) {
	read := func(file string) error {
		_, err := Read(t.Context(), strings.NewReader(file))
		return err
	}
	var v *VersionError
	var l *LineError
	if err := read(`{"format":"turnstile-trace","version":7}`); !errors.As(err, &v) || v.Version != 7 {
		t.Errorf("newer: %v", err)
	}
	if err := read(head + "x\ny"); !errors.As(err, &l) || l.Line != 2 {
		t.Errorf("garbage: %v", err)
	}
	if err := read("x"); !errors.Is(err, ErrFormat) {
		t.Errorf("foreign: %v", err)
	}
	if err := read(head + "x"); !errors.Is(err, ErrTruncated) {
		t.Errorf("torn: %v", err)
	}
	broken := errors.New("broken")
	for _, before := range []string{"", head, head + "{"} {
		if _, err := Read(t.Context(), io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("reader that fails: %v", err)
		}
	}
}

func TestReaderSticksToItsError(t *testing.T) {
	r, err := NewReader(strings.NewReader(head + "x\n" + `{"kind":"log"}`))
	if err != nil {
		t.Fatal(err)
	}
	_, first := r.Next()
	if _, again := r.Next(); first == nil || !errors.Is(again, first) {
		t.Errorf("%v, then %v", first, again)
	}
}

func TestReaderAll(t *testing.T) {
	r, err := NewReader(strings.NewReader(head + `{"kind":"log"}` + "\n" + `{"kind":"end"}` + "\n{"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []trace.Kind
	var last error
	for ev, err := range r.All() {
		kinds, last = append(kinds, ev.Kind), err
	}
	if want := []trace.Kind{trace.KindLog, trace.KindEnd, trace.KindBad}; !reflect.DeepEqual(kinds, want) || !errors.Is(last, ErrTruncated) {
		t.Errorf("%v, %v", kinds, last)
	}
}

// Lines as they are written are read by hand for speed; encoding/json is the reference.
func TestScan(t *testing.T) {
	fast := 0
	for _, line := range []string{
		`{"seq":1,"t":0,"kind":"log","g":1,"text":"x"}`, `{"kind":"log"}`, `{"kind":"log"}` + "\r", `{"seq":18446744073709551615,"kind":"log"}`, `{"n":-9223372036854775808,"kind":"log"}`,
		`{"n":-0,"kind":"log"}`, `{"n":01,"kind":"log"}`, `{"n":1.0,"kind":"log"}`, `{"n":1e3,"kind":"log"}`, `{"n":"1","kind":"log"}`, `{"n":null,"kind":"log"}`, `{"n":-,"kind":"log"}`,
		`{"text":"a","text":"b","kind":"log"}`, `{"TEXT":"a","kind":"log"}`, `{"text":"日本","kind":"log"}`, "{\"text\":\"\xff\",\"kind\":\"log\"}", `{"text":"\u0041","kind":"log"}`, "{\"text\":\"a\tb\",\"kind\":\"log\"}",
		`{"kind":"teleport","class":"worm-hole"}`, `{"kind":"log",}`, `{"kind":"log"}}`, `{"kind":"log"} x`, `{"kind":"log"`, `{"kind":"log","x":1}`, `{}`, `{`, ``, `[]`, `{"kind":"log" ,"n":1}`, `{"obj":7,"pc":8,"peer":-1,"class":"mutex","kind":"block"}`,
	} {
		var want, got trace.Event
		err := json.Unmarshal([]byte(line), &want)
		if !new(Reader).scan([]byte(line), &got) {
			continue
		}
		if fast++; err != nil || got != want {
			t.Errorf("%s is %+v, want %+v, %v", line, got, want, err)
		}
	}
	if fast < 7 {
		t.Errorf("only %d lines are read by hand", fast)
	}
	for _, i := range []int{1, 4} {
		if line := bytes.TrimSpace(appendEvent(nil, &sample[i])); !new(Reader).scan(line, new(trace.Event)) {
			t.Errorf("%s is not read by hand", line)
		}
	}
}

// What scan reads is what encoding/json reads.
func FuzzScan(f *testing.F) {
	for i := range sample {
		f.Add(bytes.TrimSpace(appendEvent(nil, &sample[i])))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var want, got trace.Event
		if !new(Reader).scan(line, &got) {
			return
		}
		if err := json.Unmarshal(line, &want); err != nil || got != want {
			t.Errorf("%s is %+v, want %+v, %v", line, got, want, err)
		}
	})
}

// What was read can be written, and reads back the same.
func FuzzRead(f *testing.F) {
	var file bytes.Buffer
	if err := Write(&file, sample); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte(head + `{"kind":"log","text":"\ud800"}` + "\r\n\x00\n{}"))
	f.Add([]byte(`{"format":"turnstile-trace","version":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > maxText {
			return // longer texts are cut when written
		}
		events, err := Read(t.Context(), bytes.NewReader(data))
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
		var out bytes.Buffer
		if err := Write(&out, events); err != nil {
			t.Fatal(err)
		}
		again, err := Read(t.Context(), &out)
		if err != nil || len(again) != len(events) || len(events) > 0 && !reflect.DeepEqual(again, events) {
			t.Errorf("%v: wrote %+v, read %+v", err, events, again)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	ev := trace.Event{Seq: 123456, Time: 987654321, Kind: trace.KindAcquire, G: 17, Obj: 3, N: 1, PC: 4711}
	var buf []byte
	for b.Loop() {
		buf = appendEvent(buf[:0], &ev)
	}
}

func BenchmarkRead(b *testing.B) {
	b.ReportAllocs()
	ev := trace.Event{Seq: 123456, Time: 987654321, Kind: trace.KindAcquire, G: 17, Obj: 3, N: 1, PC: 4711}
	line := bytes.TrimSpace(appendEvent(nil, &ev))
	r := new(Reader)
	for b.Loop() {
		if _, err := r.parse(line); err != nil {
			b.Fatal(err)
		}
	}
}

// A reader that tells its size gives the same events, whether that is the size or not.
func TestReadSized(t *testing.T) {
	var events []trace.Event
	for i := range 3*chunkSize + 17 {
		events = append(events, trace.Event{Seq: uint64(i + 1), Time: int64(i), Kind: trace.KindLog, G: 1, Text: "x"})
	}
	var b bytes.Buffer
	if err := Write(&b, events); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{-1, 0, 1, int64(b.Len()), 2 * int64(b.Len())} {
		got, err := Read(t.Context(), &sized{bytes.NewReader(b.Bytes()), size})
		if err != nil || !slices.Equal(got, events) {
			t.Errorf("size %d: %d events, %v", size, len(got), err)
		}
	}
	got, err := Read(t.Context(), bytes.NewReader(b.Bytes()[:b.Len()-3]))
	if !errors.Is(err, ErrTruncated) || len(got) != len(events)-1 {
		t.Errorf("torn: %d events, %v", len(got), err)
	}
}

type sized struct {
	io.Reader
	size int64
}

func (s *sized) Size() int64 { return s.size }
