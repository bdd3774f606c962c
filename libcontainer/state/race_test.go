package state

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// writer names the variable that makes a process of this test a writer; its
// value is the store's root.
const writer = "CREEL_TEST_WRITER"

// scribble writes records whose length tells in each who wrote it.
func scribble(s *Store, who int) error {
	d, err := s.Lookup("web")
	if err != nil {
		return err
	}
	defer d.Close()
	r := sample()
	for i := range 200 {
		r.Pid, r.ID = who*1000+i, strings.Repeat("x", who*1000+i)
		if err := d.Write(r); err != nil {
			return err
		}
	}
	return nil
}

func TestAReaderNeverSeesATornRecordHoweverManyWrite(t *testing.T) {
	if root := os.Getenv(writer); root != "" {
		if err := scribble(Open(root), 9); err != nil {
			t.Fatal(err)
		}
		return
	}
	s, d := reserve(t, "web")
	if err := d.Write(&Record{}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for who := range 4 {
		wg.Go(func() {
			if err := scribble(s, who+1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), writer+"="+s.root)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("another process: %v: %s", err, out)
		}
	})
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if err := look(s); err != nil {
			t.Error(err)
			break
		}
	}
	<-done
	if names, err := os.ReadDir(filepath.Join(s.root, "web")); err != nil || len(names) != 1 {
		t.Errorf("beside the record: %v, %v", names, err)
	}
}

// look reads the record as a command does.
func look(s *Store) error {
	d, err := s.Lookup("web")
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := d.Read()
	if err != nil {
		return err
	}
	if len(r.ID) != r.Pid {
		return fmt.Errorf("the record of writer %d has %d bytes of another", r.Pid, len(r.ID))
	}
	return nil
}
