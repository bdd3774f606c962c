package spawn

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Find returns the path of a program of the host in the caller's PATH. The error has the words of package os/exec.
func Find(name string) (string, error) {
	for dir := range strings.SplitSeq(os.Getenv("PATH"), ":") {
		if path := dir + "/" + name; dir != "" && unix.Access(path, unix.X_OK) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%q: executable file not found in $PATH", name)
}
