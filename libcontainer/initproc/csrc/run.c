/* The loop, and the ops that steer it. */
#include "init.h"

typedef long (*op_fn)(struct ctx *, const struct op *);

static const op_fn table[OP_COUNT] = {
#define OP(code, fn) [OP_##code] = fn,
#include "ops.h"
#undef OP
};

int slot(const struct ctx *c, s16 i)
{
	return i < 0 || i >= NSLOTS ? -1 : c->slots[i];
}

void slot_set(struct ctx *c, s16 i, int fd)
{
	if (i < 0 || i >= NSLOTS) {
		close_fd(fd);
		return;
	}
	close_fd(c->slots[i]);
	c->slots[i] = fd;
}

_Noreturn void quit(int status)
{
	SYS1(exit_group, status);
	__builtin_trap(); /* a filter may refuse even that */
}

/* report tells the other side which op failed: its label, then what the
 * kernel said about it, both terminated. */
static void report(struct ctx *c, u32 pc, long err)
{
	static u8 data[DATA_MAX];
	const char *label = (const char *)c->plan + c->ops[pc].label;
	u32 n = (u32)str_len(label);
	if (n > DATA_MAX - sizeof c->note - 2)
		n = DATA_MAX - sizeof c->note - 2;
	copy_bytes(data, label, n);
	data[n++] = 0;
	copy_bytes(data + n, c->note, c->note_len);
	n += c->note_len;
	data[n++] = 0;
	struct msg m = {MSG_ERROR, pc, (s32)-err, c->detail};
	send_msg(c->sock, &m, data, n, -1);
}

/* run_plan performs the ops from c->pc on. It returns the errno of the op that
 * failed, negated, or 0 at the end of the plan; EXEC and EXIT do not return. */
long run_plan(struct ctx *c)
{
	while (c->pc < c->nops) {
		u32 pc = c->pc++;
		const struct op *o = &c->ops[pc];
		if (o->code != OP_MKNOD && o->code != OP_SYMLINK)
			forget_parent(c);
		long r = table[o->code](c, o);
		if (r < 0) {
			report(c, pc, r);
			return r;
		}
	}
	return 0;
}

long op_sync(struct ctx *c, const struct op *o)
{
	struct msg m = {MSG_SYNC, c->pc - 1, 0, 0};
	long r = send_msg(c->sock, &m, NULL, 0, slot(c, o->src));
	return r < 0 ? r : expect_go(c, o);
}

long op_close(struct ctx *c, const struct op *o)
{
	slot_set(c, o->src, -1);
	return 0;
}

long op_exit(struct ctx *c, const struct op *o)
{
	(void)c;
	quit((int)o->n[0]);
}

long op_dumpable(struct ctx *c, const struct op *o)
{
	(void)c;
	return SYS5(prctl, PR_SET_DUMPABLE, o->n[0], 0, 0, 0);
}

long op_title(struct ctx *c, const struct op *o)
{
	return SYS5(prctl, PR_SET_NAME, text(c, o->s1), 0, 0, 0);
}
