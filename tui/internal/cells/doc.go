// Package cells is what the screen is made of: a canvas of cells, the styles and themes that color them, the characters of
// which everything is drawn, the measuring of text, and pictures of a canvas. It knows nothing of what is shown on it.
//
// # Files
//
//   - The canvas: canvas.go, sketch.go, text.go, point.go.
//   - Characters, styles and themes: glyphs.go, theme.go.
//   - Pictures: svg.go, svg_shapes.go.
package cells
