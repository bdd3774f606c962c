// Package hookarg reads hooks as people write them on a command line: STAGE:PATH ARGUMENTS…
package hookarg

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// stages are where the config keeps the hooks of each (runtime-spec, config.md, "POSIX-platform Hooks").
func stages(h *specs.Hooks) map[string]*[]specs.Hook {
	return map[string]*[]specs.Hook{
		//lint:ignore SA1019 old hooks are still wanted there
		"prestart":      &h.Prestart,
		"createRuntime": &h.CreateRuntime, "createContainer": &h.CreateContainer, "startContainer": &h.StartContainer,
		"poststart": &h.Poststart, "poststop": &h.Poststop,
	}
}

// Add appends a hook to those of its stage. The path is absolute; the arguments may be quoted as in a shell, where they
// are split but nothing is expanded. args[0] of the hook is its path.
func Add(s *specs.Spec, text string) error {
	stage, command, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("%q: want STAGE:PATH ARGUMENTS…", text)
	}
	hooks := s.Hooks
	if hooks == nil {
		hooks = &specs.Hooks{}
	}
	list, ok := stages(hooks)[stage]
	if !ok {
		return fmt.Errorf("%q: stage %q is not one of prestart, createRuntime, createContainer, startContainer, poststart, poststop", text, stage)
	}
	argv, err := Split(command)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	if len(argv) == 0 || !filepath.IsAbs(argv[0]) {
		return fmt.Errorf("%q: want the absolute path of a program after the stage", text)
	}
	*list = append(*list, specs.Hook{Path: argv[0], Args: argv})
	s.Hooks = hooks
	return nil
}

// Split splits text into words at spaces, as the shell does, with '…', "…" and backslashes (sh(1), "Quoting"). Every other
// character stands for itself.
func Split(text string) (words []string, err error) {
	var word strings.Builder
	begun, quote := false, rune(0)
	escaped := false
	for _, c := range text {
		switch {
		case escaped:
			if quote == '"' && !strings.ContainsRune("\"\\$`", c) {
				word.WriteByte('\\')
			}
			word.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			begun, escaped = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			begun, quote = true, c
		case strings.ContainsRune(" \t\n", c):
			if begun {
				words = append(words, word.String())
				word.Reset()
			}
			begun = false
		default:
			begun = true
			word.WriteRune(c)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quotation mark %c is not closed", quote)
	}
	if escaped {
		return nil, errors.New("nothing follows the last backslash")
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
