package testline

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Our own flags are removed from a command line, and the rest is passed to go test.
func TestTestLine(t *testing.T) {
	const symbols, tag = "-ldflags=all=-s=0", "-tags=turnstile_goroot"
	const explorer = "-gcflags=internal/turnstile/...=-dwarf=false"
	const calls = "-gcflags=all=-d=ssa/intrinsics/off -gcflags=std= " + explorer
	begin := "test " + tag + " " + symbols + " " + calls + " "
	race := strings.TrimSuffix(begin, " ") + " -race=false "
	for _, test := range []struct {
		line, goflags string
		want          string // of the only run, or of the first
		second        string // with the race detector, "" if there is none
	}{
		{line: "", want: begin + "-count=1 -timeout=0"},
		{line: "./...", want: begin + "-count=1 -timeout=0 ./..."},
		{line: "-v -run X ./a ./b -short", want: begin + "-count=1 -timeout=0 -v -run X ./a ./b -short"},
		{line: "-runs 5 ./a -time=3s -strategy pct --seed 7 -anytime on -leaks off", want: begin + "-count=1 -timeout=0 ./a"},
		{line: "--test.v -test.run=X .", want: begin + "-count=1 -timeout=0 --test.v -test.run=X ."},
		{line: "-C dir -runs 1 .", want: "test -C=dir " + tag + " " + symbols + " " + calls + " -count=1 -timeout=0 ."},
		{line: "-count 3 .", want: begin + "-timeout=0 -count 3 ."},
		{line: ".", goflags: "-count=2", want: begin + "-timeout=0 ."},
		{line: "-tags a,b . -tags=c", goflags: "-tags=d", want: "test -tags=c,turnstile_goroot " + symbols + " " + calls + " -count=1 -timeout=0 ."},
		{line: ".", goflags: "-mod=vendor '-tags=d e'", want: "test -tags=d,e,turnstile_goroot " + symbols + " " + calls + " -count=1 -timeout=0 ."},
		{line: "-ldflags=-X=a.b=c .", goflags: `"-ldflags=x=-w -v"`, want: "test " + tag + " " + symbols + " -ldflags=x=-w -v -s=0 -ldflags=-X=a.b=c -s=0 " + calls + " -count=1 -timeout=0 ."},
		{line: "-gcflags=-N .", goflags: "'-gcflags=all=-l -m'", want: strings.TrimSuffix(begin, explorer+" ") + "-gcflags=all=-l -m -d=ssa/intrinsics/off -gcflags=std=-l -m -gcflags=-N -d=ssa/intrinsics/off " + explorer + " -count=1 -timeout=0 ."},

		// A time limit for all tests takes the place of one for each.
		{line: "-timeout 3h .", want: begin + "-count=1 -timeout 3h ."},
		{line: ".", goflags: "-timeout=3h", want: begin + "-count=1 ."},

		// A flag that is not known ends the packages, and the test binary gets it, with its value.
		{line: "./a -custom 3 -runs 5 -v", want: begin + "-count=1 -timeout=0 ./a -custom 3 -v"},
		{line: "-custom ./a -v", want: begin + "-count=1 -timeout=0 -custom ./a -v"},
		{line: "-custom=1 ./a -runs 5", want: begin + "-count=1 -timeout=0 -custom=1 ./a -runs 5"},
		{line: "./a -v ./b -runs 5", want: begin + "-count=1 -timeout=0 ./a -v ./b -runs 5"},
		{line: "./a -args -runs 5 -race", want: begin + "-count=1 -timeout=0 ./a -args -runs 5 -race"},
		{line: "./a -- -runs 5", want: begin + "-count=1 -timeout=0 ./a -- -runs 5"},

		// What runs no test is not counted.
		{line: "-c -o x .", want: begin + "-c -o x ."},
		{line: "-race -list . .", want: race + "-race -list . ."},
		{line: "-fuzz F -race .", want: race + "-fuzz F -race ."},

		// With the race detector, what is written to files is left to the second run.
		{
			line:   "-race -coverprofile c.out -v -bench . ./a -args -race",
			want:   begin + "-count=1 -timeout=0 -race=false -v ./a -args -race",
			second: race + "-count=1 -timeout=0 -race -coverprofile c.out -v -bench . ./a -args -race",
		},
		{line: "./a", goflags: "-race -cover", want: begin + "-count=1 -timeout=0 -race=false -cover=false ./a", second: race + "-count=1 -timeout=0 ./a"},
		{line: "-race=false ./a", goflags: "-race", want: begin + "-count=1 -timeout=0 -race=false ./a"},
	} {
		l, err := Parse(strings.Fields(test.line))
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		l.Std = []string{"std"}
		goflags := ParseGOFLAGS(test.goflags)
		phases := l.Phases(goflags)
		var got [2]string
		for i, phase := range phases {
			got[i] = strings.Join(l.GoTest(phase, goflags), " ")
		}
		if want := [2]string{test.want, test.second}; got != want {
			t.Errorf("GOFLAGS=%s turnstile test %s:\n got %q\nwant %q", test.goflags, test.line, got, want)
		}
	}
}

// Our own flags in the words of the test binary.
func TestTestConfig(t *testing.T) {
	l, err := Parse(strings.Fields("-runs 5 -time 3s -steps=9 -strategy pct -anytime off -leaks off -seed 7 -replay s2yX"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Config()
	if want := `{"runs":5,"time":3000000000,"steps":9,"strategy":"pct","anytime":"off","seed":7,"keepLeaks":true,"replay":"s2yX"}`; err != nil || c.String() != want {
		t.Errorf("%s, %v; want %s", c, err, want)
	}
	if l, err = Parse(strings.Fields("-anytime auto -strategy all -leaks on")); err != nil {
		t.Fatal(err)
	}
	if c, err := l.Config(); err != nil || c.String() != `{"seed":1}` {
		t.Errorf("%s, %v", c, err)
	}
}

// A flag that the test binary got though it was meant for us is spoken of, but not one that may be its own.
func TestDoubtfulFlag(t *testing.T) {
	for line, want := range map[string]string{
		"./a -rnus 5": "-runs", "./a -sed=1": "-seed", "./a -strateggy x": "-strategy", "./a -replys x": "", "./a -users 5": "",
		"./a -args -rnus 5": "", "-v ./a": "", "./a -tume 4": "-time", "./a -t 4": "",
	} {
		l, err := Parse(strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Doubtful(); want == "" && got != "" || !strings.HasSuffix(got, "did you mean "+want+"?") && want != "" {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// The flags known here are the flags of the go command.
func TestKnowsGoFlags(t *testing.T) {
	for name := range bareFlags {
		if valueFlags[name] {
			t.Errorf("-%s has a value and has none", name)
		}
	}
	for _, name := range ownFlags {
		if bareFlags[name] || valueFlags[name] {
			t.Errorf("-%s is a flag of go test", name)
		}
	}
	for _, name := range twice {
		if !bareFlags[name] && !valueFlags[name] {
			t.Errorf("-%s is not a flag of go test", name)
		}
	}
	known := 0
	for _, topic := range []string{"test", "testflag", "build"} {
		out, err := exec.CommandContext(t.Context(), "go", "help", topic).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t-(\w+)(.*)$`).FindAllStringSubmatch(string(out), -1) {
			if m[1] == "args" {
				continue
			}
			known++
			if bare := m[2] == ""; bareFlags[m[1]] != bare || valueFlags[m[1]] == bare {
				t.Errorf("go help %s has -%s%s", topic, m[1], m[2])
			}
		}
	}
	if known < 60 {
		t.Errorf("go help has %d flags only", known)
	}
}
