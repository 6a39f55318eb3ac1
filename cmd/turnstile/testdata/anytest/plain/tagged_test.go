//go:build tagged && goflags

package plain

import "testing"

func TestTagged(t *testing.T) { t.Log("both tags are set") }
