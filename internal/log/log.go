// Package log writes what engines read of a runtime: lines of JSON with the
// keys level, msg and time, or the same as text. containerd's shim looks for
// the level "error" in lower case, so the lines are written by a small handler
// of our own behind log/slog.
package log

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"
)

// Format is the form of a line.
type Format uint8

// The formats of --log-format.
const (
	Text Format = iota
	JSON
)

// ParseFormat reads the value of --log-format; "" means text.
func ParseFormat(s string) (Format, error) {
	switch s {
	case "", "text":
		return Text, nil
	case "json":
		return JSON, nil
	}
	return Text, fmt.Errorf("--log-format %q: it takes text or json", s)
}

// Open returns a logger that appends to the file at path, or writes to stderr
// when path is empty.
func Open(path string, f Format, debug bool) (*slog.Logger, error) {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	var w io.Writer = os.Stderr
	if path != "" {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_SYNC, 0o644)
		if err != nil {
			return nil, fmt.Errorf("--log: %w", err)
		}
		w = file
	}
	return slog.New(&handler{w: w, format: f, level: level}), nil
}

// handler writes one line per record, in one write, so that lines of several
// processes do not mix.
type handler struct {
	w      io.Writer
	format Format
	level  slog.Level
}

func (h *handler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// WithAttrs and WithGroup keep nothing: a line is a sentence.
func (h *handler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *handler) WithGroup(string) slog.Handler      { return h }

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	at := r.Time.Format(time.RFC3339)
	var line []byte
	if h.format == JSON {
		line = append(line, `{"level":"`...)
		line = append(line, word(r.Level)...)
		line = append(line, `","msg":`...)
		line = appendJSON(line, r.Message)
		line = append(line, `,"time":"`...)
		line = append(append(line, at...), "\"}\n"...)
	} else {
		line = append(line, `time="`...)
		line = append(append(line, at...), `" level=`...)
		line = append(append(line, word(r.Level)...), " msg="...)
		line = append(strconv.AppendQuote(line, r.Message), '\n')
	}
	_, err := h.w.Write(line)
	return err
}

// word is the level as logrus, and so every engine, spells it.
func word(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warning"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}

// appendJSON quotes s as a JSON string; invalid UTF-8 becomes U+FFFD.
func appendJSON(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20 || r == 0x7f:
			b = append(b, `\u00`...)
			b = append(b, hex[r>>4], hex[r&15])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
