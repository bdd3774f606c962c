/* Mending: an input whose plan init would refuse at once teaches little. Each
 * field that is out of bounds is brought inside; what cannot be is replaced. */
#include "kernel.h"

UNCOVERED

/* The last 16 bytes of a mended plan are zero: the empty string, the empty
 * table and the time-out of 0 ms. */
enum { ZEROS = 16 };

struct patient {
	u8 *mem;
	u32 size, nops, pool;
};

static s16 mend_slot(s16 s)
{
	return s >= -1 && s < NSLOTS ? s : (s16)((u16)s % (NSLOTS + 1) - 1);
}

static int str_fine(const struct patient *p, struct str s)
{
	return s.off >= p->pool && s.off < p->size && s.len < p->size - s.off &&
	       !p->mem[s.off + s.len];
}

static struct str empty(const struct patient *p)
{
	return (struct str){p->size - ZEROS, 0};
}

static struct str mend_str(const struct patient *p, struct str s)
{
	if (str_fine(p, s))
		return s;
	s.off = p->pool + s.off % (p->size - p->pool);
	s.len = (u32)strlen((char *)p->mem + s.off);
	return s;
}

/* mend_list cuts s behind its last terminated string and counts those. */
static struct str mend_list(const struct patient *p, struct str s, u64 *n)
{
	*n = 0;
	while (s.len && p->mem[s.off + s.len - 1])
		s.len--;
	if (!str_fine(p, s))
		s = empty(p);
	for (u32 i = 0; i < s.len; i++)
		*n += !p->mem[s.off + i];
	return s;
}

static struct str mend_array(const struct patient *p, struct str s, u32 unit)
{
	s.off -= s.off % unit;
	s.len -= s.len % unit;
	return str_fine(p, s) ? s : empty(p);
}

static void mend_table(const struct patient *p, u64 *off, u64 *n)
{
	if (*off % 8 == 0 && *off >= p->pool && *off < p->size && *n < 4096 &&
	    (*n + 1) * 8 <= p->size - *off)
		return;
	*off = p->size - ZEROS;
	*n = 0;
}

static void mend_fds(struct op *o)
{
	o->n[1] %= MAX_FDS + 1;
	if (o->n[1] && (o->dst < 0 || (u64)o->dst + o->n[1] > NSLOTS))
		o->dst = (s16)((u16)o->dst % (NSLOTS - o->n[1]));
}

static void mend_kind(struct patient *p, struct op *o, u32 i)
{
	u32 size;
	switch (o->code) {
	case OP_CLONE:
		if (i + 1 == p->nops)
			o->code = OP_CLOSE;
		else if (o->n[1] <= i || o->n[1] >= p->nops)
			o->n[1] = i + 1 + o->n[1] % (p->nops - i - 1);
		break;
	case OP_SYNC:
	case OP_ACCEPT:
		mend_fds(o);
		break;
	case OP_FSMOUNT:
	case OP_CHROOT:
		o->s2 = mend_list(p, o->s2, &o->n[1]);
		if (o->n[1] != 2)
			o->flags &= (u16)~F_LEGACY;
		break;
	case OP_FIND:
		o->s1 = mend_list(p, o->s1, &o->n[0]);
		break;
	case OP_GROUPS:
		o->s1 = mend_array(p, o->s1, 4);
		o->n[0] = o->s1.len / 4;
		break;
	case OP_MEMPOLICY:
	case OP_AFFINITY:
		o->s1 = mend_array(p, o->s1, 8);
		if (o->s1.len > 1024)
			o->s1.len = 0;
		break;
	case OP_SECCOMP:
		o->s1 = mend_array(p, o->s1, 8);
		if (o->dst < 0)
			o->n[0] &= ~(u64)SECCOMP_FILTER_FLAG_NEW_LISTENER;
		break;
	case OP_SCHEDULER:
		o->s1 = mend_array(p, o->s1, 8);
		size = o->s1.len;
		if (size < 48 || size > 256)
			o->code = OP_CLOSE;
		else
			memcpy(p->mem + o->s1.off, &size, sizeof size);
		break;
	case OP_HOOK:
		if (o->s2.len != 8 || o->s2.off % 8)
			o->s2 = (struct str){p->size - ZEROS, 8};
		/* fall through */
	case OP_EXEC:
		mend_table(p, &o->n[0], &o->n[1]);
		mend_table(p, &o->n[2], &o->n[3]);
	}
}

void mend_plan(u8 *mem, u32 size)
{
	struct plan_header h;
	if (size < sizeof h + sizeof(struct op) + ZEROS)
		return;
	memcpy(&h, mem, sizeof h);
	u32 fit = (size - ZEROS - (u32)sizeof h) / (u32)sizeof(struct op);
	h = (struct plan_header){PLAN_MAGIC, PLAN_VERSION, size, h.nops, sizeof h, 0};
	if (h.nops == 0 || h.nops > fit)
		h.nops = 1 + h.nops % fit;
	struct patient p = {mem, size, h.nops, (u32)sizeof h + h.nops * (u32)sizeof(struct op)};
	memcpy(mem, &h, sizeof h);
	memset(mem + size - ZEROS, 0, ZEROS);
	for (u32 i = 0; i < p.nops; i++) {
		struct op o;
		memcpy(&o, mem + sizeof h + i * sizeof o, sizeof o);
		o.code %= OP_COUNT;
		o.dst = mend_slot(o.dst), o.src = mend_slot(o.src), o.aux = mend_slot(o.aux);
		o.label = o.label < size ? o.label : p.pool;
		o.s1 = mend_str(&p, o.s1);
		o.s2 = mend_str(&p, o.s2);
		mend_kind(&p, &o, i);
		memcpy(mem + sizeof h + i * sizeof o, &o, sizeof o);
	}
}

#pragma clang attribute pop
