/* Who owns which fd. */
#include "kernel.h"

UNCOVERED

enum { NFDS = FD_MAX };

static struct {
	u8 open, cloexec, linkless;
	u8 stray; /* the caller had left it open, and it still is */
} table[NFDS];

void fds_reset(void)
{
	static const int first[] = {0, 1, 2, KEPT, SOCK, EXE, STRAY};
	memset(table, 0, sizeof table);
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		table[first[i]].open = 1;
	table[STRAY].stray = 1;
}

int fd_new(int cloexec)
{
	for (int fd = 0; fd < NFDS; fd++)
		if (!table[fd].open) {
			table[fd].open = 1;
			table[fd].cloexec = cloexec != 0;
			table[fd].linkless = table[fd].stray = 0;
			return fd;
		}
	return -EMFILE;
}

int fd_use(const char *call, long fd)
{
	if (fd < 0)
		return 0;
	if (fd >= NFDS || !table[fd].open)
		bug("%s uses fd %ld, which is not open", call, fd);
	return 1;
}

void fd_close(long fd)
{
	if (fd < 0 || fd >= NFDS || !table[fd].open)
		bug("close of fd %ld, which is not open", fd);
	table[fd].open = 0;
}

void fd_dup(long from, long to, int cloexec)
{
	fd_use("dup3", from);
	table[to].open = 1;
	table[to].cloexec = cloexec != 0;
}

void fd_cloexec(long from, long to)
{
	for (long fd = from; fd <= to && fd < NFDS; fd++)
		table[fd].cloexec = 1;
}

int fd_open(long fd) { return table[fd].open; }

void fd_close_from(long from)
{
	for (long fd = from; fd < NFDS; fd++)
		table[fd].open = 0;
}

void fd_linkless(long fd)
{
	if (fd >= 0)
		table[fd].linkless = 1;
}

/* targets_real checks that no link can have led to where proc is mounted. */
static void targets_real(void)
{
	const struct op *o = now();
	if (o && o->code == OP_TARGET && (o->flags & F_NO_LINKS) && o->dst >= 0 &&
	    !table[world.ctx->slots[o->dst]].linkless)
		bug("a link may lead to the target");
}

static int expected(int fd)
{
	return fd <= KEPT || table[fd].stray || fd == world.ctx->sock;
}

void fds_owned(void)
{
	u8 owned[NFDS] = {0};
	for (int i = 0; i < NSLOTS; i++) {
		int fd = world.ctx->slots[i];
		if (fd < 0)
			continue;
		if (fd >= NFDS || !table[fd].open)
			bug("slot %d names fd %d, which is not open", i, fd);
		if (owned[fd]++ || expected(fd))
			bug("slot %d names fd %d, which has another owner", i, fd);
	}
	int parent = world.ctx->parent.fd;
	if (parent >= 0) {
		if (parent >= NFDS || !table[parent].open)
			bug("the parent is fd %d, which is not open", parent);
		const struct op *o = now();
		if (!o || (o->code != OP_MKNOD && o->code != OP_SYMLINK))
			bug("an op that makes neither node nor link keeps a parent");
		if (owned[parent]++ || expected(parent))
			bug("the parent is fd %d, which has another owner", parent);
	}
	for (int fd = 0; fd < NFDS; fd++)
		if (table[fd].open && !owned[fd] && !expected(fd))
			bug("fd %d is open and nobody's after the op", fd);
	targets_real();
}

void fds_at_exec(int limit)
{
	for (int fd = limit; fd < NFDS; fd++)
		if (table[fd].open && !table[fd].cloexec)
			bug("fd %d is still open in the program that is executed", fd);
}

#pragma clang attribute pop
