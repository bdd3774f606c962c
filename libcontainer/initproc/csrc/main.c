/* The entry: receive the plan, map it, look at it, run it. */
#include "init.h"

void init_main(long *stack);

static struct ctx ctx;

/* first_fds is how many fds come with the plan before the first slot. */
enum { FIRST_FDS = 1 };

/* parse_fd reads a decimal fd number; -1 for anything else. */
static int parse_fd(const char *s)
{
	int n = 0;
	if (!*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || n > 100000)
			return -1;
		n = n * 10 + (*s - '0');
	}
	return n;
}

/* fail answers with an error that belongs to no op. */
static _Noreturn void fail(int sock, long err)
{
	struct msg m = {MSG_ERROR, ~0u, (s32)-err, 0};
	static const char what[] = "init: read the plan\0";
	send_msg(sock, &m, what, sizeof what, -1);
	quit(1);
}

/* close_others marks every fd from the socket on close-on-exec: Go leaves what
 * it inherited itself as it was, and one such fd was seen inside a container. */
static void close_others(int sock)
{
	if (SYS3(close_range, sock, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	/* CLOSE_RANGE_CLOEXEC is from 5.11; FD_CLOEXEC is 1, F_SETFD 2. */
	for (int fd = sock; fd < 65536; fd++)
		SYS3(fcntl, fd, 2, 1);
}

static u8 *map_plan(int fd, u64 *size)
{
	struct statx st;
	long r = SYS5(statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &st);
	if (r < 0 || st.stx_size == 0 || st.stx_size > PLAN_MAX)
		return NULL;
	*size = st.stx_size;
	/* PROT_READ|PROT_WRITE, MAP_PRIVATE: late values and relocated tables go
	 * into our own copy of the page; the sealed file cannot change. */
	r = SYS6(mmap, 0, *size, 3, 2, fd, 0);
	return r < 0 && r > -4096 ? NULL : (u8 *)r;
}

void init_main(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);
	int sock = argc >= 2 ? parse_fd(argv[1]) : -1;
	if (sock < 0)
		quit(125);
	close_fd(sock + 1); /* this program's own file, see start.go */
	close_others(sock);
	SYS1(umask, 0);

	struct ctx *c = &ctx;
	for (int i = 0; i < NSLOTS; i++)
		c->slots[i] = -1;
	c->sock = sock;

	struct msg m;
	u32 len = 0, nfds = 0;
	int fds[MAX_FDS];
	long r = recv_msg(sock, &m, NULL, 0, &len, fds, MAX_FDS, &nfds);
	if (r == -EPIPE || r == -ECONNRESET)
		quit(1);
	if (r < 0 || m.kind != MSG_PLAN || nfds < FIRST_FDS)
		fail(sock, r < 0 ? r : -EPROTO);
	for (u32 i = FIRST_FDS; i < nfds; i++)
		c->slots[i - FIRST_FDS] = fds[i];
	u64 size = 0;
	u8 *plan = map_plan(fds[0], &size);
	close_fd(fds[0]);
	if (!plan)
		fail(sock, -ENOMEM);
	r = plan_check(c, plan, size);
	if (r < 0)
		fail(sock, r);
	quit(run_plan(c) < 0 ? 1 : 0);
}
