/* The entry: receive the plan, map it, look at it, run it. */
#include "init.h"

void init_main(long *stack);

/* first_fds is how many fds come with the plan before the first slot. */
enum { FIRST_FDS = 1 };

/* parse_number reads a decimal number of at most 32 bits; -1 for anything else. */
static long parse_number(const char *s)
{
	long n = 0;
	if (!*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || n > 0xffffffffL)
			return -1;
		n = n * 10 + (*s - '0');
	}
	return n;
}

/* fail answers with an error that belongs to no op. */
static _Noreturn void fail(int sock, const char *what, long err)
{
	struct msg m = {MSG_ERROR, ~0u, (s32)-err, 0};
	send_msg(sock, &m, what, (u32)str_len(what) + 1, -1);
	quit(1);
}

/* close_listed closes every fd behind sock that /proc shows. */
static long close_listed(int sock)
{
	struct entry { /* struct linux_dirent64, getdents64(2) */
		u64 ino, off;
		u16 len;
		u8 type;
		char name[];
	};
	static _Alignas(8) u8 list[4096];
	long n, dir = open_at(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY, 0, 0);
	if (dir < 0)
		return dir;
	while ((n = SYS3(getdents64, dir, list, sizeof list)) > 0)
		for (const u8 *at = list; at < list + n; at += ((const struct entry *)(const void *)at)->len) {
			long fd = parse_number(((const struct entry *)(const void *)at)->name);
			if (fd > sock && fd != dir)
				close_fd(fd);
		}
	close_fd(dir);
	return n;
}

/* close_others leaves only the socket, which execve(2) closes, and the fds before
 * it: Go leaves what it inherited itself as it was, and one such fd was seen inside
 * a container. */
static long close_others(int sock)
{
	if (SYS3(close_range, sock, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	/* CLOSE_RANGE_CLOEXEC is from 5.11. What lies behind the socket is nobody's. */
	long r = SYS3(fcntl, sock, 2 /* F_SETFD */, 1 /* FD_CLOEXEC */);
	if (r == 0 && SYS3(close_range, sock + 1, ~0u, 0) < 0)
		r = close_listed(sock); /* a filter around us refuses the call as such */
	return r;
}

/* map_plan returns 0 or a negated errno. */
static long map_plan(int fd, u8 **plan, u64 *size)
{
	struct statx st;
	long r = SYS5(statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &st);
	if (r < 0)
		return r;
	if (st.stx_size == 0 || st.stx_size > PLAN_MAX)
		return -EFBIG;
	*size = st.stx_size;
	/* PROT_READ|PROT_WRITE, MAP_PRIVATE: late values and relocated tables go
	 * into our own copy of the page; the sealed file cannot change. */
	r = SYS6(mmap, 0, *size, 3, 2, fd, 0);
	if (r < 0 && r > -4096)
		return r;
	*plan = (u8 *)r;
	return 0;
}

void init_main(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);
	long flags = argc == 3 ? parse_number(argv[2]) : -1;
	int sock = argc == 3 ? (int)parse_number(argv[1]) : -1;
	if (sock < 0 || flags < 0)
		quit(125);
	close_fd(sock + 1); /* this program's own file, see start.go */
	long r = close_others(sock);
	if (r < 0)
		fail(sock, "init: close what the caller left open", r);

	struct ctx ctx = {.sock = sock, .kept = sock, .parent.fd = -1}, *c = &ctx;
	c->umask = (u32)SYS1(umask, 0);
	/* Signals wait until ACCEPT reads them: the first process of a pid namespace
	 * loses what comes while they are neither blocked nor handled. */
	static const u64 all = ~0ULL;
	SYS4(rt_sigprocmask, SIG_SETMASK_, &all, NULL, sizeof all);
	for (int i = 0; i < NSLOTS; i++)
		c->slots[i] = -1;

	/* while the parent makes the plan */
	r = flags ? SYS1(unshare, flags) : 0;
	if (r < 0)
		fail(sock, "linux.namespaces: unshare", r);

	struct msg m;
	u32 len = 0, nfds = 0;
	int fds[MAX_FDS];
	r = recv_msg(sock, 0, &m, NULL, 0, &len, fds, MAX_FDS, &nfds);
	if (r == -EPIPE || r == -ECONNRESET)
		quit(1);
	if (r < 0 || m.kind != MSG_PLAN || nfds < FIRST_FDS)
		fail(sock, "init: receive the plan", r < 0 ? r : -EPROTO);
	for (u32 i = FIRST_FDS; i < nfds; i++)
		c->slots[i - FIRST_FDS] = fds[i];
	u64 size = 0;
	u8 *plan = NULL;
	r = map_plan(fds[0], &plan, &size);
	close_fd(fds[0]);
	if (r < 0)
		fail(sock, "init: map the plan", r);
	r = plan_check(c, plan, size);
	if (r < 0)
		fail(sock, "init: read the plan", r);
	quit(run_plan(c) < 0 ? 1 : 0);
}
