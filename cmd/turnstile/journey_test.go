package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A journey is a person's way through the program, in a terminal of tmux.
type journey struct {
	t      *testing.T
	server string
}

// stepTime is how long a step of a journey may take. It only keeps it from waiting forever, even on a slow machine.
const stepTime = 3 * time.Minute

// inShell runs turnstile and then writes its exit status to the terminal, which it keeps. tmux would do so too, with
// remain-on-exit, but versions before 3.5 sometimes miss the SIGCHLD, and then they never say that the program has ended.
const inShell = `"$@"; echo "ended with status $?."; read -r _`

// travel starts turnstile with the given arguments in a terminal of 120 × 36.
func travel(t *testing.T, args ...string) *journey {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("there is no tmux here, in which this test has a terminal; .ci/run installs it")
	}
	j := &journey{t, fmt.Sprintf("turnstile-%d-%s", os.Getpid(), filepath.Base(t.Name()))}
	conf := filepath.Join(t.TempDir(), "conf")
	if err := os.WriteFile(conf, []byte("set -g status off\nset -s escape-time 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", j.server, "kill-server").Run() })
	j.tmux(append([]string{"-f", conf, "new-session", "-d", "-x", "120", "-y", "36",
		"env", "XDG_STATE_HOME=" + t.TempDir(), "XDG_CONFIG_HOME=" + t.TempDir(), "sh", "-c", inShell, "sh", build(t)}, args...)...)
	return j
}

// prepare runs turnstile, built without the race detector, outside a terminal, and returns what it prints.
func prepare(t *testing.T, args ...string) []byte {
	t.Helper()
	program := build(t)
	ctx, cancel := context.WithTimeout(t.Context(), stepTime)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("turnstile %q: %v\n%s", args, err, errs.Bytes())
	}
	return out.Bytes()
}

// tmux runs a command of tmux and returns what it prints.
func (j *journey) tmux(args ...string) string {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.t.Context(), stepTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "tmux", append([]string{"-L", j.server}, args...)...).CombinedOutput()
	if err != nil {
		j.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// press presses keys, by their names.
func (j *journey) press(keys ...string) {
	j.t.Helper()
	j.tmux(append([]string{"send-keys"}, keys...)...)
}

// screen returns what is on the screen.
func (j *journey) screen() string {
	j.t.Helper()
	return j.tmux("capture-pane", "-p")
}

// await returns the screen as soon as all of words are on it.
func (j *journey) await(words ...string) string {
	j.t.Helper()
	return j.until(fmt.Sprintf("%q", words), func(screen string) bool {
		for _, w := range words {
			if !strings.Contains(screen, w) {
				return false
			}
		}
		return true
	})
}

// until returns the screen as soon as it satisfies the condition.
func (j *journey) until(what string, wanted func(screen string) bool) string {
	j.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(stepTime); ; <-tick.C {
		screen := j.screen()
		switch {
		case wanted(screen):
			return screen
		case time.Now().After(deadline):
			j.t.Fatalf("%s is not on the screen:\n%s", what, screen)
		}
	}
}

// A barrier is aborted, and the screen shows by which goroutine and what happens to the others.
func TestJourneyBarrier(t *testing.T) {
	t.Parallel()
	j := travel(t, "run", "barrier-abort")
	j.await("broken by main", "is turned away")
	j.await("✓ the invariant held")
	j.press("q")
	j.await("ended with status 0.")
}

// fork matches the choice of a philosopher that would take a fork.
var fork = regexp.MustCompile(`(\d) (philosopher-\d) +Lock\S* (fork-\d)`)

// Five philosophers are driven by hand to the deadlock in which each holds one fork.
func TestJourneyPhilosophers(t *testing.T) {
	t.Parallel()
	j := travel(t, "drive", "philosophers-deadlock", "-p", "philosophers=5")
	took := make(map[string]bool)
	step := 0
	for ; len(took) < 5; step++ {
		screen := j.await(fmt.Sprintf("step %d ", step), "can run")
		digit := "1" // main, which calls them to the table
		for _, m := range fork.FindAllStringSubmatch(screen, -1) {
			if !took[m[2]] {
				digit, took[m[2]] = m[1], true
				break
			}
		}
		j.press(digit)
	}
	j.await(fmt.Sprintf("step %d ", step), "can run")
	j.press("F") // it is unavoidable now
	j.await("deadlock", "none of these can proceed")
}

// The user steps through the schedule of a token, and back.
func TestJourneyReplay(t *testing.T) {
	t.Parallel()
	var hint hintJSON
	out := prepare(t, "hint", "abba-deadlock", "4", "--json")
	if err := json.Unmarshal(out, &hint); err != nil || hint.Failure == nil {
		t.Fatalf("%s, %v", out, err)
	}
	j := travel(t, "replay", hint.Failure.Token)
	beginning := j.await("abba-deadlock · you decide, step 0 ", "can run: which?", "LockContext lock-b  waits abba.go:79")
	table := regexp.MustCompile(`steps · 0 of (\d+)`).FindStringSubmatch(beginning)
	if table == nil {
		t.Fatalf("there is no table of steps:\n%s", beginning)
	}
	steps, err := strconv.Atoi(table[1])
	if err != nil || steps < 6 {
		t.Fatalf("it says %q of the steps", table[0])
	}
	at := func(step int) []string {
		return []string{fmt.Sprintf("you decide, step %d ", step), fmt.Sprintf("steps · %d of %d", step, steps), fmt.Sprintf("▸ %3d ", step)}
	}
	for step := 1; step <= steps; step++ {
		j.press("Right")
		screen := j.await(at(step)...)
		if failed := strings.Contains(screen, "none of these can proceed"); failed && step < steps {
			t.Errorf("after step %d it has ended:\n%s", step, screen)
		}
	}
	j.await("✗ deadlock: ann holds lock-a and waits for lock-b", "none of these can proceed")
	for step := steps - 1; step > 0; step-- {
		j.press("Left")
		j.await(at(step)...)
	}
	j.press("Left")
	j.await("you decide, step 0 ", fmt.Sprintf("steps · 0 of %d", steps), "can run: which?")
}

// One of two thousand goroutines is found by its name.
func TestJourneyFind(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "thousands.jsonl")
	prepare(t, "run", "thousands", "--pace", "0", "--format", "json", "--record", file)
	j := travel(t, "play", file)
	j.await("event ")
	j.press("/")
	j.press("-l", "of-2000-1777")
	j.press("Enter")
	j.until("where it was found", regexp.MustCompile(`“of-2000-1777”: \d+ of \d+`).MatchString)
	j.press("n")
	j.until("its wait", regexp.MustCompile(`of-2000-1777 +waits for start-of-2000`).MatchString)
}

// A recording of a million events is opened, and shown from end to end.
func TestJourneyMillion(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it writes a file of 100 MB")
	}
	const events = 1_000_000
	name := filepath.Join(t.TempDir(), "million.jsonl")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriterSize(file, 1<<20)
	_, _ = w.WriteString(`{"format":"turnstile-trace","version":1}
{"seq":1,"t":0,"kind":"begin"}
{"seq":2,"t":1,"kind":"define-g","g":1,"text":"busy"}
{"seq":3,"t":2,"kind":"define-obj","obj":1,"class":"mutex","text":"door"}
`)
	var line []byte
	for n := int64(4); n <= events; n++ { // without fmt, which the race detector makes slow
		line = append(strconv.AppendInt(append(line[:0], `{"seq":`...), n, 10), `,"t":`...)
		line = append(strconv.AppendInt(line, n*1000, 10), `,"kind":`...)
		if n%2 == 1 {
			line = append(line, `"release","g":1,"obj":1}`+"\n"...)
		} else {
			line = append(line, `"acquire","g":1,"obj":1,"n":1}`+"\n"...)
		}
		_, _ = w.Write(line)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	j := travel(t, "play", name)
	j.await("busy", "door", "/1000000")
	j.press("End")
	j.await("event 1000000/1000000")
	j.press("Home")
	j.await("event 4/1000000", "locks door")
	j.press("q")
	j.await("ended with status 0.")
}

// In the sandbox, two goroutines meet at a semaphore that is made by hand, and each does what the keys say.
func TestJourneySandbox(t *testing.T) {
	t.Parallel()
	j := travel(t, "sandbox")
	tell := func(line string) {
		t.Helper()
		j.await("what should")
		j.press("-l", line)
		j.await("▸ " + line)
		j.press("Enter")
		j.until("the line is closed", func(screen string) bool { return !strings.Contains(screen, "what should") })
	}
	tell("pool := NewSemaphore(1)")
	j.await("pool := sync2.NewSemaphore(1)")
	j.press(":")
	tell("go ann ben")
	j.await("1 ann", "2 ben", "your command?")
	j.press(":")
	tell("ann: pool.Acquire()")
	j.await("1 ann", "holds pool", "the next Acquire waits")
	j.press(":")
	tell("ben: pool.Acquire()")
	j.await("waits for pool", "0 of 1 free")
	j.press("1")
	j.await("what should ann do?")
	j.press("-l", "pool.Rel")
	j.await("▸ ann: pool.Rel", "returns a permit")
	j.press("Enter")
	j.await("2 ben", "holds pool", "is released by ann", "0 of 1 free; the next Acquire waits")
	j.press("q")
	j.await("ended with status 0.")
}
