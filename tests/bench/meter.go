package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A meter is a small C process (csrc/meter.c) that starts and times commands.
type meter struct {
	cmd      *exec.Cmd
	requests *os.File
	answers  *os.File
	log      string
}

// A sample is what one request to a meter came to.
type sample struct {
	wall   time.Duration // from the first start to the last exit
	maxRSS uint64        // peak memory of the largest process, KiB
}

// newMeter starts a meter; wrap, if any, is a command that changes the world
// that it runs in and then executes its arguments. log receives what commands print.
func newMeter(program, log string, wrap ...string) (*meter, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	reqR, reqW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reqR.Close()
	ansR, ansW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer ansW.Close()
	line := append(wrap, program)
	m := &meter{cmd: exec.Command(line[0], line[1:]...), requests: reqW, answers: ansR, log: log}
	m.cmd.Stdout, m.cmd.Stderr = out, out
	m.cmd.ExtraFiles = []*os.File{reqR, ansW}
	// A ^C at the terminal is for the benchmark, which then cleans up with the meter's help.
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return m, m.cmd.Start()
}

// close ends the meter.
func (m *meter) close() {
	m.requests.Close()
	m.answers.Close()
	m.cmd.Wait()
}

// run times one command and fails if the command does.
func (m *meter) run(argv ...string) (sample, error) { return m.parallel(1, 1, argv...) }

// parallel times count commands, width of them at once; '@' in an argument
// becomes the command's number.
func (m *meter) parallel(count, width int, argv ...string) (sample, error) {
	text := strings.Join(argv, "\x00") + "\x00"
	head := []uint32{uint32(len(text)), uint32(count), uint32(width)}
	if err := binary.Write(m.requests, binary.NativeEndian, head); err != nil {
		return sample{}, fmt.Errorf("meter: %w", err)
	}
	if _, err := io.WriteString(m.requests, text); err != nil {
		return sample{}, fmt.Errorf("meter: %w", err)
	}
	var a struct{ NS, Failures, Status, MaxRSS uint64 }
	if err := binary.Read(m.answers, binary.NativeEndian, &a); err != nil {
		return sample{}, fmt.Errorf("meter: %w", err)
	}
	s := sample{wall: time.Duration(a.NS), maxRSS: a.MaxRSS}
	if a.Failures > 0 {
		out, _ := os.ReadFile(m.log)
		return s, fmt.Errorf("%s: %d of %d failed (wait status %#x): %s",
			strings.Join(argv, " "), a.Failures, count, a.Status, strings.TrimSpace(string(out)))
	}
	return s, nil
}

// output returns what the last command printed.
func (m *meter) output() (string, error) {
	b, err := os.ReadFile(m.log)
	return string(b), err
}
