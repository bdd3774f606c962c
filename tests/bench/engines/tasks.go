package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tasksFile names, in the environment, the file that gets a line "NAME NANOSECONDS" for each thread of the machine
// that ended.
const tasksFile = "CREEL_BENCH_TASKS"

// listen writes the file until stop is called. The figures are the kernel's taskstats
// (Documentation/accounting/taskstats.rst), whose cpu_run_virtual_total is exact, unlike times in ticks.
func listen() (stop func(), err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	if err := register(fd); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	f, err := os.CreateTemp("", "creel-tasks-")
	if err == nil {
		err = os.Setenv(tasksFile, f.Name())
	}
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	go record(fd, f)
	return func() { os.Remove(f.Name()) }, nil
}

// register asks for every thread that ends on any processor.
func register(fd int) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20); err != nil {
		return fmt.Errorf("SO_RCVBUFFORCE: %w", err)
	}
	answer, err := request(fd, unix.GENL_ID_CTRL, unix.CTRL_CMD_GETFAMILY, unix.CTRL_ATTR_FAMILY_NAME, "TASKSTATS\x00")
	if err != nil {
		return fmt.Errorf("family TASKSTATS: %w", err)
	}
	family, ok := attributes(answer)[unix.CTRL_ATTR_FAMILY_ID]
	if !ok || len(family) < 2 {
		return errors.New("family TASKSTATS: it has no id")
	}
	cpus := fmt.Sprintf("0-%d\x00", runtime.NumCPU()-1)
	_, err = request(fd, binary.NativeEndian.Uint16(family), unix.TASKSTATS_CMD_GET, unix.TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus)
	if err != nil {
		return fmt.Errorf("register for processors %s: %w", cpus, err)
	}
	return nil
}

// request sends a generic netlink request with one attribute and returns the attributes of the answer, nil for an
// acknowledgement.
func request(fd int, family uint16, command uint8, attribute uint16, value string) ([]byte, error) {
	native := binary.NativeEndian
	m := make([]byte, 16, 64)
	m = append(m, command, 1, 0, 0)
	m = native.AppendUint16(m, uint16(4+len(value)))
	m = native.AppendUint16(m, attribute)
	m = append(m, value...)
	for len(m)%4 != 0 {
		m = append(m, 0)
	}
	native.PutUint32(m, uint32(len(m)))
	native.PutUint16(m[4:], family)
	native.PutUint16(m[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	if err := unix.Sendto(fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	var answer []byte
	buf := make([]byte, 8192)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			return nil, err
		}
		if n < 20 {
			return nil, fmt.Errorf("an answer of %d bytes", n)
		}
		if native.Uint16(buf[4:]) != unix.NLMSG_ERROR {
			answer = bytes.Clone(buf[20:n])
			continue
		}
		if errno := int32(native.Uint32(buf[16:])); errno != 0 {
			return nil, unix.Errno(-errno)
		}
		return answer, nil
	}
}

// attributes finds the attributes of a netlink message by their types.
func attributes(b []byte) map[uint16][]byte {
	found := map[uint16][]byte{}
	for len(b) >= 4 {
		n := int(binary.NativeEndian.Uint16(b))
		if n < 4 || n > len(b) {
			break
		}
		found[binary.NativeEndian.Uint16(b[2:])&^unix.NLA_F_NESTED] = b[4:n]
		b = b[min((n+3)&^3, len(b)):]
	}
	return found
}

// record writes a line for each thread that the kernel tells of.
func record(fd int, f *os.File) {
	buf := make([]byte, 16384)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if errors.Is(err, unix.ENOBUFS) {
			fmt.Fprintln(f, "lost 0") // the figures of this block are not whole
			continue
		}
		if err != nil || n < 20 {
			return
		}
		one, ok := attributes(buf[20:n])[unix.TASKSTATS_TYPE_AGGR_PID]
		if !ok {
			continue
		}
		if stats := attributes(one)[unix.TASKSTATS_TYPE_STATS]; len(stats) >= int(unsafe.Offsetof(unix.Taskstats{}.Ac_pid)) {
			fmt.Fprintln(f, line(stats))
		}
	}
}

// line is what is written of one thread.
func line(stats []byte) string {
	var t unix.Taskstats
	name := stats[unsafe.Offsetof(t.Ac_comm):][:len(t.Ac_comm)]
	name, _, _ = bytes.Cut(name, []byte{0})
	spent := binary.NativeEndian.Uint64(stats[unsafe.Offsetof(t.Cpu_run_virtual_total):])
	return fmt.Sprintf("%s %d", bytes.ReplaceAll(name, []byte(" "), []byte("_")), spent)
}
