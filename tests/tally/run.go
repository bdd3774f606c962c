package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// run executes the command of a tier, prints its result to out, and leaves a record in dir.
func run(dir, tier string, command []string, out io.Writer) error {
	started := time.Now()
	cmd := exec.Command(command[0], command[1:]...)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	events, plain := newEvents(out), newPlain(out)
	isEvents := read(pipe, events, plain)
	status := cmd.Wait()
	out.Write(stderr.Bytes())

	r := record{Tier: tier, Seconds: time.Since(started).Seconds()}
	if isEvents {
		events.finish(&r)
		if status != nil && r.Failed == 0 {
			fmt.Fprintf(out, "  FAIL     %s: %v although no test failed\n", command[0], status)
			r.Failed = 1
		}
	} else {
		plain.finish(&r, status)
	}
	if r.Passed+r.Failed+r.Skipped == 0 {
		fmt.Fprintln(out, "  FAIL     the tier ran no test")
		r.Failed = 1
	}
	if err := r.write(dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d ok, %d bad, %d skipped in %.1f s\n", tier, r.Passed, r.Failed, r.Skipped, r.Seconds)
	if r.Failed > 0 {
		return errReported
	}
	return nil
}

// read gives each line to its reader, and says whether there were test events.
func read(r io.Reader, events *events, plain *plain) bool {
	found := false
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if len(line) > 1 && line[0] == '{' && json.Unmarshal(line, &e) == nil && e.Action != "" {
			found = true
			events.add(e)
		} else if len(line) > 0 {
			plain.add(string(line))
		}
		if err != nil {
			return found
		}
	}
}
