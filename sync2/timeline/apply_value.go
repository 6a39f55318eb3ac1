package timeline

import "slices"

// Variables and goroutine-local values.

func (c valueChange) access() error {
	o, ev := c.o, c.ev
	o.Result = ev.Text
	return nil
}

func (c valueChange) setValue() error {
	g, o, ev := c.g, c.o, c.ev
	if g.ID == 0 {
		return c.wrong("no goroutine sets %s", c.objName())
	}
	v := Value{G: g.ID, Text: ev.Text, Since: c.now}
	if slices.Contains(g.locals, o.ID) {
		o.Values[valueOf(o, g.ID)] = v
	} else {
		o.Values = append(o.Values, v)
		g.locals = append(g.locals, o.ID)
	}
	return nil
}

func (c valueChange) dropValue() error {
	g, o := c.g, c.o
	o.drop(g.ID)
	if i := slices.Index(g.locals, o.ID); i >= 0 {
		g.locals = cut(g.locals, i)
	}
	return nil
}

func (o *Object) drop(g int64) {
	if i := valueOf(o, g); i >= 0 {
		o.Values = cut(o.Values, i)
	}
}

func valueOf(o *Object, g int64) int {
	return slices.IndexFunc(o.Values, func(v Value) bool { return v.G == g })
}
