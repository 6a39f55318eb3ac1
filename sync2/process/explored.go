package process

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The explorer does not control other processes. For each of them there is a task, its keeper, which receives the messages of
// the process and its end: one message is one step. The goroutines that read from the process and wait for it do not belong
// to the program, and touch nothing that does.

// A keep is the part of a child that concerns the explorer.
type keep struct {
	run any // the explorer's run; nil if there is none

	// The explorer reads these while it chooses the next task.
	arrived  atomic.Int32  // messages in the inbox
	owed     atomic.Int32  // answers that the child owes: to the first message, and to its tasks
	asks     atomic.Int32  // its requests that have not been answered
	starting atomic.Bool   // it is not ready yet
	ending   atomic.Bool   // it was asked to end
	vain     atomic.Bool   // a wait for it timed out, and nothing has been sent to it since
	over     chan struct{} // closed when it has ended and all its messages are in the inbox

	mu    sync.Mutex // guards what follows
	inbox []*message
}

// explored returns the explorer's run to which the caller belongs, nil if there is none.
func explored() any {
	if t := hook.Outer(); t != nil {
		return t.Run()
	}
	return nil
}

// sameRun panics if the caller does not belong to run, in which an object was made.
func sameRun(op string, run any) {
	if run != explored() {
		misuse(op, "it was made outside the program that is explored, or by an earlier run of it; a program must make everything that it uses")
	}
}

// session returns the session of the running trace, in which children take part. They do not take part in a trace of the
// explorer.
func (k *keep) session() uint64 {
	if k.run != nil {
		return 0
	}
	return trace.Session()
}

// await makes the caller wait until ready reports that what follows does not block, if an explorer runs the caller.
func await(obj hook.Object, verb string, ready func() bool) {
	if t := hook.Outer(); t != nil {
		t.When(obj, verb, ready)
	}
}

// aside runs f in another goroutine.
func aside(name string, f func()) {
	if t := hook.Outer(); t != nil {
		t.Serve(name, f)
		return
	}
	go f()
}

// whenDone calls f when ctx has ended, unless stop is called before.
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

// ObjectName returns the name of the child for the explorer.
func (c *child) ObjectName() string {
	if strings.HasPrefix(c.name, "process") {
		return c.name
	}
	return "process " + c.name
}

// starting is called before anything is done to start a process.
func starting() {
	if t := hook.Outer(); t != nil {
		t.Point(nil, "start a process", hook.AccessRead)
	}
}

// born is called when the child has been made, before it starts. single means that it runs one task and exits.
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

// isGone reports whether the process has ended, or, under an explorer, whether its end has been received.
func (c *child) isGone() bool {
	if c.run == nil {
		return closed(c.exited)
	}
	return closed(c.gone)
}

// hasEnded is like isGone, as an operation of the program.
func (c *child) hasEnded() bool {
	if c.run != nil {
		hook.Point(c, "look", hook.AccessRead)
	}
	return c.isGone()
}

// awaitReply waits until the child has replied or has ended. If ctx ends meanwhile, it calls cancel.
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

// asked notes that the child is about to be sent a request.
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

// take removes a message from the inbox and returns it, nil if there is none.
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

// outdoors is called before an operation of the system that may take some time. The caller calls back afterwards.
func outdoors() (back func()) {
	if t := hook.Outer(); t != nil {
		return t.Away()
	}
	return func() {}
}

// hasCome reports whether there is something to receive.
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

// serve is the loop of the keeper.
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

// heed handles a message of the child.
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
	default: // it is not for the keeper
	}
}
