package user

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const passwd = `# comment
root:x:0:0:root:/root:/bin/sh

www:x:33:34:www:/var/www:/bin/false
1000:x:77:78::/:
ann:x:1000:1001:Ann:/home/ann:/bin/sh
bad:x:many:1:::
huge:x:4294967295:1:::
short:x
`

const group = `root:x:0:
wheel:x:10:root,ann
web:x:34:www
10:x:0:
video:x:44:ann,www
audio:x:29:www
again:x:44:www
broken:x:
`

func root(t *testing.T, files map[string]string) int {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

func lookup(fd int, spec string) (User, error) {
	f, err := In(fd)
	if err != nil {
		return User{}, err
	}
	return f.Lookup(spec)
}

func TestAUserIsFoundInTheFilesOfTheRoot(t *testing.T) {
	fd := root(t, map[string]string{"etc/passwd": passwd, "etc/group": group})
	for spec, want := range map[string]User{
		"":            {0, 0, []uint32{10}},
		"root":        {0, 0, []uint32{10}},
		"www":         {33, 34, []uint32{44, 29}},
		"33":          {33, 34, []uint32{44, 29}},
		"www:video":   {33, 44, nil},
		"www:7":       {33, 7, nil},
		"5:6":         {5, 6, nil},
		"5:web":       {5, 34, nil},
		"5":           {5, 0, nil},
		"1000":        {1000, 1001, []uint32{10, 44}}, // not the user whose name is 1000
		"7:10":        {7, 10, nil},
		"ann":         {1000, 1001, []uint32{10, 44}},
		"4294967294":  {4294967294, 0, nil},
		"0:0":         {0, 0, nil},
		"ann:1000000": {1000, 1000000, nil},
	} {
		if got, err := lookup(fd, spec); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v; want %+v", spec, got, err, want)
		}
	}
}

func TestAnUnknownUserIsAnError(t *testing.T) {
	fd := root(t, map[string]string{"etc/passwd": passwd, "etc/group": group})
	for spec, want := range map[string]string{
		"nobody":     `user "nobody": there is no user "nobody" in its /etc/passwd`,
		"www:nobody": `there is no group "nobody" in its /etc/group`,
		"bad":        "there is no user", "huge": "there is no user", "short": "there is no user",
		"www:broken": "there is no group",
		":":          "want user, user:group", "www:": "want user", ":web": "want user",
		"4294967295": "there is no user", "-1": "there is no user", "1:2:3": "there is no group",
	} {
		if u, err := lookup(fd, spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v", spec, u, err)
		}
	}
}

func TestNumbersNeedNoFiles(t *testing.T) {
	fd := root(t, nil)
	for spec, want := range map[string]User{"": {}, "7": {UID: 7}, "7:8": {UID: 7, GID: 8}} {
		if got, err := lookup(fd, spec); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", spec, got, err)
		}
	}
	if _, err := lookup(fd, "ann"); err == nil || !strings.Contains(err.Error(), "its /etc/passwd: no such file") {
		t.Error(err)
	}
}

func TestLinksOfTheRootStayInIt(t *testing.T) {
	fd := root(t, map[string]string{"etc/passwd": "-> /../../data/users", "data/users": "in:x:5:6:::\n", "etc/group": "-> /dev/null"})
	if u, err := lookup(fd, "in:9"); err != nil || u.UID != 5 || u.GID != 9 { // a number needs no file
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := lookup(fd, "root"); err == nil {
		t.Error("root of the host was found")
	}
}

func TestAFileThatIsNoneIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(dir, "etc/passwd"), 0o644); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := lookup(fd, "0"); err == nil || !strings.Contains(err.Error(), "its /etc/passwd: it is not a regular file") {
		t.Error(err)
	}
}

func TestNobodyIsInMoreGroupsThanAProcessCanHave(t *testing.T) {
	var b strings.Builder
	for i := range 65537 {
		fmt.Fprintf(&b, "g:x:%d:root\n", i+1)
	}
	f := &Files{Passwd: []byte("root:x:0:0\n"), Group: []byte(b.String())}
	if _, err := f.Lookup("root"); err == nil || !strings.Contains(err.Error(), "more than 65536 groups") {
		t.Error(err)
	}
	_, f.Group, _ = bytes.Cut(f.Group, []byte("\n"))
	if u, err := f.Lookup("root"); err != nil || len(u.AdditionalGIDs) != 65536 {
		t.Errorf("%d, %v", len(u.AdditionalGIDs), err)
	}
}
