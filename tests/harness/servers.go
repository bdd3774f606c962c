package harness

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
)

// NameServer has a server of names at an address of IPv4, until the test ends. It knows the address of everything: its own.
func (h *H) NameServer(address string) {
	h.Helper()
	p, err := net.ListenPacket("udp", net.JoinHostPort(address, "53"))
	h.Must(err)
	h.Cleanup(func() { p.Close() })
	go func() {
		question := make([]byte, 1500)
		for {
			n, from, err := p.ReadFrom(question)
			if err != nil {
				return
			}
			_, _ = p.WriteTo(answer(question[:n], net.ParseIP(address).To4()), from)
		}
	}()
}

// answer is what a server says to a question (RFC 1035, 4.1): one address of IPv4, and nothing of other kinds.
func answer(question, address []byte) []byte {
	const header, behindName, a = 12, 5, 1
	end := header
	for end < len(question) && question[end] != 0 {
		end += int(question[end]) + 1
	}
	if end += behindName; end > len(question) {
		return nil
	}
	count := byte(0)
	if binary.BigEndian.Uint16(question[end-4:]) == a {
		count = 1
	}
	text := append([]byte{question[0], question[1], 0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0}, question[header:end]...)
	if count > 0 {
		text = append(append(text, 0xc0, header, 0, a, 0, 1, 0, 0, 0, 60, 0, 4), address...)
	}
	return text
}

// WebServer has a server that says a word to whoever asks, until the test ends.
func (h *H) WebServer(address, word string) {
	h.Helper()
	l, err := net.Listen("tcp", address)
	h.Must(err)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, word) })}
	go s.Serve(l)
	h.Cleanup(func() { s.Close() })
}
