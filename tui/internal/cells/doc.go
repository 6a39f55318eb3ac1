// Package cells draws on a screen of cells: it has a canvas, the styles and themes that color it, the characters of which
// everything is drawn, text measurement, and pictures of a canvas. It knows nothing about what is shown.
//
// # Files
//
//   - The canvas: canvas.go, sketch.go, text.go, point.go.
//   - Characters, styles and themes: glyphs.go, theme.go.
//   - Pictures: svg.go, svg_shapes.go.
package cells
