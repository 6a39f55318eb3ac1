package report

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// WriteTimes writes how long goroutines waited for each object, the longest total first. The caller keeps the errors of w.
func WriteTimes(w io.Writer, s *timeline.State) {
	all := s.Contention()
	_, _ = fmt.Fprintln(w)
	if len(all) == 0 {
		_, _ = fmt.Fprintln(w, "No goroutine waited.")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "waited\ttimes\teach\tat once\twaiting now\t  for")
	for _, c := range all {
		each := c.WaitTime / time.Duration(max(1, c.Waits))
		_, _ = fmt.Fprintf(t, "%v\t%d\t%v\t%d\t%d\t  %s\n", c.WaitTime.Round(time.Microsecond), c.Waits,
			each.Round(time.Microsecond), c.MaxQueue, c.Waiting, s.Words().ObjName(c.Obj))
	}
	_ = t.Flush()
}
