// Package cells draws on a grid of character cells. It has a canvas, the styles and themes that color it, the characters that
// everything is drawn with, the measurement of text, and pictures and recordings of a canvas. It does not know what is drawn.
//
// # Files
//
//   - The canvas: canvas.go, sketch.go, text.go, point.go.
//   - Characters, styles and themes: glyphs.go, theme.go.
//   - Pictures: svg.go, svg_shapes.go, svg_moving.go. Terminal recordings: asciicast.go.
package cells
