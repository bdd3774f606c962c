package numlist

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

func TestAListNamesItsNumbers(t *testing.T) {
	for list, want := range map[string][]int{
		"0":            {0},
		"7":            {7},
		"0-3,7":        {0, 1, 2, 3, 7},
		" 2 , 1\n":     {1, 2},
		"5-5,5":        {5},
		"63-64,127":    {63, 64, 127},
		"0-7:1/4":      {0, 4},
		"1-8:2/3":      {1, 2, 4, 5, 7, 8},
		"0-3:0/2,9":    {9},
		"1023":         {1023},
		"00,01":        {0, 1},
		"3,1,2,0-1,64": {0, 1, 2, 3, 64},
	} {
		m, err := Parse(list, Nodes)
		if err != nil {
			t.Errorf("%q: %v", list, err)
			continue
		}
		var got []int
		for n := range Nodes + 64 {
			if m.Has(n) {
				got = append(got, n)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v", list, got, want)
		}
	}
}

func TestWhatIsNoListIsRefused(t *testing.T) {
	for _, list := range []string{
		"", " ", ",", "1,", ",1", "a", "-1", "1-", "-", "3-1", "1--2", "1-2-3", "0x1", "+1", "1 2", "1.5",
		"1:1/2", "0-3:1", "0-3:1/0", "0-3:3/2", "0-3:/", "0-3:1/2/3", "99999999999999999999",
	} {
		if m, err := Parse(list, CPUs); err == nil {
			t.Errorf("%q was read as %v", list, m)
		}
	}
}

func TestNumbersBeyondTheKernelsAreRefusedByName(t *testing.T) {
	_, err := Parse("0,1000-1024", Nodes)
	if err == nil || !strings.Contains(err.Error(), "1024 is more than 1023") {
		t.Error(err)
	}
	if _, err := Parse("8191", CPUs); err != nil {
		t.Error(err)
	}
	if _, err := Parse("0-1000000000", CPUs); err == nil {
		t.Error("a list of a thousand million CPUs was accepted")
	}
}

func TestBytesAreTheWordsInMemory(t *testing.T) {
	m, err := Parse("0,65", CPUs)
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bytes()
	if len(b) != 16 || binary.NativeEndian.Uint64(b) != 1 || binary.NativeEndian.Uint64(b[8:]) != 2 {
		t.Errorf("% x", b)
	}
}
