/* Calls that make fds, pass them on or close them. */
#include "kernel.h"

static long opened(const char *call, u8 v, u64 flags, u64 cloexec)
{
	if (!(flags & cloexec))
		bug("%s makes an fd that execve would leave open", call);
	return v >= FAIL ? failure(v) : fd_new(1);
}

/* k_openat2: in the ops that work below a root, no lookup may leave it. */
long k_openat2(const long *a, u8 v)
{
	struct open_how how;
	if (a[3] != sizeof how)
		bug("openat2 with a struct of %ld bytes", a[3]);
	readable("openat2", a[2], sizeof how);
	memcpy(&how, (void *)a[2], sizeof how);
	const char *path = (const char *)a[1];
	const struct op *o = now();
	int step = o && o->code == OP_COPY_UP && (!strcmp(path, ".") || !strcmp(path, ".."));
	int free_path = step || (o ? o->code == OP_OPEN || o->code == OP_PIVOT || o->code == OP_PARENT_PRIVATE
				   : !strcmp(path, "/proc/self/fd"));
	if (!free_path && !(how.resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)))
		bug("openat2 of \"%s\" is not confined to the root", path);
	if (!free_path && !(how.resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)))
		bug("openat2 of \"%s\" follows magic links", path);
	if (!*path)
		return -ENOENT;
	long fd = opened("openat2", v, how.flags, O_CLOEXEC);
	if (how.resolve & RESOLVE_NO_SYMLINKS)
		fd_linkless(fd);
	return fd;
}

long k_openat(const long *a, u8 v)
{
	if (!(a[2] & O_NOFOLLOW))
		bug("openat of \"%s\" follows a link", (const char *)a[1]);
	return opened("openat", v, (u64)a[2], O_CLOEXEC);
}

long k_open_tree(const long *a, u8 v)
{
	return opened("open_tree", v, (u64)a[2], OPEN_TREE_CLOEXEC);
}

long k_fsopen(const long *a, u8 v) { return opened("fsopen", v, (u64)a[1], FSOPEN_CLOEXEC); }

long k_fsmount(const long *a, u8 v) { return opened("fsmount", v, (u64)a[1], FSMOUNT_CLOEXEC); }

long k_socket(const long *a, u8 v) { return opened("socket", v, (u64)a[1], SOCK_CLOEXEC_); }

long k_accept4(const long *a, u8 v)
{
	if (a[1] || a[2])
		bug("accept4 asks for the peer's address");
	return opened("accept4", v, (u64)a[3], SOCK_CLOEXEC_);
}

long k_signalfd4(const long *a, u8 v)
{
	if (a[2] != 8)
		bug("signalfd4 with a mask of %ld bytes", a[2]);
	readable("signalfd4", a[1], 8);
	return opened("signalfd4", v, (u64)a[3], O_CLOEXEC);
}

static long two(const char *call, long p, u8 v)
{
	writable(call, p, 2 * sizeof(int));
	if (v >= FAIL)
		return failure(v);
	int fds[2] = {fd_new(1), fd_new(1)};
	put(call, p, fds, sizeof fds);
	return 0;
}

long k_pipe2(const long *a, u8 v)
{
	if (!(a[1] & O_CLOEXEC))
		bug("pipe2 makes fds that execve would leave open");
	return two("pipe2", a[0], v);
}

long k_socketpair(const long *a, u8 v)
{
	if (!(a[1] & SOCK_CLOEXEC_))
		bug("socketpair makes fds that execve would leave open");
	return two("socketpair", a[3], v);
}

/* k_close closes whatever it answers: after an error the fd is gone as well
 * (close(2), NOTES). */
long k_close(const long *a, u8 v)
{
	fd_close(a[0]);
	return v >= FAIL ? -EIO : 0;
}

long k_dup3(const long *a, u8 v)
{
	if (a[1] < 0 || a[1] > 2)
		bug("dup3 onto fd %ld", a[1]);
	if (a[0] == a[1])
		return -EINVAL;
	if (v >= FAIL)
		return failure(v);
	fd_dup(a[0], a[1], (a[2] & O_CLOEXEC) != 0);
	return a[1];
}

long k_close_range(const long *a, u8 v)
{
	if (a[2] != CLOSE_RANGE_CLOEXEC && (a[2] || a[0] <= SOCK))
		bug("close_range from fd %ld on with flags %ld", a[0], a[2]);
	if (v >= FAIL)
		return failure(v);
	if (a[2])
		fd_cloexec(a[0], a[1]);
	else
		fd_close_from(a[0]);
	return 0;
}

/* k_getdents64 lists, before there is a plan, the open fds, all of them in the first
 * answer. */
long k_getdents64(const long *a, u8 v)
{
	struct entry {
		u64 ino, off;
		u16 len;
		u8 type;
		char name[13]; /* makes 32 bytes */
	} e;
	if (now())
		return dir_entries(a, v);
	writable("getdents64", a[1], (size_t)a[2]);
	if (v >= FAIL)
		return failure(v);
	if (world.listed)
		return 0;
	long n = 0;
	for (int fd = -2; fd < FD_MAX && n + (long)sizeof e <= a[2]; fd++) {
		if (fd >= 0 && !fd_open(fd))
			continue;
		memset(&e, 0xa5, sizeof e);
		e.len = sizeof e;
		if (fd < 0)
			strcpy(e.name, fd == -2 ? "." : "..");
		else
			snprintf(e.name, sizeof e.name, "%d", fd);
		put("getdents64", a[1] + n, &e, sizeof e);
		n += (long)sizeof e;
	}
	world.listed = 1;
	return n;
}

long k_fcntl(const long *a, u8 v)
{
	(void)v;
	if (a[1] != 2 || a[2] != 1)
		bug("fcntl %ld, %ld", a[1], a[2]);
	fd_cloexec(a[0], a[0]);
	return 0;
}
