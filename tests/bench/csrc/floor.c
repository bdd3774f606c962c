/* floor ROOTFS CGROUP: the kernel work of running /bin/true with the config that
 * `runc spec` writes, and nothing else: namespaces, cgroup with its device
 * filter, mounts, nodes, masks, pivot, identity, exec, wait, removal. No config is read, no state is
 * written, no error is explained; what a runtime needs beyond floor's time is its own.
 *
 * ROOTFS has the directories proc, dev and sys; CGROUP, the path of a cgroup v2
 * directory that does not exist, is made and removed. Two options:
 *   -n  no device filter
 *   -c  keep the host's cgroup namespace
 * A failing call ends it with the line number as its exit status (modulo 256). */
#include "raw.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sched.h>

#define MNT_DETACH 2
#define S_IFCHR 0020000
#define RLIMIT_NOFILE 7
#define SIGCHLD 17

static const char *rootfs, *cgroup;
static int device_filter = 1, host_cgroupns;

static long check(long r, int line)
{
	if (r < 0)
		CALL1(exit_group, line & 255 ? line : 255);
	return r;
}
#define MUST(call) check(call, __LINE__)

static void mount_fs(const char *type, const char *target, long flags, const char *data)
{
	MUST(CALL5(mount, type, target, type, flags, data));
}

static void mount_all(void)
{
	MUST(CALL5(mount, 0, "/", 0, MS_SLAVE | MS_REC, 0));
	MUST(CALL5(mount, rootfs, rootfs, 0, MS_BIND | MS_REC, 0));
	MUST(CALL1(chdir, rootfs));
	mount_fs("proc", "proc", 0, 0);
	mount_fs("tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
	MUST(CALL3(mkdirat, AT_FDCWD, "dev/pts", 0755));
	mount_fs("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC,
		 "newinstance,ptmxmode=0666,mode=0620,gid=5");
	MUST(CALL3(mkdirat, AT_FDCWD, "dev/shm", 0755));
	mount_fs("tmpfs", "dev/shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k");
	MUST(CALL3(mkdirat, AT_FDCWD, "dev/mqueue", 0755));
	mount_fs("mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, 0);
	mount_fs("sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, 0);
	long flags = MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RELATIME | MS_RDONLY;
	if (host_cgroupns) {
		MUST(CALL5(mount, "/sys/fs/cgroup", "sys/fs/cgroup", 0, MS_BIND | MS_REC, 0));
		MUST(CALL5(mount, 0, "sys/fs/cgroup", 0, MS_REMOUNT | MS_BIND | flags, 0));
	} else {
		mount_fs("cgroup2", "sys/fs/cgroup", flags, 0);
	}
}

static void make_nodes(void)
{
	static const struct {
		const char *path;
		long dev;
	} nodes[] = {{"dev/null", 0x103}, {"dev/zero", 0x105},	 {"dev/full", 0x107},
		     {"dev/tty", 0x500},  {"dev/random", 0x108}, {"dev/urandom", 0x109}};
	static const char *const links[][2] = {
		{"/proc/self/fd", "dev/fd"},	 {"/proc/self/fd/0", "dev/stdin"},
		{"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
		{"/proc/kcore", "dev/core"},	 {"pts/ptmx", "dev/ptmx"}};
	CALL1(umask, 0);
	for (unsigned i = 0; i < sizeof nodes / sizeof *nodes; i++)
		MUST(CALL4(mknodat, AT_FDCWD, nodes[i].path, S_IFCHR | 0666, nodes[i].dev));
	CALL1(umask, 022);
	for (unsigned i = 0; i < sizeof links / sizeof *links; i++)
		MUST(CALL3(symlinkat, links[i][0], AT_FDCWD, links[i][1]));
}

static void pivot(void)
{
	MUST(CALL2(pivot_root, ".", "."));
	MUST(CALL5(mount, 0, ".", 0, MS_SLAVE | MS_REC, 0));
	MUST(CALL2(umount2, ".", MNT_DETACH));
	MUST(CALL1(chdir, "/"));
	MUST(CALL5(mount, 0, "/", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
}

static void cover(void)
{
	static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					       "/proc/sysrq-trigger"};
	static const char *const masked[] = {
		"/proc/acpi",	     "/proc/asound",	 "/proc/kcore",	      "/proc/keys",
		"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
		"/sys/firmware",     "/proc/scsi"};
	for (unsigned i = 0; i < sizeof readonly / sizeof *readonly; i++) {
		long r = CALL5(mount, readonly[i], readonly[i], 0, MS_BIND | MS_REC, 0);
		if (r == -ENOENT)
			continue;
		MUST(r);
		MUST(CALL5(mount, 0, readonly[i], 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
	}
	const char *empty = 0; /* one read-only tmpfs covers every directory */
	for (unsigned i = 0; i < sizeof masked / sizeof *masked; i++) {
		long r = CALL5(mount, "/dev/null", masked[i], 0, MS_BIND, 0);
		if (r == -ENOTDIR && empty)
			r = CALL5(mount, empty, masked[i], 0, MS_BIND, 0);
		else if (r == -ENOTDIR)
			r = CALL5(mount, "tmpfs", empty = masked[i], "tmpfs", MS_RDONLY, 0);
		if (r != -ENOENT)
			MUST(r);
	}
}

static void become(void)
{
	const unsigned keep = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{keep, keep, 0}, {0, 0, 0}};
	unsigned long nofile[2] = {1024, 1024};

	MUST(CALL2(sethostname, "runc", 4));
	MUST(CALL4(prlimit64, 0, RLIMIT_NOFILE, nofile, 0));
	MUST(CALL5(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	for (int c = 0; c < 64; c++)
		if (c > 31 || !(keep >> c & 1))
			if (CALL5(prctl, PR_CAPBSET_DROP, c, 0, 0, 0) < 0)
				break; /* past the last capability that this kernel knows */
	MUST(CALL2(capset, &header, data));
}

static void child(void)
{
	static const char *const argv[] = {"/bin/true", 0};
	static const char *const envp[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", 0};
	if (!host_cgroupns)
		MUST(CALL1(unshare, CLONE_NEWCGROUP));
	mount_all();
	make_nodes();
	pivot();
	cover();
	become();
	MUST(CALL3(execve, argv[0], argv, envp));
}

/* The default allow-list: mknod of anything, and the devices above with pts,
 * ptmx and tun; all else is refused. r2 type and access, r4 major, r5 minor. */
static long load_device_filter(void)
{
#define INSN(c, d, s, o, i) {.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)}
#define LOAD(d, o) INSN(BPF_LDX | BPF_MEM | BPF_W, d, 1, o, 0)
#define UNLESS(d, v, skip) INSN(BPF_JMP | BPF_JNE | BPF_K, d, 0, skip, v)
#define ALLOW INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define NODE(maj, min) UNLESS(2, 2, 4), UNLESS(4, maj, 3), UNLESS(5, min, 2), ALLOW
#define MAJOR(maj) UNLESS(2, 2, 3), UNLESS(4, maj, 2), ALLOW
	static const struct bpf_insn filter[] = {
		LOAD(2, 0), INSN(BPF_ALU64 | BPF_MOV | BPF_X, 3, 2, 0, 0),
		INSN(BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff),
		INSN(BPF_ALU64 | BPF_RSH | BPF_K, 3, 0, 0, 16), LOAD(4, 4), LOAD(5, 8),
		UNLESS(3, BPF_DEVCG_ACC_MKNOD, 2), ALLOW,
		NODE(1, 3), NODE(1, 5), NODE(1, 7), NODE(1, 8), NODE(1, 9), NODE(5, 0), NODE(5, 2),
		NODE(10, 200), MAJOR(136),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
			       .insn_cnt = sizeof filter / sizeof *filter,
			       .insns = (unsigned long)filter,
			       .license = (unsigned long)"Apache"};
	return MUST(CALL3(bpf, BPF_PROG_LOAD, &attr, sizeof attr));
}

static void attach(long cgroup_fd, long prog)
{
	union bpf_attr attr = {.target_fd = cgroup_fd,
			       .attach_bpf_fd = prog,
			       .attach_type = BPF_CGROUP_DEVICE,
			       .attach_flags = BPF_F_ALLOW_MULTI};
	MUST(CALL3(bpf, BPF_PROG_ATTACH, &attr, sizeof attr));
	CALL1(close, prog);
}

void *memset(void *dst, int c, unsigned long n)
{
	for (unsigned char *d = dst; n--;)
		*d++ = c;
	return dst;
}

static char stack[16384] __attribute__((aligned(16)));

void start(long *sp)
{
	char **argv = (char **)(sp + 1);
	for (argv++; *argv && **argv == '-'; argv++)
		if ((*argv)[1] == 'n')
			device_filter = 0;
		else
			host_cgroupns = 1;
	rootfs = argv[0];
	cgroup = argv[1];

	MUST(CALL3(mkdirat, AT_FDCWD, cgroup, 0755));
	long fd = MUST(CALL4(openat, AT_FDCWD, cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
	if (device_filter) {
		long dir = MUST(CALL4(openat, AT_FDCWD, cgroup, O_DIRECTORY | O_CLOEXEC, 0));
		attach(dir, load_device_filter());
		CALL1(close, dir);
	}
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP | CLONE_NEWNS | CLONE_NEWPID |
			 CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
		.cgroup = fd,
		.stack = (unsigned long)stack,
		.stack_size = sizeof stack,
	};
	long pid = MUST(raw_clone3(&args, sizeof args, child));
	int status = 0;
	MUST(CALL4(wait4, pid, &status, 0, 0));
	MUST(CALL3(unlinkat, AT_FDCWD, cgroup, AT_REMOVEDIR));
	CALL1(exit_group, status >> 8 | (status & 127));
}
