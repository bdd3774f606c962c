package printable

import "testing"

func TestNothingSpeaksToATerminal(t *testing.T) {
	const text = "a\x1b[2J\tb\r\nc\u009b1m\x7f é\xff"
	if got, want := Line(text), "a?[2J?b??c?1m? é\ufffd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Text(text), "a?[2J?b?\nc?1m? é\ufffd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
