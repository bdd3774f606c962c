/* The table of system calls, and the checks that all of them share. */
#include <stdarg.h>

#include "kernel.h"

UNCOVERED

struct world world;

static const char *const op_names[OP_COUNT] = {
#define OP(code, fn) #code,
#include "ops.h"
#undef OP
};

const char *op_name_of(u32 code) { return code < OP_COUNT ? op_names[code] : "(boot)"; }

const struct op *now(void) { return world.op == ~0u ? NULL : &world.ctx->ops[world.op]; }

_Noreturn void bug(const char *what, ...)
{
	va_list args;
	va_start(args, what);
	fprintf(stderr, "init is wrong at op %d, %s: ", (int)world.op,
		now() ? op_name_of(now()->code) : "(boot)");
	vfprintf(stderr, what, args);
	fputc('\n', stderr);
	abort();
}

/* A call's arguments: f an fd, d the same or AT_FDCWD, p a path, P a path or
 * NULL, n one name in a directory, - anything. */
static const struct call {
	long nr;
	const char *name, *args;
	call_fn *fn; /* NULL: 0 or an errno */
} calls[] = {
#define C(name, args, fn) {__NR_##name, #name, args, fn},
#include "calls.h"
#undef C
};

static const struct call *find(long nr)
{
	static const struct call *index[512];
	if (!index[__NR_close])
		for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
			index[calls[i].nr] = &calls[i];
	if (nr < 0 || nr >= 512 || !index[nr])
		bug("system call %ld: the scripted kernel does not know it", nr);
	return index[nr];
}

/* name_ok: a name that could lead anywhere else is a way out of the root. */
static void name_ok(const char *call, const char *name)
{
	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		bug("%s acts on \"%s\", which is not one name in its directory", call, name);
}

/* args_ok returns 0, or -EBADF for an fd that is none. */
static long args_ok(const struct call *k, const long *a)
{
	long r = 0;
	for (int i = 0; k->args[i]; i++)
		switch (k->args[i]) {
		case 'd':
			if (a[i] == AT_FDCWD)
				break;
			/* fall through */
		case 'f':
			if (!fd_use(k->name, a[i]))
				r = -EBADF;
			break;
		case 'P':
			if (!a[i])
				break;
			/* fall through */
		case 'p':
			string(k->name, a[i]);
			break;
		case 'n':
			name_ok(k->name, string(k->name, a[i]));
		}
	return r;
}

/* watch notices, at the first call of an op, that the one before has ended. */
static void watch(void)
{
	if (!world.ctx || world.in_hook)
		return;
	u32 pc = world.ctx->pc - 1;
	if (pc == world.op || pc >= world.ctx->nops)
		return;
	if (world.op != ~0u)
		ops_leave(now()->code);
	fds_owned();
	world.op = pc;
	ops_enter(now()->code);
}

u8 next(void)
{
	if (world.script_at >= world.script_len || (!world.ctx && !world.script_boot))
		return 0;
	return world.script[world.script_at++];
}

long failure(u8 v)
{
	static const u8 errors[] = {
		ENOENT, EPERM, EACCES, EEXIST, ENOTDIR, EINVAL, EAGAIN, EINTR, ENOSYS,
		EIO, EBADF, EBUSY, ELOOP, EMFILE, ENODEV, EPIPE, ECONNRESET, EROFS,
		ENOSPC, EISDIR, ENAMETOOLONG, ESRCH, ECHILD, ENODATA, EXDEV, ERANGE,
	};
	return -(long)errors[(v - FAIL) % sizeof errors];
}

long sys(long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[6] = {a, b, c, d, e, f};
	watch();
	if (++world.calls > MAX_CALLS)
		bug("no end after %lu system calls", world.calls);
	const struct call *k = find(nr);
	u8 v = next();
	long r = args_ok(k, args);
	if (r < 0)
		return r;
	if (k->fn)
		return k->fn(args, v);
	return v >= FAIL ? failure(v) : 0;
}

#pragma clang attribute pop
