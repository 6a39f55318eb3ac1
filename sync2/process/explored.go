package process

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Under an explorer other processes are a part of the program that is not ordered. For each of them there is a task, its
// keeper, which takes in what the process sends, and its end: one message is one step. The goroutines that read and wait
// are none of the program's, and touch nothing that is.

// A keep is what a child is in a program that is explored.
type keep struct {
	run any // of the program; nil: it is not explored

	// What the explorer looks at while it chooses who goes on.
	arrived  atomic.Int32  // messages in the inbox
	owed     atomic.Int32  // answers that the child has not given: to the first message, to its tasks
	asks     atomic.Int32  // its requests that are not answered
	starting atomic.Bool   // it is not ready yet
	ending   atomic.Bool   // it is to end
	vain     atomic.Bool   // to wait for it was in vain, and nobody has sent it anything since
	over     chan struct{} // closed when it has ended, and all that it sent is in the inbox

	mu    sync.Mutex // guards what follows
	inbox []*message
}

// explored returns the run of a program under an explorer in which the caller is; nil if it is in none.
func explored() any {
	if t := hook.Outer(); t != nil {
		return t.Run()
	}
	return nil
}

// sameRun panics if run, in which something was made, is not that of the caller.
func sameRun(op string, run any) {
	if run != explored() {
		misuse(op, "it was made outside the program that is explored, or by an earlier run of it; a program must make everything that it uses")
	}
}

// session is that of the trace that runs, for children to take part in: in what an explorer records they do not.
func (k *keep) session() uint64 {
	if k.run != nil {
		return 0
	}
	return trace.Session()
}

// await makes the caller wait until ready says that what follows does not block, if an explorer has to know of it.
func await(obj hook.Object, verb string, ready func() bool) {
	if t := hook.Outer(); t != nil {
		t.When(obj, verb, ready)
	}
}

// aside runs f beside the caller.
func aside(name string, f func()) {
	if t := hook.Outer(); t != nil {
		t.Serve(name, f)
		return
	}
	go f()
}

// whenDone has f called when ctx has ended. If stop is called first it is not called.
func whenDone(ctx context.Context, f func()) (stop func() bool) {
	t := hook.Outer()
	if t == nil {
		return context.AfterFunc(ctx, f)
	}
	done := ctx.Done()
	if done == nil {
		return func() bool { return true }
	}
	var stopped atomic.Bool
	t.Serve("context", func() {
		t := hook.Outer()
		t.Uses(ctx)
		t.When(nil, "wait for the end of a context", func() bool { return stopped.Load() || closed(done) })
		if !stopped.Load() {
			f()
		}
	})
	return func() bool { return !stopped.Swap(true) }
}

// Mark implements [hook.Object].
func (c *child) Mark() *atomic.Uint32 { return &c.mark }

// ObjectName returns what the explorer calls the child.
func (c *child) ObjectName() string {
	if strings.HasPrefix(c.name, "process") {
		return c.name
	}
	return "process " + c.name
}

// starting is called by those who are about to start a process, before they do anything about it.
func starting() {
	if t := hook.Outer(); t != nil {
		t.Point(nil, "start a process", hook.AccessRead)
	}
}

// born is called when the child has been made, and before it starts. single says that it has one task and then ends.
func (c *child) born(single bool) {
	t := hook.Outer()
	if t == nil {
		return
	}
	c.run, c.over = t.Run(), make(chan struct{})
	c.owed.Store(1)
	c.starting.Store(true)
	if single {
		c.owed.Add(1)
	}
	t.Outside(c.ObjectName())
}

// begun is called when it has started.
func (c *child) begun() {
	t := hook.Outer()
	if t == nil {
		return
	}
	run := c.run
	t.AtEnd(func() { endRun(run) })
	t.Serve(c.ObjectName(), c.serve)
}

// isGone reports whether the process has ended; if an explorer runs the program, whether that has been taken in.
func (c *child) isGone() bool {
	if c.run == nil {
		return closed(c.exited)
	}
	return closed(c.gone)
}

// hasEnded is isGone as an operation of the program.
func (c *child) hasEnded() bool {
	if c.run != nil {
		hook.Point(c, "look", hook.AccessRead)
	}
	return c.isGone()
}

// awaitReply makes the caller wait until the child has replied or has ended. If ctx ends meanwhile it calls cancel.
func (c *child) awaitReply(ctx context.Context, cancel func()) {
	done := ctx.Done()
	replied := func() bool { return len(c.reply) > 0 || closed(c.gone) }
	await(c, "wait for the reply of", func() bool { return replied() || closed(done) })
	if !replied() {
		cancel()
		await(c, "wait for the reply of", replied)
	}
}

// endRun ends the processes of a run that is over.
func endRun(run any) {
	all := children.of(run)
	for _, c := range all {
		c.kill(nil)
	}
	for _, c := range all {
		<-c.over
	}
}

// asked notes that the child is about to be asked for something.
func (k *keep) asked() {
	if k.run != nil {
		k.owed.Add(1)
		k.stir()
	}
}

// stir notes that the child has been sent something.
func (k *keep) stir() { k.vain.Store(false) }

// put puts a message into the inbox.
func (k *keep) put(m *message) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inbox = append(k.inbox, m)
	k.arrived.Add(1)
}

// take takes a message out of the inbox, nil if there is none.
func (k *keep) take() *message {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.inbox) == 0 {
		return nil
	}
	m := k.inbox[0]
	k.inbox = k.inbox[1:]
	k.arrived.Add(-1)
	return m
}

// outdoors is called by those who are about to do what may take the system some time. They call back when that is done.
func outdoors() (back func()) {
	if t := hook.Outer(); t != nil {
		return t.Away()
	}
	return func() {}
}

// hasCome reports whether there is something to be taken in.
func (k *keep) hasCome() bool { return k.arrived.Load() > 0 || closed(k.over) }

// expects reports whether the child is expected to send something.
func (k *keep) expects() hook.Expectation {
	switch {
	case k.owed.Load() == 0 && !k.ending.Load():
		return hook.ExpectNothing
	case k.vain.Load():
		return hook.ExpectLate
	case k.ending.Load():
		return hook.ExpectSurely
	case k.asks.Load() > 0:
		return hook.ExpectBlocked
	case k.starting.Load():
		return hook.ExpectSurely
	}
	return hook.ExpectSoon
}

// serve is what the keeper does.
func (c *child) serve() {
	t := hook.Outer()
	for {
		t.Await(c, "hear", c.hasCome, c.expects)
		switch m := c.take(); {
		case m != nil:
			c.stir()
			c.heed(m)
		case closed(c.over):
			c.bury()
			close(c.flushed)
			return
		default:
			c.vain.Store(true)
		}
	}
}

// heed does what a message of the child's is about.
func (c *child) heed(m *message) {
	switch m.kind {
	case kindReady:
		c.owed.Add(-1)
		c.starting.Store(false)
		close(c.ready)
	case kindReply:
		c.owed.Add(-1)
		c.reply <- m
	case kindOp:
		c.desk.serve(m)
	case kindOpCancel:
		c.desk.cancel(m)
	default: // it is for others
	}
}
