package bounded

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestNoMoreIsReadThanIsAllowed(t *testing.T) {
	if text, err := All(strings.NewReader("text"), 4); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	r := strings.NewReader("longer text")
	if text, err := All(r, 4); err == nil || err.Error() != "it has more than 4 bytes" || text != nil || r.Len() != 6 {
		t.Errorf("%q, %v; %d bytes are left", text, err, r.Len())
	}
	broken := errors.New("broken")
	if _, err := All(iotest.ErrReader(broken), 4); err != broken {
		t.Error(err)
	}
}

func TestAReaderEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r := By(ctx, strings.NewReader("text"))
	if n, err := io.ReadFull(r, make([]byte, 2)); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	enough := errors.New("enough")
	cancel(enough)
	if n, err := r.Read(make([]byte, 2)); n != 0 || err != enough {
		t.Errorf("%d, %v", n, err)
	}
}
