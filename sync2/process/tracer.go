package process

type tracer struct{}

func newTracer(*conn) *tracer { return &tracer{} }
func (t *tracer) set(bool)    {}
func (w *worker) flushTrace() {}
