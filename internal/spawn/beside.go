package spawn

import (
	"os"
	"path/filepath"
)

// Beside finds a program in the directory of the running one, or else in the absolute directories of PATH. The path is empty
// if it is in none of the directories looked at.
func Beside(name string) (path string, looked []string) {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	if self, err := os.Executable(); err == nil {
		dirs = append([]string{filepath.Dir(self)}, dirs...)
	}
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
		looked = append(looked, dir)
	}
	return "", looked
}
