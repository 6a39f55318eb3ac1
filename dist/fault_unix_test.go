//go:build unix

package dist

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func init() {
	children["locker"], children["eater"], children["node"] = lockerChild, eaterChild, nodeChild
	children["full"] = fullChild
}

// faultLease is the lease of the holders that are killed and paused.
const faultLease = time.Second

// A parent is a child's connection to the test: it sends a line, and gets one back.
type parent struct{ in *bufio.Scanner }

func (p *parent) ask(format string, args ...any) string {
	fmt.Printf(format+"\n", args...)
	if !p.in.Scan() {
		os.Exit(0) // the test is over
	}
	return p.in.Text()
}

func joinAsChild() (*parent, *Space, error) {
	s, err := Open(context.Background(), WithURL(os.Getenv("TURNSTILE_DIST_URL")))
	return &parent{bufio.NewScanner(os.Stdin)}, s, err
}

// lockerChild repeatedly adds 1 to a number in the parent, under a lock.
func lockerChild() int {
	p, s, err := joinAsChild()
	if err != nil {
		return 1
	}
	for {
		h, err := s.Mutex("resource", Lease(faultLease)).Lock()
		if err != nil {
			return 1
		}
		if v, err := strconv.Atoi(p.ask("read %d", h.Token())); err == nil {
			p.ask("write %d %d", h.Token(), v+1)
		}
		if err := h.Unlock(); err != nil && !errors.Is(err, ErrLost) && !errors.Is(err, ErrUncertain) {
			return 1
		}
	}
}

// eaterChild takes items of a queue, and reports to the parent when it has one, and when it has eaten it, before it calls Done.
func eaterChild() int {
	p, s, err := joinAsChild()
	if err != nil {
		return 1
	}
	q, err := NewQueue[int](s, "food", AckWithin(faultLease), MaxDeliveries(1000))
	if err != nil {
		return 1
	}
	for {
		item, err := q.Get()
		if err != nil {
			return 1
		}
		p.ask("has %d", item.Value)
		p.ask("ate %d", item.Value)
		if err := item.Done(); err != nil && !errors.Is(err, ErrUncertain) {
			return 1
		}
	}
}

// nodeChild is a node of a cluster.
func nodeChild() int {
	args := strings.Fields(os.Getenv("TURNSTILE_DIST_NODE"))
	if len(args) == 2 { // a single server, not a node of a cluster
		return engineChild(StartEngine(context.Background(), WithDir(args[0]), WithListen(args[1])))
	}
	nowhere := func(c *config) { c.cluster.advertise = "127.0.0.1:1" } // the other nodes shall connect through their proxies only
	e, err := StartEngine(context.Background(), WithDir(args[0]), WithListen(args[1]), WithCluster(args[2], args[3], args[4:]...), nowhere)
	return engineChild(e, err)
}

// engineChild runs an engine until its input ends.
func engineChild(e *Engine, err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(e.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = e.Close()
	return 0
}

// A child is a process of a test. It is started again when it has ended, until the test is over.
type child struct {
	kind, url string
	answer    func(line string) string
	exe       string // the program, "" for this one
	clock     *clock // the clock of exe, if that can be set

	mu  sync.Mutex // guards what follows
	cmd *exec.Cmd
}

// run runs the child until ctx ends.
func (c *child) run(ctx context.Context) {
	for ctx.Err() == nil {
		cmd := exec.Command(cmp.Or(c.exe, os.Args[0]))
		cmd.Env = append(os.Environ(), "TURNSTILE_DIST_CHILD="+c.kind, "TURNSTILE_DIST_URL="+c.url, c.clock.env(), "GORACE=atexit_sleep_ms=0")
		in, _ := cmd.StdinPipe()
		out, _ := cmd.StdoutPipe()
		c.mu.Lock()
		if err := cmd.Start(); err != nil {
			c.mu.Unlock()
			return
		}
		c.cmd = cmd
		c.mu.Unlock()
		stop := context.AfterFunc(ctx, func() { c.signal(syscall.SIGKILL) })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, err := fmt.Fprintln(in, c.answer(lines.Text())); err != nil {
				break
			}
		}
		c.signal(syscall.SIGKILL)
		_ = cmd.Wait()
		stop()
	}
}

func (c *child) signal(sig syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd != nil {
		_ = c.cmd.Process.Signal(sig)
	}
}

// A resource is a number that checks tokens, and keeps its history.
type resource struct {
	mu      sync.Mutex // guards what follows
	top     uint64
	value   int
	begun   map[uint64]int64 // of each token, when it read
	history []porcupine.Operation
	refused int
	reads   int
	stops   []fault // a process that had read was paused for longer than the lease before it could write
	last    time.Time
	gap     time.Duration // the longest time without a write
	had     []time.Time   // when a contender had it
	start   time.Time
	enough  func(n int, since time.Duration) bool
	done    context.CancelFunc
}

// One holder in stopEvery is paused between its read and its write, for stopTime.
const (
	stopEvery = 150
	stopTime  = faultLease * 3 / 2
)

// answer returns the answers to a process, which may be paused before it gets one.
func (r *resource) answer(client int, c *child) func(string) string {
	return func(line string) string {
		text, stop := r.reply(client, line)
		if stop {
			c.signal(syscall.SIGSTOP)
			idle(context.Background(), stopTime)
			c.signal(syscall.SIGCONT)
		}
		return text
	}
}

// reply returns the answer to a line, and whether to pause the process that sent it.
func (r *resource) reply(client int, line string) (text string, stop bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var verb string
	var token uint64
	var v int
	_, _ = fmt.Sscan(line, &verb, &token, &v)
	now := time.Since(r.start).Nanoseconds()
	if token < r.top {
		r.refused++
		return "refused", false
	}
	if token > r.top {
		r.had = append(r.had, time.Now())
	}
	r.top = token
	if verb == "read" {
		r.begun[token] = now
		if r.reads++; r.reads%stopEvery == 0 {
			at := time.Now()
			r.stops = append(r.stops, fault{"pause of a process that has read", at, at.Add(stopTime)})
			stop = true
		}
		return strconv.Itoa(r.value), stop
	}
	r.history = append(r.history, porcupine.Operation{ClientId: client, Input: v - 1, Call: r.begun[token], Output: v, Return: now})
	r.value = v
	if t := time.Now(); !r.last.IsZero() {
		r.gap = max(r.gap, t.Sub(r.last))
	}
	r.last = time.Now()
	if r.enough(len(r.history), time.Since(r.start)) {
		r.done()
	}
	return "ok", false
}

// counter is the model of the resource: each write adds 1 to the previous one.
var counter = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) { return state == input, output },
}

// A proxy is the network between processes and an engine.
type proxy struct {
	l      net.Listener
	target atomic.Value
	wg     sync.WaitGroup

	mu    sync.Mutex // guards what follows
	conns map[net.Conn]bool
	cut   bool
}

func newProxy(tb testing.TB, target string) *proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{l: l, conns: make(map[net.Conn]bool)}
	p.target.Store(target)
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.carry(c) })
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		p.set(true)
		p.wg.Wait()
	})
	return p
}

func (p *proxy) carry(c net.Conn) {
	defer c.Close()
	d, err := net.Dial("tcp", p.target.Load().(string))
	if err != nil {
		return
	}
	defer d.Close()
	p.mu.Lock()
	if p.cut {
		p.mu.Unlock()
		return
	}
	p.conns[c], p.conns[d] = true, true
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(c, d); _ = c.Close() })
	_, _ = io.Copy(d, c)
	_ = d.Close()
	wg.Wait()
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, d)
	p.mu.Unlock()
}

// set cuts all connections and refuses new ones, or allows them again.
func (p *proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	for c := range p.conns {
		if cut {
			_ = c.Close()
		}
	}
}

func (p *proxy) url() string { return "nats://" + p.l.Addr().String() }

// answers are the times at which an engine answered.
type answers struct {
	mu sync.Mutex // guards at
	at []time.Time
}

// probe writes repeatedly until ctx ends, and notes when each write is confirmed.
func (a *answers) probe(ctx context.Context, s *Space) {
	for ctx.Err() == nil {
		brief, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		_, err := s.js.PublishMsg(brief, &nats.Msg{Subject: s.subject("probe"), Data: []byte("{}")}, jetstream.WithRetryAttempts(0))
		cancel()
		if err == nil {
			a.mu.Lock()
			a.at = append(a.at, time.Now())
			a.mu.Unlock()
		}
		idle(ctx, 50*time.Millisecond)
	}
}

// silence is the time without an answer after which an engine counts as not answering.
const silence = 250 * time.Millisecond

// without returns the time for which the engine did not answer between two times.
func (a *answers) without(from, to time.Time) (d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := from
	for _, t := range a.at {
		switch {
		case t.After(to):
		case t.After(from):
			if t.Sub(last) > silence {
				d += t.Sub(last)
			}
			last = t
		}
	}
	if to.Sub(last) > silence {
		d += to.Sub(last)
	}
	return d
}

// longest returns the longest time for which the engine did not answer.
func (a *answers) longest() (d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := 1; i < len(a.at); i++ {
		d = max(d, a.at[i].Sub(a.at[i-1]))
	}
	return d
}

// A fault is something done to processes or the network in a trial, and its time.
type fault struct {
	what         string
	begun, ended time.Time
}

// A pause is the time between two holders of the lock.
type pause struct {
	begun   time.Time
	wait    time.Duration
	without time.Duration // the part of it in which the engine did not answer
	faults  []fault       // in that time
}

// excess is the wait beyond the leases of the contenders that cannot go on: each fault may hit the next in line.
func (p *pause) excess() time.Duration {
	return p.wait - p.without - time.Duration(max(1, len(p.faults)))*faultLease
}

func (p *pause) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v, of which the engine did not answer for %v", p.wait.Round(time.Millisecond), p.without.Round(time.Millisecond))
	for _, f := range p.faults {
		fmt.Fprintf(&b, "; from %v to %v %s", f.begun.Sub(p.begun).Round(time.Millisecond), f.ended.Sub(p.begun).Round(time.Millisecond), f.what)
	}
	return b.String()
}

// worst returns the pause between two of the times at which a contender had the lock that most exceeds the expected one.
func (a *answers) worst(had []time.Time, faults []fault) (worst pause) {
	for i := 1; i < len(had); i++ {
		p := pause{begun: had[i-1], wait: had[i].Sub(had[i-1])}
		if i > 1 && p.wait-faultLease <= worst.excess() {
			continue
		}
		p.without = a.without(had[i-1], had[i])
		for _, f := range faults {
			if f.ended.After(had[i-1]) && f.begun.Before(had[i]) {
				p.faults = append(p.faults, f)
			}
		}
		if i == 1 || p.excess() > worst.excess() {
			worst = p
		}
	}
	return worst
}

// acquisitions returns the number of times to take the lock: TURNSTILE_DIST_ACQUISITIONS, or few by default.
func acquisitions(few int) int {
	if n, err := strconv.Atoi(os.Getenv("TURNSTILE_DIST_ACQUISITIONS")); err == nil {
		return n
	}
	return few
}

// idle lets time pass while something is broken; it does not wait for a state.
func idle(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Processes add to a number under a lock, while they are killed, paused for longer than their lease, and cut off. The resource
// checks tokens. No accepted write is lost, and tokens never fall.
func TestFaultsMutex(t *testing.T) {
	t.Parallel()
	s := served(t)
	p := newProxy(t, strings.TrimPrefix(s.URL(), "nats://"))
	underFaults(t, &trial{proxies: []*proxy{p}, probes: []string{p.url()}})
}

// A trial configures underFaults.
type trial struct {
	proxies []*proxy
	probes  []string                                 // URLs at which to probe whether the engine answers
	nodes   func(context.Context, *rand.Rand) string // breaks a node and repairs it, and returns what it did; nil without nodes
	exe     string                                   // the program of the processes, "" for this one
	clocks  []*clock                                 // those of the engine
}

// trialTime is the duration of a trial without a given number of acquisitions, if there are a few by then.
const trialTime, fewAcquisitions = 60 * time.Second, 20

func underFaults(t *testing.T, a *trial) {
	t.Helper()
	limit, want, enough := 10*time.Minute, fewAcquisitions, func(n int, since time.Duration) bool { return n >= fewAcquisitions && since >= trialTime }
	if n := acquisitions(0); n > 0 {
		limit, want, enough = 2*time.Minute+time.Duration(n)*200*time.Millisecond, n, func(got int, _ time.Duration) bool { return got >= n }
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	r := &resource{begun: make(map[uint64]int64), start: time.Now(), enough: enough, done: cancel}
	var urls []string
	for _, p := range a.proxies {
		urls = append(urls, p.url())
	}
	proxies, nodes, clocks := a.proxies, a.nodes, a.clocks
	var wg sync.WaitGroup
	answers := new(answers)
	for _, url := range a.probes {
		s := open(t, WithURL(url))
		wg.Go(func() { answers.probe(ctx, s) })
	}
	var lockers []*child
	for i := range 3 {
		c := &child{kind: "locker", url: strings.Join(urls, ","), exe: a.exe}
		c.answer = r.answer(i, c)
		if a.exe != "" {
			c.clock = newClock(t)
			clocks = append(clocks, c.clock)
		}
		lockers = append(lockers, c)
		wg.Go(func() { c.run(ctx) })
	}
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 0))
	faults := make(map[string]int)
	var diary []fault
	for ctx.Err() == nil {
		idle(ctx, time.Duration(300+dice.IntN(1500))*time.Millisecond)
		c := lockers[dice.IntN(len(lockers))]
		if len(clocks) > 0 {
			faults["clock set"]++
			clocks[dice.IntN(len(clocks))].set(jumps[dice.IntN(len(jumps))])
		}
		begun, what := time.Now(), ""
		switch kind := dice.IntN(4); {
		case kind == 0:
			what = "kill"
			c.signal(syscall.SIGKILL)
		case kind == 1:
			what = "pause"
			c.signal(syscall.SIGSTOP)
			idle(ctx, stopTime)
			c.signal(syscall.SIGCONT)
		case kind == 2:
			what = "cut"
			p := proxies[dice.IntN(len(proxies))]
			p.set(true)
			idle(ctx, time.Duration(dice.IntN(1500))*time.Millisecond)
			p.set(false)
		case nodes != nil:
			what = nodes(ctx, dice)
		}
		if what != "" {
			faults[what]++
			diary = append(diary, fault{what, begun, time.Now()})
		}
	}
	wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	faults["pause of a process that has read"] = len(r.stops)
	t.Logf("seed %d: %d acquisitions in %v, token %d, %d refused, longest time without one %v, faults %v",
		seed, len(r.history), time.Since(r.start).Round(time.Millisecond), r.top, r.refused, r.gap.Round(time.Millisecond), faults)
	worst := answers.worst(r.had, append(diary, r.stops...))
	t.Logf("worst wait %v; it did not answer for %v at most", &worst, answers.longest().Round(time.Millisecond))
	if acquisitions(0) > 0 && worst.excess() > 2*time.Second { // as a rule only: how long this machine sleeps is not known
		t.Errorf("a process waited for %v more than for leases", worst.excess())
	}
	if len(r.history) < want {
		t.Errorf("%d acquisitions of %d", len(r.history), want)
	}
	if r.value != len(r.history) {
		t.Errorf("the number is %d after %d writes", r.value, len(r.history))
	}
	if !porcupine.CheckOperations(counter, r.history) {
		t.Error("the history is not linearizable")
	}
}

// If the holder of a lock is killed, a waiter gets the lock soon after the lease ends, with one engine and with three.
func TestDeadHolder(t *testing.T) {
	t.Parallel()
	t.Run("engine", func(t *testing.T) {
		t.Parallel()
		s := served(t)
		deadHolder(t, s, s.URL())
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		url := "nats://" + strings.Join(newTrio(t, "").addrs, ",nats://")
		deadHolder(t, open(t, WithURL(url), WithReplicas(3)), url)
	})
}

func deadHolder(t *testing.T, s *Space, url string) {
	t.Helper()
	took := make(chan time.Time, 1)
	ctx, cancel := context.WithCancel(t.Context())
	holds, dead := make(chan struct{}, 1), make(chan struct{})
	c := &child{kind: "locker", url: url, answer: func(line string) string {
		select {
		case holds <- struct{}{}: // it asks while it holds the lock
		default:
		}
		select { // it is killed before it is answered
		case <-dead:
		case <-ctx.Done():
		}
		return ""
	}}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { c.run(ctx) })
	for range min(20, max(1, acquisitions(0)/500)) {
		<-holds
		wg.Go(func() {
			h, err := s.Mutex("resource").Lock()
			took <- time.Now()
			if err != nil {
				t.Error(err)
			} else if err := h.Unlock(); err != nil {
				t.Error(err)
			}
		})
		reach(t, s, func() bool {
			p, err := stored[pool](s, "mutex.resource")
			return err == nil && len(p.Queue) > 0
		})
		c.signal(syscall.SIGKILL)
		begun := time.Now()
		d := (<-took).Sub(begun)
		t.Logf("after %v", d.Round(time.Millisecond))
		if acquisitions(0) > 0 && d > faultLease+2*time.Second { // as a rule only: how long this machine sleeps is not known
			t.Errorf("it waited for %v", d)
		}
		dead <- struct{}{}
	}
}

// meals counts the times that each item of a queue was eaten, according to the eaters.
type meals struct {
	mu     sync.Mutex
	ate    map[int]int
	has    int // number of times an eater had one
	killed int // number of times its holder was then killed
}

// One eater in killEvery is killed while it has an item that it has not eaten.
const killEvery = 20

// eaten is the answer to an eater, which may be killed instead.
func (m *meals) eaten(c *child) func(string) string {
	return func(line string) string {
		m.mu.Lock()
		defer m.mu.Unlock()
		var verb string
		var v int
		_, _ = fmt.Sscan(line, &verb, &v)
		if verb == "ate" {
			m.ate[v]++
		} else if m.has++; m.has%killEvery == 0 {
			m.killed++
			c.signal(syscall.SIGKILL)
		}
		return "well"
	}
}

// check fails the test if an item was not eaten, and logs the number eaten more than once. All eaters must have ended.
func (m *meals) check(t *testing.T, items int) {
	t.Helper()
	twice := 0
	for i := range items {
		if m.ate[i] == 0 {
			t.Errorf("item %d is lost", i)
		}
		if m.ate[i] > 1 {
			twice++
		}
	}
	t.Logf("%d items, %d of them more than once; an eater was killed %d times with an item that it had not eaten", items, twice, m.killed)
	if m.killed == 0 {
		t.Error("no process that had an item was killed")
	}
}

// No item that was put is lost, even if workers die.
func TestFaultsQueue(t *testing.T) {
	t.Parallel()
	s := served(t)
	p := newProxy(t, strings.TrimPrefix(s.URL(), "nats://"))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	q := must[*Queue[int]](t)(NewQueue[int](s, "food", AckWithin(faultLease), MaxDeliveries(1000)))
	const items = 200
	m := meals{ate: make(map[int]int)}
	var wg sync.WaitGroup
	var eaters []*child
	for range 2 {
		c := &child{kind: "eater", url: p.url()}
		c.answer = m.eaten(c)
		eaters = append(eaters, c)
		wg.Go(func() { c.run(ctx) })
	}
	for i := range items {
		if err := q.PutContext(ctx, i); err != nil {
			t.Fatal(err)
		}
		if i%40 == 39 {
			eaters[i/40%2].signal(syscall.SIGKILL)
		}
	}
	if err := q.JoinContext(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	m.check(t, items)
}

// No item that was put is lost while nodes of a cluster, and workers that have one, are killed and cut off.
func TestFaultsQueueCluster(t *testing.T) {
	t.Parallel()
	c := newTrio(t, "")
	url := "nats://" + strings.Join(c.addrs, ",nats://")
	s := open(t, WithURL(url), WithReplicas(3))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	q := must[*Queue[int]](t)(NewQueue[int](s, "food", AckWithin(faultLease), MaxDeliveries(1000)))
	m := meals{ate: make(map[int]int)}
	var wg sync.WaitGroup
	for range 2 {
		e := &child{kind: "eater", url: url}
		e.answer = m.eaten(e)
		wg.Go(func() { e.run(ctx) })
	}
	seed := uint64(time.Now().UnixNano())
	dice, breaks := rand.New(rand.NewPCG(seed, 0)), c.breaks(t, q.stream)
	faults := make(map[string]int)
	const leastFaults, leastItems = 5, 200
	broken := make(chan struct{})
	go func() {
		defer close(broken)
		for range leastFaults {
			idle(ctx, time.Second)
			faults[breaks(ctx, dice)]++
		}
	}()
	items := 0
	for over := false; !over || items < leastItems; items++ {
		if err := q.PutContext(ctx, items); err != nil {
			t.Fatalf("item %d: %v", items, err)
		}
		idle(ctx, 50*time.Millisecond) // so that there are not thousands of them
		select {
		case <-broken:
			over = true
		default:
		}
	}
	if err := q.JoinContext(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	<-broken
	t.Logf("seed %d: faults %v", seed, faults)
	m.check(t, items)
}

// On a full disk no lost write is confirmed, and confirmed writes are there when there is room again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeAddrs(t, 1)[0]
	n := &node{env: dir + " " + addr, kind: "full"}
	t.Cleanup(n.kill)
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	s := open(t, WithURL("nats://"+addr))
	q := must[*Queue[string]](t)(NewQueue[string](s, "food"))
	kept := 0
	for text := strings.Repeat("x", 8000); ; kept++ {
		if kept > 2*diskSize/len(text) {
			t.Fatal("the disk is never full")
		}
		if err := q.PutTimeout(time.Second, strconv.Itoa(kept)+" "+text); err != nil {
			t.Logf("after %d items: %v", kept, err)
			break
		}
	}
	n.kill()
	n.kind = "node"
	n.env = dir + " " + addr
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	for i := range kept {
		item, err := q.GetTimeout(20 * time.Second)
		if err != nil {
			t.Fatalf("item %d: %v", i, err)
		}
		if got, _, _ := strings.Cut(item.Value, " "); got != strconv.Itoa(i) {
			t.Fatalf("it is item %s, not %d", got, i)
		}
		if err := item.Done(); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := s.Mutex("fork").Lock(); err != nil {
		t.Error(err)
	} else if err := h.Unlock(); err != nil {
		t.Error(err)
	}
}

// diskSize is the maximum size of a file on the disk that is soon full.
const diskSize = 256 << 10

// fullChild is an engine on a disk that is soon full.
func fullChild() int {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: diskSize, Max: diskSize}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return nodeChild()
}

// A node is one of a cluster, in a process of its own.
type node struct {
	env   string
	kind  string // of child, "" for node
	exe   string // the program, "" for this one
	clock *clock // the clock of exe, if that can be set

	mu  sync.Mutex // guards what follows
	cmd *exec.Cmd
	in  io.Closer
}

// start starts the node and waits until it listens.
func (n *node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	cmd := exec.Command(cmp.Or(n.exe, os.Args[0]))
	cmd.Env = append(os.Environ(), "TURNSTILE_DIST_CHILD="+cmp.Or(n.kind, "node"), "TURNSTILE_DIST_NODE="+n.env, n.clock.env(), "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.cmd, n.in = cmd, in
	if lines := bufio.NewScanner(out); !lines.Scan() {
		return errors.Join(errors.New("the node does not start"), cmd.Wait())
	}
	return nil
}

func (n *node) kill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd != nil {
		_ = n.cmd.Process.Kill()
		_ = n.in.Close()
		_ = n.cmd.Wait()
		n.cmd = nil
	}
}

// freeAddrs returns addresses that are not in use.
func freeAddrs(tb testing.TB, n int) (addrs []string) {
	tb.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		defer l.Close()
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

// A trio is a cluster of three nodes, each in a process of its own.
type trio struct {
	nodes   []*node
	addrs   []string    // of each node
	proxies []*proxy    // the network between clients and each node
	between [3][]*proxy // of each node, all proxies between it and the others, in both directions
	clocks  []*clock    // of each node, nil if exe is ""
}

// newTrio starts a cluster of nodes that are the program exe, "" for this one.
func newTrio(t *testing.T, exe string) *trio {
	t.Helper()
	addrs := freeAddrs(t, 6)
	c := &trio{addrs: addrs[:3]}
	var routes [3][]string // where each finds the others
	for i := range 3 {
		for j := range 3 {
			if i != j {
				p := newProxy(t, addrs[3+j])
				c.between[i], c.between[j] = append(c.between[i], p), append(c.between[j], p)
				routes[i] = append(routes[i], p.l.Addr().String())
			}
		}
	}
	for i := range 3 {
		n := &node{env: strings.Join(append([]string{t.TempDir(), addrs[i], fmt.Sprintf("node-%d", i), addrs[3+i]}, routes[i]...), " ")}
		if exe != "" {
			n.exe, n.clock = exe, newClock(t)
			c.clocks = append(c.clocks, n.clock)
		}
		c.nodes = append(c.nodes, n)
		t.Cleanup(n.kill)
		c.proxies = append(c.proxies, newProxy(t, addrs[i]))
	}
	var wg sync.WaitGroup
	for _, n := range c.nodes {
		wg.Go(func() {
			if err := n.start(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return c
}

// apart cuts a node off from the others, or reconnects it.
func (c *trio) apart(at int, cut bool) {
	for _, p := range c.between[at] {
		p.set(cut)
	}
}

// breaks returns a function that kills and restarts a node, or cuts it off from the others for a while, and returns what it did. It often
// chooses the leader of stream.
func (c *trio) breaks(t *testing.T, stream jetstream.Stream) func(context.Context, *rand.Rand) string {
	return func(ctx context.Context, dice *rand.Rand) string {
		at, kind := dice.IntN(len(c.nodes)), "node"
		brief, cancel := context.WithTimeout(ctx, attempt)
		defer cancel()
		if info, err := stream.Info(brief); err == nil && info.Cluster != nil {
			if i, ok := strings.CutPrefix(info.Cluster.Leader, "node-"); ok && dice.IntN(2) == 0 {
				at, _ = strconv.Atoi(i)
				kind = "leader"
			}
		}
		if dice.IntN(2) == 0 {
			c.apart(at, true)
			idle(ctx, time.Duration(2000+dice.IntN(6000))*time.Millisecond)
			c.apart(at, false)
			return kind + " apart"
		}
		n := c.nodes[at]
		n.kill()
		idle(ctx, time.Duration(dice.IntN(3000))*time.Millisecond)
		if err := n.start(); err != nil {
			t.Error(err)
		}
		return kind
	}
}

// A client of a node that is cut off from the others reconnects to another node, and gets the lock while the cut lasts.
func TestLeavesNodeApart(t *testing.T) {
	t.Parallel()
	c := newTrio(t, "")
	s := open(t, WithURL("nats://"+strings.Join(c.addrs, ",nats://")), WithReplicas(3))
	take := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		h, err := s.Mutex("fork").LockContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Unlock(); err != nil && !errors.Is(err, ErrUncertain) && !errors.Is(err, ErrLost) {
			t.Fatal(err)
		}
	}
	take()
	at := slices.Index(c.addrs, strings.TrimPrefix(s.URL(), "nats://"))
	if at < 0 {
		t.Fatalf("connected to %q, not to one of %v", s.URL(), c.addrs)
	}
	c.apart(at, true)
	begun := time.Now()
	take()
	t.Logf("after %v, at another node", time.Since(begun).Round(time.Millisecond))
	if s.URL() == "nats://"+c.addrs[at] {
		t.Errorf("still connected to %s", s.URL())
	}
}

// The same as TestFaultsMutex with a cluster of three nodes, of which one at a time is killed and started again, or cut off from the others, be it the
// leader or not.
func TestFaultsCluster(t *testing.T) {
	t.Parallel()
	exe := ""
	if acquisitions(0) > 0 { // clocks jump as well
		exe = withClock(t)
	}
	c := newTrio(t, exe)
	first := open(t, WithURL("nats://"+strings.Join(c.addrs, ",nats://")), WithReplicas(3))
	if h, err := first.Mutex("resource").Lock(); err != nil {
		t.Fatal(err)
	} else if err := h.Unlock(); err != nil {
		t.Fatal(err)
	}
	var probes []string
	for _, addr := range c.addrs {
		probes = append(probes, "nats://"+addr)
	}
	underFaults(t, &trial{proxies: c.proxies, probes: probes, nodes: c.breaks(t, first.stream), exe: exe, clocks: c.clocks})
}
