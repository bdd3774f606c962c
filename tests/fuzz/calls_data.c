/* Calls that answer with data about files, or with their contents. */
#include "kernel.h"

static const u32 modes[] = {
	S_IFDIR_ | 0755, S_IFREG_ | 0644, S_IFCHR_ | 0666, S_IFLNK_ | 0777,
	S_IFDIR_ | 01777, S_IFDIR_, 0010644, 0060600,
};

/* k_statx answers plainly with a directory that is a mount point: whoever
 * walks up has arrived. At boot it tells the plan's size. */
long k_statx(const long *a, u8 v)
{
	struct statx st;
	writable("statx", a[4], sizeof st);
	if (v >= FAIL)
		return failure(v);
	memset(&st, 0xa5, sizeof st);
	st.stx_mode = (u16)modes[v % 8];
	if (v == 0 && now() && now()->code == OP_FIND)
		st.stx_mode = S_IFREG_ | 0755;
	st.stx_attributes = v & 8 ? 0 : STATX_ATTR_MOUNT_ROOT;
	st.stx_uid = v & 16 ? 1000 : 0;
	st.stx_gid = 0;
	st.stx_rdev_major = v & 32 ? 4 : 1;
	st.stx_rdev_minor = v & 64 ? 5 : 3;
	st.stx_size = world.plan_size;
	st.stx_ino = v & 16 ? 2 : 1;
	put("statx", a[4], &st, sizeof st);
	return 0;
}

static long put_fs(const char *call, long p, u8 v)
{
	static const u32 magics[] = {PROC_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, SYSFS_MAGIC, 0xff534d42u};
	const struct op *o = now();
	struct statfs st;
	writable(call, p, sizeof st);
	if (v >= FAIL)
		return failure(v);
	memset(&st, 0xa5, sizeof st);
	st.f_type = TMPFS_MAGIC; /* plainly what the op wants */
	if (v)
		st.f_type = magics[v % 4];
	else if (o && o->code == OP_CHROOT)
		st.f_type = PROC_SUPER_MAGIC;
	else if (o && o->code == OP_PTY)
		st.f_type = DEVPTS_SUPER_MAGIC;
	else if (o && (o->code == OP_OPEN || o->code == OP_WRITE) && o->n[3])
		st.f_type = (long)o->n[3];
	st.f_flags = v;
	put(call, p, &st, sizeof st);
	return 0;
}

long k_fstatfs(const long *a, u8 v) { return put_fs("fstatfs", a[1], v); }

long k_statfs(const long *a, u8 v) { return put_fs("statfs", a[1], v); }

/* k_readlinkat answers plainly that there is no link. */
long k_readlinkat(const long *a, u8 v)
{
	static const char *const links[] = {
		"..", "/", "../../../etc", "a/b", "/x", ".", "./../", "dangling/../..",
		"/proc/self/root", "//a//", "x/",
	};
	size_t size = (size_t)a[3], n;
	writable("readlinkat", a[2], size);
	if (v >= FAIL)
		return failure(v);
	if (v == 0)
		return -EINVAL;
	const char *text = links[v % (sizeof links / sizeof links[0])];
	n = strlen(text);
	if (v >= FAIL - 4) { /* long ones, which fill the buffer at last */
		n = v == FAIL - 1 ? size : v == FAIL - 2 ? size - 1 : 1000;
		memset((char *)a[2], v == FAIL - 4 ? '/' : 'n', n);
		for (size_t i = 200; v != FAIL - 1 && i < n; i += 200)
			((char *)a[2])[i] = '/';
		return (long)n;
	}
	put("readlinkat", a[2], text, n); /* never terminated */
	return (long)n;
}

/* dir_entries: a directory is empty, unless the script has something for it: a
 * few names of some length each, or bytes that are no entries at all. */
long dir_entries(const long *a, u8 v)
{
	u8 buf[1024] = {0};
	u32 n = 0, len = v & 32 ? 255 : 1;
	writable("getdents64", a[1], (size_t)a[2]);
	if (v >= FAIL)
		return failure(v);
	for (u32 i = 0; i < v % 4u; i++) {
		u16 size = (u16)((19 + len + 1 + 7) & ~7u);
		memcpy(buf + n + 16, &size, sizeof size);
		memset(buf + n + 19, v & 16 && i == 0 ? '.' : (int)('a' + i), len);
		n += size;
	}
	if (v & 64)
		n = v & 8 ? 10 : n ? n - 1 : 0;
	put("getdents64", a[1], buf, n);
	return n;
}

/* k_read: a context's log is empty and a pipe at its end, unless the script
 * has something for them. */
long k_read(const long *a, u8 v)
{
	size_t n = (size_t)a[2];
	writable("read", a[1], n);
	if (v >= FAIL)
		return failure(v);
	if (v == 0)
		return now() && now()->code == OP_FSMOUNT ? -ENODATA : 0;
	if (v < 0x80 && n > v)
		n = v % 16; /* a short one */
	s32 err = -ENOENT;
	if (v == 0x81 && n == sizeof err) { /* of a hook that cannot be executed */
		memcpy((void *)a[1], &err, sizeof err);
		return (long)n;
	}
	for (size_t i = 0; i < n; i++)
		((u8 *)a[1])[i] = v & 64 ? (u8)(0xf0 + i) : "e tmpfs: bad\n"[i % 14];
	return (long)n;
}

long k_write(const long *a, u8 v)
{
	readable("write", a[1], (size_t)a[2]);
	if (v >= FAIL)
		return failure(v);
	return v && a[2] > 0 ? a[2] - 1 : a[2];
}

long k_getcwd(const long *a, u8 v)
{
	static const char *const dirs[] = {"/", "/a/b", "(unreachable)/a"};
	writable("getcwd", a[0], (size_t)a[1]);
	if (v >= FAIL)
		return failure(v);
	const char *dir = dirs[v % 3];
	put("getcwd", a[0], dir, strlen(dir) + 1);
	return (long)strlen(dir) + 1;
}

/* The gate's page, which init shares with a host that opens it at the first turn, or
 * never if the script fails there. */
static u32 gate[1024];

static long map_gate(const long *a, u8 v)
{
	if (a[1] != sizeof gate || a[2] != 3 || a[3] != 1 || a[5])
		bug("mmap(%ld bytes, prot %ld, flags %ld) of the gate", a[1], a[2], a[3]);
	if (v >= FAIL)
		return failure(v);
	memset(gate, 0, sizeof gate);
	return (long)gate;
}

void relax(void)
{
	if (!gate[0])
		bug("init waits at the gate without a listener");
	gate[1] = next() < FAIL;
}

long k_mmap(const long *a, u8 v)
{
	if (now() && now()->code == OP_GATE)
		return map_gate(a, v);
	if (a[1] != (long)world.plan_size || a[2] != 3 || a[3] != 2 || a[5])
		bug("mmap(%ld bytes, prot %ld, flags %ld)", a[1], a[2], a[3]);
	if (v >= FAIL)
		return failure(v);
	world.mapped = malloc(world.plan_size); /* ends where the plan ends */
	memcpy(world.mapped, world.plan, world.plan_size);
	return (long)world.mapped;
}

long k_ioctl(const long *a, u8 v)
{
	u8 req[40]; /* struct ifreq */
	switch (a[1]) {
	case TIOCSPTLCK:
		readable("TIOCSPTLCK", a[2], sizeof(int));
		break;
	case TIOCSWINSZ:
		readable("TIOCSWINSZ", a[2], 8);
		break;
	case TIOCSCTTY:
		break;
	case TIOCGPTPEER:
		if (!(a[2] & O_CLOEXEC) || !(a[2] & O_NOCTTY))
			bug("TIOCGPTPEER with flags %#lx", (unsigned long)a[2]);
		return v >= FAIL ? failure(v) : fd_new(1);
	case 0x8913: /* SIOCGIFFLAGS */
		readable("SIOCGIFFLAGS", a[2], sizeof req);
		memcpy(req, (void *)a[2], sizeof req);
		if (memcmp(req, "lo", 3))
			bug("SIOCGIFFLAGS of another interface");
		put("SIOCGIFFLAGS", a[2], req, sizeof req);
		break;
	case 0x8914: /* SIOCSIFFLAGS */
		readable("SIOCSIFFLAGS", a[2], sizeof req);
		break;
	default:
		bug("ioctl %#lx", (unsigned long)a[1]);
	}
	return v >= FAIL ? failure(v) : 0;
}
