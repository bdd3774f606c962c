package dbus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The bytes are those of the specification's rules, worked out by hand.
func TestValuesAreMarshalledAsTheSpecificationSays(t *testing.T) {
	for _, test := range []struct {
		values []Value
		want   string
	}{
		{[]Value{String("ab")}, "\x02\x00\x00\x00ab\x00"},
		{[]Value{{Signature: "y", Bits: 1}, Uint64(2)}, "\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"},
		{[]Value{Bool(true), {Signature: "n", Bits: 0xffffffffffffffff}}, "\x01\x00\x00\x00\xff\xff"},
		{[]Value{Array("t")}, "\x00\x00\x00\x00\x00\x00\x00\x00"},
		{[]Value{Array("t", Uint64(1))}, "\x08\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"},
		{[]Value{Variant(Uint32(7))}, "\x01u\x00\x00\x07\x00\x00\x00"},
		{[]Value{Array("(sv)", Struct(String("a"), Variant(Bytes([]byte{9}))))},
			"\x11\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00a\x00\x02ay\x00\x00\x00\x01\x00\x00\x00\x09"},
	} {
		if got := string(AppendBody(nil, test.values...)); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", Signature(test.values), got, test.want)
		}
	}
}

// server answers one client: with text while it says who it is, then with messages.
func server(t *testing.T, welcome string, answer func(call []byte) [][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "so cket")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		hello := make([]byte, len("\x00AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"))
		if _, err := io.ReadFull(conn, hello); err != nil || !bytes.HasPrefix(hello, []byte("\x00AUTH EXTERNAL\r\nDATA\r\n")) {
			t.Errorf("%q, %v", hello, err)
		}
		io.WriteString(conn, welcome)
		for {
			head := make([]byte, headLength)
			if _, err := io.ReadFull(conn, head); err != nil {
				return
			}
			_, fields, body, err := lengths(head)
			if err != nil {
				t.Error(err)
			}
			rest := make([]byte, fields+body)
			io.ReadFull(conn, rest)
			for _, m := range answer(append(head, rest...)) {
				if m == nil {
					return
				}
				conn.Write(m[:len(m)/2])
				conn.Write(m[len(m)/2:])
			}
		}
	}()
	return SocketAddress(path)
}

// message writes one as a server does, in its own byte order.
func message(order binary.AppendByteOrder, kind byte, fields []Value, body ...Value) []byte {
	text := AppendBody(nil, body...)
	if len(body) > 0 {
		fields = append(fields, field(fieldSignature, Value{Signature: "g", Text: Signature(body)}))
	}
	letter := byte('l')
	if order.String() == "BigEndian" {
		letter = 'B'
	}
	m := []byte{letter, kind, 0, 1}
	m = order.AppendUint32(m, uint32(len(text)))
	m = order.AppendUint32(m, 1)
	m = appendValue(m, Array("(yv)", fields...))
	return append(pad(m, 8), text...)
}

func soon() time.Time { return time.Now().Add(20 * time.Second) }

var method = Method{"a.b", "/c", "d.e", "F"}

func TestACallHasItsReplyAndSignalsAreKept(t *testing.T) {
	address := server(t, "DATA\r\nOK 0123\r\n", func(call []byte) [][]byte {
		m, err := decode(call, binary.LittleEndian, headLength+(int(binary.LittleEndian.Uint32(call[12:]))+7)/8*8)
		if err != nil || m.kind != methodCall || m.Interface != "d.e" || m.Member != "F" || m.Signature != "su" || m.Body().String() != "x" {
			t.Errorf("%+v, %v", m, err)
		}
		event := message(binary.LittleEndian, signal, []Value{field(fieldInterface, String("s.t")), field(fieldMember, String("U"))}, String("event"))
		stray := message(binary.LittleEndian, methodReturn, []Value{field(fieldReplySerial, Uint32(99))})
		reply := message(binary.LittleEndian, methodReturn, []Value{field(fieldReplySerial, Uint32(1)), field(fieldSender, String("me"))}, String("yes"), Uint32(5))
		return [][]byte{event, stray, append(reply, event...)}
	})
	c, err := Dial("unix:path=/nonexistent;"+address, soon())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	reply, err := c.Call(soon(), method, String("x"), Uint32(3))
	if err != nil {
		t.Fatal(err)
	}
	if b := reply.Body(); b.String() != "yes" || b.Uint32() != 5 || b.Err() != nil || b.Uint32() != 0 || b.Err() == nil {
		t.Errorf("%+v", reply)
	}
	for range 2 {
		if s, err := c.Signal(soon()); err != nil || s.Interface != "s.t" || s.Member != "U" || s.Body().String() != "event" {
			t.Errorf("%+v, %v", s, err)
		}
	}
	if _, err := c.Signal(time.Now()); !errors.Is(err, unix.ETIMEDOUT) {
		t.Errorf("without a third: %v", err)
	}
}

// systemd before version 242 takes an AUTH without data for all that there is to say.
func TestAServerThatNeedsNoDataIsAnsweredAllTheSame(t *testing.T) {
	address := server(t, "OK 0123\r\nOK 0123\r\n", func([]byte) [][]byte {
		return [][]byte{message(binary.LittleEndian, methodReturn, []Value{field(fieldReplySerial, Uint32(1))})}
	})
	c, err := Dial(address, soon())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Call(soon(), method); err != nil {
		t.Error(err)
	}
}

func TestARefusalHasItsNameAndText(t *testing.T) {
	address := server(t, "DATA\r\nOK 0123\r\n", func([]byte) [][]byte {
		return [][]byte{message(binary.LittleEndian, errorReply, []Value{field(fieldReplySerial, Uint32(1)), field(fieldErrorName, String("no.way"))}, String("because"))}
	})
	c, err := Dial(address, soon())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var e *Error
	if _, err = c.Call(soon(), method); !errors.As(err, &e) || e.Name != "no.way" || err.Error() != "because" {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoMessageEndsTheCall(t *testing.T) {
	for name, m := range map[string][]byte{
		"hang-up":    nil,
		"no message": []byte("xxxxxxxxxxxxxxxx"),
		"too large":  {'l', 2, 0, 1, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0},
		"fields cut": {'l', 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 5, 1, 'u', 0, 0, 0, 0, 0},
		"bad field":  {'l', 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 9, 1, 'z', 0, 0, 0, 0, 0},
	} {
		address := server(t, "DATA\r\nOK 0123\r\n", func([]byte) [][]byte { return [][]byte{m} })
		c, err := Dial(address, soon())
		if err != nil {
			t.Fatal(err)
		}
		if reply, err := c.Call(soon(), method); err == nil {
			t.Errorf("%s: %+v", name, reply)
		}
		c.Close()
	}
}

func TestAServerThatRefusesUsIsNamed(t *testing.T) {
	for welcome, want := range map[string]string{
		"REJECTED EXTERNAL\r\n":    `the other end answers "REJECTED EXTERNAL"`,
		"ERROR\r\n":                "ERROR",
		"DATA\r\nDATA\r\n":         "DATA",
		"DATA\r\nREJECTED\r\n":     "REJECTED",
		strings.Repeat("x", 10000): "no end",
	} {
		if c, err := Dial(server(t, welcome, nil), soon()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, %v", welcome, c, err)
		}
	}
}

func TestAddressesNameSockets(t *testing.T) {
	for text, want := range map[string]string{
		"unix:path=/run/bus": "/run/bus", "unix:guid=1,path=/a%20b": "/a b", "unix:abstract=/x,guid=1": "@/x",
		SocketAddress("/run/a b;c,d=é%"): "/run/a b;c,d=é%",
	} {
		if got, err := socketName(text); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "tcp:host=a", "unix:", "unix:path=%4", "unix:path=%zz", "unix:tmpdir=/tmp"} {
		if got, err := socketName(text); err == nil {
			t.Errorf("%s: %q", text, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(message(binary.LittleEndian, methodReturn, []Value{field(fieldReplySerial, Uint32(1))}, String("yes")))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < headLength {
			return
		}
		order, fields, body, err := lengths(data)
		if err != nil || len(data) < headLength+fields+body {
			return
		}
		if m, err := decode(data[:headLength+fields+body], order, headLength+fields); err == nil {
			_ = m.err()
			_ = m.Body().Signature()
		}
	})
}
