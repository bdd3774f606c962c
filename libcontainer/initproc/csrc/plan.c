/* Looking at a plan once, so that no op needs to look again. */
#include "init.h"

/* pool is the offset of the first byte behind the ops. Nothing that an op
 * refers to may lie before it: late values and relocation write there. */
static u64 pool(const struct ctx *c)
{
	return (u64)((const u8 *)c->ops - c->plan) + (u64)c->nops * sizeof(struct op);
}

static int str_ok(const struct ctx *c, struct str s)
{
	return s.off >= pool(c) && s.off < c->size && s.len < c->size - s.off &&
	       c->plan[s.off + s.len] == 0;
}

/* table_ok says whether n offsets and a final zero fit in the pool at off. */
static int table_ok(const struct ctx *c, u64 off, u64 n)
{
	return off % 8 == 0 && off >= pool(c) && off < c->size &&
	       n < c->size / 8 && (n + 1) * 8 <= c->size - off;
}

static int slot_ok(s16 i)
{
	return i >= -1 && i < NSLOTS;
}

/* relocate turns a table of n offsets and a final zero into pointers, in
 * place: the mapping is private, so the sealed file stays as it is. */
static int relocate(struct ctx *c, u64 off, u64 n)
{
	if (!table_ok(c, off, n))
		return 0;
	u64 *table = (u64 *)(void *)(c->plan + off);
	for (u64 i = 0; i < n; i++) {
		if (table[i] >= c->size)
			return 0;
		table[i] += (u64)(uintptr_t)c->plan;
	}
	return table[n] == 0;
}

/* list_ok says whether s is n terminated strings, one behind the other. */
static int list_ok(const struct ctx *c, struct str s, u64 n)
{
	u64 seen = 0;
	for (u32 i = 0; i < s.len; i++)
		seen += c->plan[s.off + i] == 0;
	return seen == n && (s.len == 0 || c->plan[s.off + s.len - 1] == 0);
}

static int op_ok(struct ctx *c, const struct op *o)
{
	if (o->code >= OP_COUNT || o->label >= c->size)
		return 0;
	if (!slot_ok(o->dst) || !slot_ok(o->src) || !slot_ok(o->aux))
		return 0;
	if (!str_ok(c, o->s1) || !str_ok(c, o->s2))
		return 0;
	switch (o->code) {
	case OP_CLONE:
		/* forward only, so that every plan comes to an end */
		return o->n[1] < c->nops && o->n[1] > (u64)(o - c->ops);
	case OP_SYNC:
	case OP_ACCEPT: /* n[1] fds go to dst and the slots behind it */
		return o->n[1] <= MAX_FDS &&
		       (o->n[1] == 0 || (o->dst >= 0 && (u64)o->dst + o->n[1] <= NSLOTS));
	case OP_FSMOUNT: /* LEGACY: two strings, source and options */
		return list_ok(c, o->s2, o->n[1]) && (!(o->flags & F_LEGACY) || o->n[1] == 2);
	case OP_CHROOT:
		return list_ok(c, o->s2, o->n[1]);
	case OP_FIND:
		return list_ok(c, o->s1, o->n[0]);
	case OP_GROUPS:
		return o->s1.off % 4 == 0 && o->n[0] <= 65536 && o->s1.len == o->n[0] * 4;
	case OP_MEMPOLICY:
	case OP_AFFINITY: /* words of a mask, for 8192 CPUs at most */
		return o->s1.off % 8 == 0 && o->s1.len % 8 == 0 && o->s1.len <= 1024;
	case OP_SECCOMP:
		return o->s1.off % 8 == 0 && o->s1.len % 8 == 0 && o->s1.len / 8 <= 4096 &&
		       (o->dst >= 0 || !(o->n[0] & SECCOMP_FILTER_FLAG_NEW_LISTENER));
	case OP_SCHEDULER:
		/* struct sched_attr begins with its own size, which the kernel believes */
		return o->s1.off % 8 == 0 && o->s1.len >= 48 && o->s1.len <= 256 &&
		       *(const u32 *)(const void *)(c->plan + o->s1.off) <= o->s1.len;
	case OP_HOOK:
		if (o->s2.off % 8 || o->s2.len != 8)
			return 0;
		/* fall through */
	case OP_EXEC: /* argv at n[0], n[1] of them; envp at n[2], n[3] of them */
		return relocate(c, o->n[0], o->n[1]) && relocate(c, o->n[2], o->n[3]);
	}
	return 1;
}

int plan_check(struct ctx *c, u8 *mem, u64 size)
{
	const struct plan_header *h = (const void *)mem;
	if (size <= sizeof *h || size > PLAN_MAX || mem[size - 1] != 0)
		return -EPROTO;
	if (h->magic != PLAN_MAGIC || h->version != PLAN_VERSION || h->size != size)
		return -EPROTO;
	if (h->ops % 8 || h->ops < sizeof *h || h->ops > size || h->nops == 0 ||
	    h->nops > (size - h->ops) / sizeof(struct op))
		return -EPROTO;
	c->plan = mem;
	c->size = (u32)size;
	c->nops = h->nops;
	c->ops = (const void *)(mem + h->ops);
	for (u32 i = 0; i < c->nops; i++)
		if (!op_ok(c, &c->ops[i]))
			return -EPROTO;
	return 0;
}

const char *text(const struct ctx *c, struct str s)
{
	return (const char *)c->plan + s.off;
}
