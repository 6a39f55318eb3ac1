package ordinary

import "github.com/turnstile-go/turnstile/scenarios"

// Schedule is the parameter of every lesson that selects the schedule to show.
var Schedule = scenarios.Param{Name: "schedule", Help: "0: as recorded; otherwise the seed of a random schedule", Max: 9999}

var lessons = []*Lesson{
	{Dir: "channels", Test: "TestUnbuffered", Scenario: scenarios.Scenario{
		Name:   "unbuffered",
		Title:  "A send that is a meeting",
		Expect: scenarios.ExpectClean,
		Lesson: "A send on an unbuffered channel is a meeting: it completes when the value has been received, and " +
			"whichever side comes first waits for the other. Everything the sender did before the send is visible to the " +
			"receiver. Closing the channel says that no more values will come, and ends a loop that ranges over it.",
		Look: "The cook and the test take turns waiting. No dish is ever in the channel itself: it goes from hand to hand.",
	}},
	{Dir: "channels", Test: "TestBuffered", Scenario: scenarios.Scenario{
		Name:   "buffered",
		Title:  "A channel with room for two",
		Expect: scenarios.ExpectClean,
		Lesson: "A buffered channel accepts values without a receiver until it is full; then a send waits. So a " +
			"sender can run ahead, but no further than the buffer allows. Values that are in the buffer when the " +
			"channel is closed are still received. A buffer changes who waits for whom, but it is no cure for a " +
			"deadlock.",
		Look: "The cook puts down dishes until the buffer is full, and only then waits. The cook ends while dishes are " +
			"still on the counter.",
	}},
	{Dir: "selectdefault", Test: "TestSelectDefault", Scenario: scenarios.Scenario{
		Name:   "select-default",
		Title:  "Send if there is room, otherwise drop the value",
		Expect: scenarios.ExpectClean,
		Lesson: "A select waits until one of its cases can proceed. With a default case it does not wait at all: " +
			"if none can proceed at once, the default case runs. Use it to drop values that nobody has time for, or " +
			"to poll a channel. In a loop with nothing else to do it is a busy wait; leave out the default case " +
			"there.",
		Look: "The camera never waits for the screen. Frames that find the buffer full are dropped and counted; the " +
			"count depends on the schedule.",
	}},
	{Dir: "nilchannel", Test: "TestNilChannel", Made: []int{3, 0, 0, 0, 0, 0, 1}, Scenario: scenarios.Scenario{
		Name:   "nil-channel",
		Title:  "Switch off a select case",
		Expect: scenarios.ExpectClean,
		Lesson: "Sending to or receiving from a nil channel waits forever, so a select never chooses such a case. A loop " +
			"that merges channels sets each to nil when it is closed: receiving from a closed channel never waits, and the " +
			"loop would spin over zero values. When all are nil, the loop is done.",
		Look: "The goroutine that merges waits for both channels at first. Once one is closed it waits only for the other, " +
			"and when that is closed too it closes the merged channel.",
	}},
	{Dir: "fan", Test: "TestFanOutFanIn", Made: []int{0, 2}, Scenario: scenarios.Scenario{
		Name:   "fan-out-fan-in",
		Title:  "Several goroutines share the work of one channel",
		Expect: scenarios.ExpectClean,
		Lesson: "Several goroutines may receive from one channel: each value goes to one of them, whichever is free. They may " +
			"all send to one channel as well, but then none of them may close it. A WaitGroup counts the senders, and another " +
			"goroutine waits for it and closes the channel.",
		Look: "The numbers are there already, and each goes to whichever of the two is free. When both have ended, closeAfter " +
			"closes the channel of squares, and that ends the test's loop.",
	}},
	{Dir: "pipeline", Test: "TestPipeline", Made: []int{2}, Scenario: scenarios.Scenario{
		Name:   "pipeline-cancel",
		Title:  "End a pipeline in the middle",
		Expect: scenarios.ExpectClean,
		Lesson: "If the last stage of a pipeline stops receiving, the stages before it wait forever to send. A " +
			"context tells them to stop: every send is a select that also watches Done. A stage that ends closes its " +
			"channel, so that the next one ends when it has received the rest, and a WaitGroup tells when all have " +
			"ended.",
		Look: "One double arrives, then the test cancels. A stage that waits to send is woken by the context, and the test " +
			"waits until both have ended.",
	}},
	{Dir: "workerpool", Test: "TestWorkerPool", Made: []int{1, 0, 0, 0, 0, 0, 0, 2}, Scenario: scenarios.Scenario{
		Name:   "worker-pool",
		Title:  "A fixed number of workers share the pages",
		Expect: scenarios.ExpectClean,
		Lesson: "A pool limits how much is done at the same time. Its workers are goroutines that range over one " +
			"channel of jobs. A submitter waits until a worker is free, which is back pressure. Closing the " +
			"channel ends the workers once they have taken all pages, and a WaitGroup waits for that.",
		Look: "Each page goes to a worker that is free. Both workers need the lock, one at a time. Close returns when " +
			"both workers have ended.",
	}},
	{Dir: "contexttree", Test: "TestContextTree", Made: []int{2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 1}, Scenario: scenarios.Scenario{
		Name:   "context-tree",
		Title:  "Cancel a part or the whole",
		Expect: scenarios.ExpectClean,
		Lesson: "Contexts form a tree: a derived context is a child of the one it was derived from. Canceling a context " +
			"cancels everything below it, and nothing above or beside it. So canceling a request also cancels the calls it " +
			"has made but no other request, and a server that stops cancels everything. Always call the cancel function " +
			"eventually: until then the parent holds on to its child.",
		Look: "Ann hangs up, and her request ends while Ben's goes on waiting. Then the server stops, and Ben's ends as " +
			"well.",
	}},
	{Dir: "errgroup", Test: "TestErrgroup", Scenario: scenarios.Scenario{
		Name:   "errgroup",
		Title:  "The first error ends all work on the same task",
		Expect: scenarios.ExpectClean,
		Lesson: "An errgroup is a WaitGroup whose goroutines return errors. The first error cancels the context they " +
			"share, and Wait returns it when the last has ended. Goroutines that watch the context stop early; one that " +
			"does not watch it keeps Wait waiting. The group here is the few lines that errgroup consists of.",
		Look: "One goroutine fails. The other, which waits for a receiver in vain, is woken by the context. Only when both " +
			"have ended does Wait return.",
	}},
	{Dir: "shutdown", Test: "TestShutdown", Scenario: scenarios.Scenario{
		Name:   "ticker-shutdown",
		Title:  "A loop with a ticker, and a graceful shutdown",
		Expect: scenarios.ExpectClean,
		Lesson: "A background loop selects over its work, a ticker and a channel that is closed to stop it. A graceful " +
			"shutdown has three parts: accept nothing more, finish what was accepted, and signal that this is done, so " +
			"that the caller can wait for it. Stop the ticker, too, since nothing receives its ticks anymore.",
		Look: "The first line is written when the ticker ticks, the second when the loop is told to stop. Shutdown waits until " +
			"the loop has ended.",
	}},
	{Dir: "leak", Test: "TestLeak", Made: []int{0, 1}, Scenario: scenarios.Scenario{
		Name:   "leak",
		Title:  "Nobody waits for the answer anymore",
		Expect: scenarios.ExpectLeak, Twin: "leak-fixed",
		Lesson: "A goroutine that sends on an unbuffered channel needs a receiver. If the receiver has given up, " +
			"after a timeout or an error, the sender waits forever and keeps everything it references alive. The " +
			"garbage collector does not help, and nobody notices until there are a million such goroutines.",
		Look: "The client hangs up before the answer comes, and the test ends. The server is leaked, waiting to send.",
		Hints: []string{
			"The client does not wait too long for the answer. See which goroutine waits for the client.",
			"There are two ways out of the select. Follow the server when the timeout is taken.",
			"The client has hung up, and nobody receives the answer. Give the channel room for it: a send into an empty " +
				"buffer waits for nobody.",
		},
	}},
	{Dir: "leak", Test: "TestFixed", Made: []int{0, 1}, Scenario: scenarios.Scenario{
		Name:   "leak-fixed",
		Title:  "Room for an answer that nobody may want",
		Expect: scenarios.ExpectClean, Twin: "leak",
		Lesson: "With a buffer of one the server can always deliver its answer and end, whether or not anybody still " +
			"wants it. The channel is then garbage like any other value. A buffer large enough for every possible send is " +
			"the simplest cure for such a leak; the other is a select around the send, with a channel or a context that " +
			"says that nobody is waiting.",
		Look: "The answer comes after the test has given up. It stays in the buffer, and the server ends.",
	}},
	{Dir: "datarace", Test: "TestRace", Scenario: scenarios.Scenario{
		Name:   "data-race",
		Title:  "Two goroutines count in one variable",
		Expect: scenarios.ExpectRace, Twin: "data-race-fixed",
		Lesson: "Incrementing a variable reads it, adds, and writes it back. If two goroutines do so without " +
			"synchronization, one may overwrite what the other wrote. Worse, it is a data race, for which Go " +
			"guarantees nothing. The result may be right a million times; the race detector reports the race in " +
			"any run in which both accesses happen.",
		Look: "Nothing connects the two doors: no channel, no lock. Both only tell the WaitGroup that they are done, and that " +
			"orders them with the test, but not with each other.",
		Hints: []string{
			"The number is often right. Ask what guarantees it.",
			"See what the two doors share, and what each of them waits for before changing it.",
			"Both doors increment visitors with nothing between them. Hold a lock around it, or make it an atomic.Int64; the " +
				"WaitGroup orders the doors with the test only.",
		},
	}},
	{Dir: "datarace", Test: "TestFixed", Scenario: scenarios.Scenario{
		Name:   "data-race-fixed",
		Title:  "A lock orders the two",
		Expect: scenarios.ExpectClean, Twin: "data-race",
		Lesson: "A mutex around the increment makes it a single step for all who take the same mutex, and orders what was done " +
			"under it earlier before what is done under it later. What the doors did happened before Wait returned, so the test " +
			"reads the number without the lock.",
		Look: "One door is inside at a time, and the other may have to wait. The test goes on when both are done.",
	}},
	{Dir: "lostsignal", Test: "TestLostSignal", Made: []int{0, 0, 1, 0, 1}, Scenario: scenarios.Scenario{
		Name:   "lost-signal",
		Title:  "A signal before anybody waits",
		Expect: scenarios.ExpectLostWakeup, Twin: "lost-signal-fixed",
		Lesson: "Signal wakes a goroutine that is waiting at that moment, and is not stored for one that comes " +
			"later. A goroutine that checks the state, releases the lock, and only then waits, may miss the change " +
			"and its signal if both come in between. It then waits for something that has already happened.",
		Look: "The test looks into the box and releases the lock. The box is filled, and the signal wakes nobody. Then the " +
			"test begins to wait.",
		Hints: []string{
			"The signal is always given. Ask whether anybody waits for it at that moment.",
			"The test looks into the box, and then waits for it. See whether the lock is held all the time in between.",
			"The box is filled between the look and the wait. Wait in a loop, under the same lock as the look: Wait releases " +
				"it only once it has begun to wait.",
		},
	}},
	{Dir: "lostsignal", Test: "TestFixed", Scenario: scenarios.Scenario{
		Name:   "lost-signal-fixed",
		Title:  "Look and wait without releasing the lock",
		Expect: scenarios.ExpectClean, Twin: "lost-signal",
		Lesson: "Cond's Wait releases the lock and starts to wait in one step, as seen by goroutines that hold the lock. " +
			"So the state cannot change between the check and the wait. The check is in a loop, since another goroutine may " +
			"get there before the woken one.",
		Look: "Either the box is full at the first look, or the test waits in the Cond when the signal comes. Woken, it takes " +
			"the lock and looks again.",
	}},
}

func init() {
	for _, l := range lessons {
		l.Category, l.Params = scenarios.CategoryOrdinary, []scenarios.Param{Schedule}
	}
}
