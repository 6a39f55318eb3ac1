package trace

import (
	"slices"
	"sync"
)

// A rule checks the events of one kind.
type rule struct {
	stream  func(v *Validator, ev *Event) string // for definitions, and the stream itself
	check   func(check) string                   // for what a goroutine does at an object
	acts    bool                                 // only a running goroutine does this …
	grant   bool                                 // … or one just released from the same object
	classes []Class                              // the object's possible classes; none: any, or no object
}

func (r *rule) allows(c Class) bool { return r.classes == nil || slices.Contains(r.classes, c) }

// A classRule holds what is particular to one class of objects, for event kinds that concern several classes.
type classRule struct {
	define  func(check) string // records its initial state
	wait    func(check) string // whether c.g may begin to wait; nil: at any time
	release func(check) string // whether there is a reason to release c.g; nil: none is needed
	pass    func(check) string // whether c.g need not wait; nil: always
	due     func(check) string // whether everything that had to precede c.ev did, besides releases

	fifo   bool                     // of those waiting for the same thing, the first is released first
	family func(verb string) string // maps a verb to what it waits for; nil: all wait for the same thing
}

var (
	vLocks      = []Class{ClassMutex, ClassReentrantLock}
	vHeld       = []Class{ClassMutex, ClassReentrantLock, ClassSemaphore, ClassRWMutex}
	vQueues     = []Class{ClassQueue, ClassStack, ClassPriorityQueue}
	vBuffers    = append([]Class{ClassChan}, vQueues...)
	vClosable   = append([]Class{ClassExecutor}, vBuffers...)
	vOpen       = append([]Class{ClassEvent, ClassFuture, ClassGoroutine, ClassWaitGroup, ClassOnce, ClassWatch, ClassTaskGroup}, vBuffers...)
	vBarriers   = []Class{ClassBarrier}
	vActions    = []Class{ClassBarrier, ClassOnce}
	vFutures    = []Class{ClassFuture}
	vWatched    = []Class{ClassFuture, ClassChan, ClassNilChan, ClassOther}
	vSettable   = []Class{ClassEvent, ClassTimer, ClassWatch}
	vLocals     = []Class{ClassLocal}
	vCancelable = []Class{ClassFuture, ClassExecutor, ClassTaskGroup}
	vCounting   = append([]Class{ClassTaskGroup}, vQueues...)
	vEnding     = []Class{ClassFuture, ClassTaskGroup}
)

var (
	rules      [kinds]rule
	classRules [classes]classRule
	rulesOnce  sync.Once
)

// ruleOf returns the rule for events of kind k.
func ruleOf(k Kind) *rule {
	rulesOnce.Do(makeRules)
	return &rules[k]
}

// classRuleOf returns the rule for objects of o's class. An unknown class is treated like [ClassOther].
func classRuleOf(o *vObject) *classRule {
	if o.class < classes {
		return &classRules[o.class]
	}
	return &classRules[ClassOther]
}

// makeRules fills in the rules when a Validator first needs them: a literal would refer to itself through the
// functions, and an init function would link the Validator into every program that imports the primitives.
func makeRules() {
	makeKindRules()
	makeClassRules()
}

func makeKindRules() {
	rules = [kinds]rule{
		KindBad:     {stream: func(*Validator, *Event) string { return "this is not an event" }},
		KindBegin:   {stream: (*Validator).begin},
		KindDropped: {stream: (*Validator).dropped},
		KindEnd:     {stream: (*Validator).end},
		KindLog:     {check: nothing, acts: true},

		KindDefineG:   {stream: (*Validator).defineG},
		KindDefineObj: {stream: (*Validator).defineObj},
		KindDefinePC:  {stream: (*Validator).definePC},
		KindRename:    {check: check.rename},

		KindSpawn:   {check: by(goroutineCheck.spawn), acts: true},
		KindExit:    {check: by(goroutineCheck.exit), acts: true},
		KindBlock:   {check: by(waitCheck.block), acts: true},
		KindUnblock: {check: by(waitCheck.unblock)},
		KindGiveUp:  {check: by(waitCheck.giveUp)},
		KindResume:  {check: by(goroutineCheck.resume)},

		KindSet:   {check: by(flagCheck.set), acts: true, classes: vSettable},
		KindClear: {check: by(flagCheck.clear), acts: true, classes: vSettable},
		KindPass:  {check: check.pass, acts: true, grant: true, classes: vOpen},

		KindAcquire: {check: by(lockCheck.acquire), acts: true, grant: true, classes: vHeld},
		KindRelease: {check: by(lockCheck.release), acts: true, classes: vHeld},
		KindTryFail: {check: nothing, acts: true},

		KindArrive:      {check: by(barrierCheck.arrive), acts: true, classes: vBarriers},
		KindActionBegin: {check: by(barrierCheck.actionBegin), acts: true, grant: true, classes: vActions},
		KindActionEnd:   {check: by(barrierCheck.actionEnd), acts: true, classes: vActions},
		KindTrip:        {check: by(barrierCheck.trip), acts: true, classes: vBarriers},
		KindBreak:       {check: by(barrierCheck.breaks), acts: true, classes: vBarriers},
		KindReset:       {check: by(barrierCheck.reset), acts: true, classes: vBarriers},

		KindSetValue:  {check: nothing, acts: true, classes: vLocals},
		KindDropValue: {check: nothing, classes: vLocals},
		KindNotify:    {check: by(flagCheck.notify), acts: true, classes: []Class{ClassCond}},

		KindPut:      {check: by(queueCheck.put), acts: true, grant: true, classes: vBuffers},
		KindGet:      {check: by(queueCheck.get), acts: true, grant: true, classes: vBuffers},
		KindTaskDone: {check: by(queueCheck.taskDone), acts: true, classes: vCounting},
		KindClose:    {check: by(queueCheck.close), acts: true, classes: vClosable},

		KindSubmit:    {check: by(futureCheck.submit), acts: true, classes: vFutures},
		KindTaskStart: {check: by(futureCheck.taskStart), acts: true, grant: true, classes: vFutures},
		KindSettle:    {check: by(futureCheck.settle), acts: true, classes: vEnding},
		KindCancel:    {check: nothing, acts: true, classes: vCancelable},
		KindWatch:     {check: by(futureCheck.watch), acts: true, classes: vWatched},
		KindForget:    {check: check.forget, acts: true, classes: []Class{ClassGroup, ClassMutex}},

		KindRead:  {check: nothing, acts: true},
		KindWrite: {check: nothing, acts: true},
		KindOp:    {check: nothing, acts: true},

		KindAdd:  {check: by(countCheck.add), acts: true, classes: []Class{ClassWaitGroup}},
		KindFire: {check: by(flagCheck.fire), classes: []Class{ClassTimer}},
		KindFail: {check: nothing},

		KindResize:  {check: by(semaphoreCheck.resize), acts: true, classes: []Class{ClassExecutor, ClassSemaphore}},
		KindRequeue: {check: by(queueCheck.requeue), acts: true, classes: vQueues},
		KindPanic:   {check: nothing, acts: true, classes: vFutures},
	}
}

func makeClassRules() {
	lock := classRule{define: by(lockCheck.define), fifo: true}
	queue := classRule{define: by(queueCheck.define), pass: by(queueCheck.pass), fifo: true, family: queueFamily}
	other := classRule{pass: by(queueCheck.pass)}
	classRules = [classes]classRule{
		ClassNone:          other,
		ClassEvent:         {define: by(flagCheck.defineEvent), wait: by(flagCheck.wait), release: check.pending, pass: by(flagCheck.pass)},
		ClassBarrier:       {define: by(barrierCheck.define), wait: by(barrierCheck.wait), release: by(barrierCheck.release)},
		ClassSemaphore:     {define: by(semaphoreCheck.define), wait: by(semaphoreCheck.wait), release: by(semaphoreCheck.grant), due: by(semaphoreCheck.due), fifo: true},
		ClassMutex:         lock,
		ClassReentrantLock: lock,
		ClassCond:          {release: check.pending, fifo: true},
		ClassQueue:         queue,
		ClassStack:         queue,
		ClassPriorityQueue: queue,
		ClassFuture:        {define: by(futureCheck.define), wait: by(futureCheck.wait), release: by(futureCheck.pass), pass: by(futureCheck.pass)},
		ClassGoroutine:     {define: by(goroutineCheck.define), wait: by(goroutineCheck.wait), pass: by(goroutineCheck.pass)},
		ClassOther:         other,

		ClassChan:      {define: by(queueCheck.define), wait: by(chanCheck.wait), release: by(chanCheck.release), pass: by(chanCheck.pass), due: by(chanCheck.due), fifo: true, family: chanFamily},
		ClassNilChan:   {release: func(check) string { return "nothing ever releases a wait on the nil channel" }},
		ClassSelect:    {wait: by(selectCheck.wait), release: by(selectCheck.release)},
		ClassRWMutex:   {define: by(rwMutexCheck.define)},
		ClassWaitGroup: {define: by(countCheck.define), wait: by(countCheck.wait), release: by(countCheck.release), pass: by(countCheck.pass)},
		ClassOnce:      {define: by(onceCheck.define), wait: by(onceCheck.wait), release: by(onceCheck.release), pass: by(onceCheck.pass)},
		ClassTimer:     {define: by(flagCheck.defineTimer)},

		ClassWatch:     {define: by(watchCheck.define), wait: by(watchCheck.wait), release: by(watchCheck.release), pass: by(watchCheck.pass)},
		ClassTaskGroup: {define: by(groupCheck.define), release: by(groupCheck.release), pass: by(groupCheck.pass), fifo: true, family: groupFamily},
	}
}
