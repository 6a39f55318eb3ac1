package stats

import (
	"slices"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// drawTable draws the heading and the lines of a table. Tail draws what comes after the columns.
func drawTable[T any](c *cells.Canvas, r cells.Rect, t *Tables, table int, of []T, columns []column[T], tail func(x *T, r cells.Rect, head bool)) {
	from := t.offset[table]
	shown := of[from:min(len(of), from+max(1, r.H-1))]
	columns, name := fitted(columns, of, shown, r.W)
	sorted := t.sorted(table)
	line := func(row cells.Rect, x *T, st cells.Style) {
		at := row.X
		for i, col := range columns {
			text, style, w := col.title, st, col.width
			if i == 0 {
				w = name
			}
			if x != nil {
				text, style = cells.Clean(col.cell(x)), col.style
			} else if col.title == sorted {
				style = cells.StyleAccent | cells.StyleBold
			}
			if at+w+1 > row.X+row.W {
				return
			}
			if i == 0 {
				c.Fit(at, row.Y, w, text, style)
				if x == nil {
					t.hits = append(t.hits, t.sorter(cells.Area(at, row.Y, w, 1), table, i))
				}
				at += w
				continue
			}
			at += w + 1
			c.Right(at, row.Y, cells.Truncate(text, w), style)
			if x == nil {
				t.hits = append(t.hits, t.sorter(cells.Area(at-w, row.Y, w, 1), table, i))
			}
		}
		if left := row.X + row.W - at - 2; left > 3 {
			tail(x, cells.Area(at+2, row.Y, left, 1), x == nil)
		}
	}
	line(r.Row(0), nil, cells.StyleDim)
	for i := range shown {
		row := r.Row(1 + i)
		if table == t.table && from+i == t.at[table] {
			c.Tint(row, cells.StyleOnSelected)
		}
		line(row, &shown[i], cells.StylePlain)
	}
}

// sorter returns a hit on r that sorts a table by column i.
func (t *Tables) sorter(r cells.Rect, table, i int) hit {
	return hit{r, func() bool {
		t.table = table
		t.sortBy(i)
		return false
	}}
}

// mostMeasured is the maximum number of lines measured to find the width of a column.
const mostMeasured = 64

// fitted returns the columns that fit into w cells beside the names of the lines shown, and the width of the names. A name matters
// more than an empty last column.
func fitted[T any](columns []column[T], of, shown []T, w int) ([]column[T], int) {
	name := cells.Width(columns[0].title)
	for i := range shown {
		name = max(name, cells.Width(cells.Clean(columns[0].cell(&shown[i]))))
	}
	all := 0
	for _, col := range columns[1:] {
		all += col.width + 1
	}
	for last := len(columns) - 1; name > max(8, w-all) && last > 1; last-- {
		if slices.ContainsFunc(of[:min(len(of), mostMeasured)], func(x T) bool { return columns[last].cell(&x) != "" }) {
			break
		}
		all -= columns[last].width + 1
		columns = columns[:last]
	}
	return columns, min(name, max(24, w/5), max(8, w-all))
}
