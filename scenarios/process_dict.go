package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-dict",
	Title:    "Servers in several processes share one dictionary",
	Category: CategoryProcesses,
	Programs: []int{22},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Servers in separate processes have no memory in common, so shared data must live somewhere else, and " +
		"be locked there: here the parent keeps the values, in queues of capacity one, and a process.Mutex makes " +
		"reading the old value and writing the new one a single step. Each server has its own listener, since a " +
		"socket cannot be sent to a running process; the parent learns the addresses and spreads the clients over " +
		"them.",
	Look: "The servers report where they listen. The clients write the same few keys through different servers, and " +
		"at the end each value either has been replaced once or is still there: none is lost.",
	Params: []Param{
		{Name: "servers", Help: "number of server processes", Default: 3, Min: 1, Max: 10},
		{Name: "clients", Help: "number of clients", Default: 12, Min: 1, Max: 200},
		{Name: "keys", Help: "number of keys they write", Default: 2, Min: 1, Max: 20},
	},
	Run: runProcessDict,
})

// A sharedKey is a key of the dictionary: its value is in a queue of capacity one.
type sharedKey struct {
	Lock  *process.Mutex
	Value *process.Queue[string]
}

// swap writes a value and returns the previous one.
func (k *sharedKey) swap(ctx context.Context, value string, takes time.Duration) (old string, err error) {
	if err := k.Lock.LockContext(ctx); err != nil {
		return "", err
	}
	defer k.Lock.Unlock()
	old, ok := k.Value.TryGet()
	if !ok {
		old = "nothing"
	}
	rest(ctx, takes)
	return old, k.Value.PutContext(ctx, value)
}

// A dictService is the argument of one server.
type dictService struct {
	Keys map[string]*sharedKey
	Rest time.Duration
	To   *process.Queue[report]
}

// serveDict answers lines such as key=value with the previous value.
var serveDict = process.Register("serve-dict", func(ctx context.Context, in dictService) (none struct{}, err error) {
	l, err := listen(ctx)
	if err != nil {
		return none, err
	}
	if err := tell(ctx, in.To, 0, "%s", l.Addr()); err != nil {
		return none, err
	}
	for c := l.next(); c != nil; c = l.next() {
		line, _ := bufio.NewReader(c).ReadString('\n')
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if k := in.Keys[key]; k != nil { // if it fails, the client sees the connection end
			if old, err := k.swap(ctx, value, in.Rest); err == nil {
				_, _ = fmt.Fprintln(c, old)
			}
		}
		_ = c.Close()
	}
	return none, context.Cause(ctx)
})

func runProcessDict(ctx context.Context, p Params) error {
	servers, clients, keys := p.Int("servers"), p.Int("clients"), p.Int("keys")
	in := dictService{
		Keys: make(map[string]*sharedKey), To: process.NewQueue[report](0, process.Titled("reports")),
		Rest: p.Scale(2 * time.Second * time.Duration(min(servers, keys)) / time.Duration(clients)),
	}
	for i := range keys {
		key := fmt.Sprintf("key-%d", i+1)
		in.Keys[key] = &sharedKey{
			process.NewMutex(process.Titled(key)), process.NewQueue[string](1, process.Titled("value-of-"+key)),
		}
	}
	var addresses []string
	for i := range servers {
		server, err := spawn(ctx, fmt.Sprintf("server-%d", i+1), serveDict, in)
		if err != nil {
			return err
		}
		defer func() { // a server does not end on its own
			server.Kill()
			server.Join()
		}()
		r, err := in.To.GetContext(ctx)
		if err != nil {
			return err
		}
		trace.Log("%s, pid %d, listens at %s", r.Name, r.Pid, r.Text)
		addresses = append(addresses, r.Text)
	}
	replaced, errs := make([]string, clients), make([]error, clients)
	all := start(clients, "client", func(i int) {
		p.Pause(ctx, spread(600*time.Millisecond, i, clients))
		replaced[i], errs[i] = askAt(ctx, addresses[i%servers], fmt.Sprintf("key-%d=value-%d", i%keys+1, i+1))
	})
	all.Join()

	// For each key, every value was replaced by one other, except for the last, which is still there.
	seen := make(map[string]int)
	for _, old := range replaced {
		seen[old]++
	}
	for _, k := range in.Keys {
		if v, ok := k.Value.TryGet(); ok {
			seen[v]++
		}
	}
	for i := range clients {
		if v := fmt.Sprintf("value-%d", i+1); seen[v] != 1 && errs[i] == nil {
			errs[i] = fmt.Errorf("%s is there, or was replaced, %d times", v, seen[v])
		}
	}
	return errors.Join(errs...)
}

// askAt sends a line to the server at the address and returns the line that comes back.
func askAt(ctx context.Context, address, line string) (string, error) {
	raw, err := new(net.Dialer).DialContext(undated{ctx}, "tcp", address)
	if err != nil {
		return "", because(ctx, fmt.Errorf("cannot connect: %w", err))
	}
	c := bind(ctx, raw)
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", fmt.Errorf("cannot send: %w", err)
	}
	back, err := bufio.NewReader(c).ReadString('\n')
	back = strings.TrimSpace(back)
	trace.Log("%s, in place of %s", line, back)
	return back, err
}
