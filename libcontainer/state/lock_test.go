package state

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func lookup(t *testing.T, s *Store, id string) *Dir {
	t.Helper()
	d, err := s.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestAContainerThatIsBeingTakenDoesNotExistYet(t *testing.T) {
	s, d := reserve(t, "web")
	other := lookup(t, s, "web")
	if _, err := other.Read(); !errors.Is(err, ErrNotExist) {
		t.Errorf("before its record: %v", err)
	}
	d.Unlock()
	if _, err := other.Read(); !errors.Is(err, ErrNoRecord) {
		t.Errorf("cut short: %v", err)
	}
	if err := d.Write(sample()); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Read(); err != nil {
		t.Error(err)
	}
}

func TestWhoWaitsForAContainerThatIsRemovedFindsNone(t *testing.T) {
	s, d := recorded(t, "web")
	other := lookup(t, s, "web")
	locked := make(chan error)
	go func() { locked <- other.Lock() }()
	select {
	case err := <-locked:
		t.Fatalf("two hold it: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	again, err := s.Reserve("web") // another one of the same name
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	d.Close()
	if err := <-locked; !errors.Is(err, ErrNotExist) {
		t.Error(err)
	}
}

func TestOfManyWhoRemoveAContainerOneDoes(t *testing.T) {
	s, d := recorded(t, "web")
	var others []*Dir
	for range 16 {
		others = append(others, lookup(t, s, "web"))
	}
	d.Unlock()
	var removed atomic.Int32
	var wg sync.WaitGroup
	for _, other := range others {
		wg.Go(func() {
			switch err := other.Lock(); {
			case err == nil:
				removed.Add(1)
				if err := other.Remove(); err != nil {
					t.Error(err)
				}
				other.Unlock()
			case !errors.Is(err, ErrNotExist):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if removed.Load() != 1 {
		t.Errorf("%d of 16 removed it", removed.Load())
	}
}

// Hooks are recorded by a command that need not hold the container.
func TestARecordThatIsWrittenMeanwhileIsRemovedToo(t *testing.T) {
	s, d := recorded(t, "web")
	other := lookup(t, s, "web")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			if other.Write(sample()) != nil {
				return // it is gone
			}
		}
	}()
	for range 200 {
		if err := d.empty(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Remove(); err != nil {
		t.Error(err)
	}
	<-done
	if _, err := s.Lookup("web"); !errors.Is(err, ErrNotExist) {
		t.Error(err)
	}
}
