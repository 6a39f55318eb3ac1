package dist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/turnstile-go/turnstile/sync2"
)

// A Space is a set of primitives that processes share: primitives of the same kind and name are the same in every process that
// has opened it. It is made by [Open], is safe for concurrent use, and must not be copied.
type Space struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	bucket string
	who    string
	engine *Engine // nil if it is elsewhere
	copies int

	gates   sync2.KeyedMutex[string] // for each primitive, one goroutine of this process asks at a time
	tried   memory
	contact contact
	grace   time.Duration // see the constant

	ctx  context.Context // ends when the space is closed
	end  context.CancelCauseFunc
	work sync2.WaitGroup // calls that have to end before the connection does
	once sync.Once
}

// An Option configures what [Open] or [StartEngine] starts.
type Option func(*config)

type config struct {
	dir, url, listen, space, name string
	replicas                      int
	cluster                       *cluster
}

// WithDir keeps the data in a directory, by an engine in this process. The directory is created if necessary, and one
// process at a time can use it. WithDir panics if dir is empty.
func WithDir(dir string) Option {
	if dir == "" {
		misuse("WithDir", "the directory is empty")
	}
	return func(c *config) { c.dir = dir }
}

// WithURL uses an engine that runs elsewhere, at a URL such as "nats://127.0.0.1:4222", or at one of several, separated by
// commas. It panics if url is empty.
func WithURL(url string) Option {
	if url == "" {
		misuse("WithURL", "the URL is empty")
	}
	return func(c *config) { c.url = url }
}

// WithListen lets other processes use the engine in this process, at an address such as "127.0.0.1:4222"; with port 0 it
// chooses one, which [Space.URL] returns. Without this option no port is opened. It panics if addr is empty.
func WithListen(addr string) Option {
	if addr == "" {
		misuse("WithListen", "the address is empty")
	}
	return func(c *config) { c.listen = addr }
}

// WithReplicas keeps n copies of the data, on n nodes of a cluster: 3 copies survive the loss of one node, 5 that of two.
// Without this option a new space has one copy. The first process that opens the space, which may be "turnstile watch dist",
// determines the number; for the others, [Open] fails if they give a different one.
// WithReplicas panics if n is not 1, 3 or 5.
func WithReplicas(n int) Option {
	if n != 1 && n != 3 && n != 5 {
		misuse("WithReplicas", "%d copies; must be 1, 3 or 5", n)
	}
	return func(c *config) { c.replicas = n }
}

// WithSpace chooses one of several spaces of an engine, by name. Different spaces share nothing.
func WithSpace(name string) Option { return func(c *config) { c.space = name } }

// WithName sets the name by which this process is shown as a holder or waiter. Without this option, the name is that of the
// program and the process id, such as "dryer-4711".
func WithName(name string) Option { return func(c *config) { c.name = name } }

func configure(op string, opts []Option) config {
	var c config
	for i, opt := range opts {
		if opt == nil {
			misuse(op, "option %d is nil", i)
		}
		opt(&c)
	}
	if c.url != "" && (c.dir != "" || c.listen != "" || c.cluster != nil) {
		misuse(op, "WithURL is for an engine elsewhere, WithDir, WithListen and WithCluster for one in this process")
	}
	if c.cluster != nil && c.listen == "" {
		misuse(op, "WithCluster needs WithListen")
	}
	return c
}

// Open opens a space. Without [WithURL], it starts an engine in this process, which opens no port unless [WithListen]
// is given; without [WithDir], its data is temporary, and Close removes it.
//
// It fails if the directory is in use by another process, or if no engine answers. It panics with a [*sync2.UsageError] if
// ctx is nil or options contradict each other.
func Open(ctx context.Context, opts ...Option) (*Space, error) {
	checkContext(ctx, "Open")
	c := configure("Open", opts)
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	s := &Space{bucket: "turnstile", who: c.name, copies: c.replicas, grace: grace}
	if c.space != "" {
		s.bucket += "-" + encodeName(c.space)
	}
	if s.who == "" {
		s.who = fmt.Sprintf("%s-%d", filepath.Base(os.Args[0]), os.Getpid())
	}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	if err := s.open(ctx, &c); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Space) open(ctx context.Context, c *config) (err error) {
	o := []nats.Option{
		nats.Name(s.who), nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.ReconnectBufSize(-1), // a message that cannot be sent now must not be sent later
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	if c.url == "" {
		if s.engine, err = startEngine(ctx, c); err != nil {
			s.engine = nil
			return err
		}
		o = append(o, nats.InProcessServer(s.engine.server))
	}
	if s.nc, err = nats.Connect(c.url, o...); err != nil {
		return fmt.Errorf("dist: no engine answers at %s: %w", c.url, err)
	}
	if s.js, err = jetstream.New(s.nc); err != nil {
		return fmt.Errorf("dist: %w", err)
	}
	cfg := jetstream.StreamConfig{
		Name:              "KV_" + s.bucket,
		Description:       "a space of github.com/turnstile-go/turnstile/dist",
		Subjects:          []string{s.subject(">")},
		MaxMsgsPerSubject: 1,
		Discard:           jetstream.DiscardNew,
		DenyDelete:        true,
		AllowRollup:       true,
		Storage:           jetstream.FileStorage,
		Replicas:          max(1, c.replicas),
		RePublish:         &jetstream.RePublish{Source: s.subject(">"), Destination: s.news(">")},
	}
	s.stream, err = s.ensure(ctx, cfg)
	return err
}

// ensure returns the stream, creating it if there is none.
func (s *Space) ensure(ctx context.Context, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for wait := newBackoff(); ; {
		try, cancel := context.WithTimeout(ctx, 2*attempt) // a cluster that is just starting may not answer
		stream, err := s.js.CreateStream(try, cfg)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			stream, err = s.js.Stream(try, cfg.Name)
			if err == nil && s.copies != 0 && stream.CachedInfo().Config.Replicas != s.copies {
				cancel()
				return nil, fmt.Errorf("%w: the space was created with WithReplicas(%d), not %d", ErrMismatch, stream.CachedInfo().Config.Replicas, s.copies)
			}
		}
		cancel()
		switch {
		case err == nil:
			return stream, nil
		case classify(err) != answerUnreachable || s.engine != nil:
			return nil, fmt.Errorf("dist: the engine: %w", err)
		case !wait.pause(ctx):
			return nil, fmt.Errorf("dist: the engine does not answer: %w", errors.Join(ended(ctx), err))
		}
	}
}

// subject returns the subject on which the state of key is written.
func (s *Space) subject(key string) string { return "$KV." + s.bucket + "." + key }

// news returns the subject on which writes of key are announced.
func (s *Space) news(key string) string { return "turnstile.news." + s.bucket + "." + key }

// URL returns the URL at which other processes reach this space, for [WithURL], or "" if the engine is in this process
// and does not listen.
func (s *Space) URL() string {
	if s.engine != nil {
		return s.engine.URL()
	}
	return s.nc.ConnectedUrl()
}

// Close closes the space, and stops its engine if that is in this process. Calls that are waiting return [ErrClosed], and
// so do later ones. The context of each [Held] ends, but nothing is unlocked, since the work under the locks may be half
// done: others wait for the leases to run out. Unlock first if all is well. Close is idempotent.
func (s *Space) Close() error {
	var err error
	s.once.Do(func() {
		s.end(ErrClosed)
		s.work.Wait()
		if s.nc != nil {
			s.tell(note{Kind: noteExits})
			s.nc.Close()
		}
		if s.engine != nil {
			err = s.engine.Close()
		}
	})
	return err
}

// String returns text such as "space turnstile: dryer-4711".
func (s *Space) String() string { return "space " + s.bucket + ": " + s.who }
