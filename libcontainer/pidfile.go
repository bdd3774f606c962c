package libcontainer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// announce tells who the process is, before it is executed. "" is nobody to tell.
func (d *dialogue) announce(pidfdSocket, pidFile string) error {
	if pidfdSocket != "" {
		if err := sendPidfd(pidfdSocket, d.pidfd); err != nil {
			return err
		}
	}
	if pidFile != "" {
		return WritePidFile(pidFile, d.pid)
	}
	return nil
}

// WritePidFile writes pid into the file at path, atomically: engines watch for it.
func WritePidFile(path string, pid int) error {
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_SYNC, 0o666)
	if errors.Is(err, os.ErrExist) { // left by a runtime that was killed
		os.Remove(tmp)
		f, err = os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_SYNC, 0o666)
	}
	if err != nil {
		return fmt.Errorf("pid file: %w", err)
	}
	_, err = f.WriteString(strconv.Itoa(pid))
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("pid file %s: %w", path, err)
	}
	return nil
}
