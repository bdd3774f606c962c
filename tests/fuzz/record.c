/* Plans made of records, so that a few bytes make a plan that holds together.
 * A record is 12 bytes: code, flags (2), dst, src, aux, s1, s2, n[4]; strings
 * and numbers are picked from lists. A string byte from INLINE on is followed,
 * behind the record, by that many bytes of its own. */
#include "kernel.h"

UNCOVERED

enum { RECORD = 12, INLINE = 0xc0, MAX_OPS = 256, TABLE = 4 };

#define S(literal) {literal, sizeof(literal) - 1}
static const struct {
	const char *data;
	u32 len;
} strings[] = {
	S(""), S("/"), S("/a/b/c"), S("a"), S("/dev/null"), S("/dev/pts/ptmx"), S(".."), S("/.."),
	S("/a/../../b/"), S("./x/."), S("//x//y//"), S("/proc/self/fd/1"), S("tmpfs"), S("proc"),
	S("size=1k\0ro\0mode=755\0"), S("flag\0"), S("=\0"), S("k=\0\0x=y\0"),
	S("/bin/sh\0sh\0./sh\0"), S("/bin/true\0"), S("kernel/hostname"), S("creel:[INIT]"),
	S("\1\0\0\0\2\0\0\0"), S("\6\0\0\0\0\0\377\177"), S("\350\3\0\0\0\0\0\0"),
	S("\60\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	S("sh"), S("-c"), S("HOME="), S("PATH=/bin:/usr/bin"),
	S("long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-"
	  "long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-"
	  "long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long=x\0"),
};
#undef S

static const u64 numbers[] = {
	~0ull, 1ull << 32, 1ull << 63, 0x1cd1, PROC_SUPER_MAGIC, TMPFS_MAGIC, 40, 64, 4096,
	(1ull << 32) | 3, 4097ull << 32 | 3, S_IFCHR_ | 0666, S_IFREG_, 0010600, 0x00200040,
	RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, O_PATH | O_DIRECTORY, MOUNT_ATTR_RDONLY,
	MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, MOUNT_ATTR_NODIRATIME, 0x20000000, 0x10000000,
	0x000001ffffffffffull,
};

struct maker {
	const u8 *in;
	size_t n;
	u8 *out;
	u32 at, cap;
	u32 where[sizeof strings / sizeof strings[0]]; /* each is written once */
};

static u32 append(struct maker *m, const void *data, u32 len, u32 align)
{
	while (m->at % align)
		m->out[m->at++] = 0;
	if (m->at + len + 1 > m->cap)
		bug("%zu bytes of records fill %u bytes", m->n, m->cap);
	u32 off = m->at;
	memcpy(m->out + off, data, len);
	m->out[off + len] = 0;
	m->at += len + 1;
	return off;
}

static struct str pick(struct maker *m, u8 which)
{
	if (which >= INLINE) {
		u32 len = which - INLINE;
		len = len > m->n ? (u32)m->n : len;
		struct str s = {append(m, m->in, len, 8), len};
		m->in += len;
		m->n -= len;
		return s;
	}
	u32 i = which % (sizeof strings / sizeof strings[0]);
	if (!m->where[i])
		m->where[i] = append(m, strings[i].data, strings[i].len, 8);
	return (struct str){m->where[i], strings[i].len};
}

static s16 slot_of(u8 b) { return (s16)(b >= 0xf0 ? 48 + b - 0xf0 : b % 10 - 1); }

static u64 number(u8 b)
{
	return b < 0xd0 ? b : numbers[(b - 0xd0u) % (sizeof numbers / sizeof numbers[0])];
}

/* list writes a table of count % TABLE strings, picked one after the other. */
static void list(struct maker *m, u8 first, u8 count, u64 *off, u64 *n)
{
	u64 table[TABLE + 1] = {0};
	*n = count % TABLE;
	for (u32 i = 0; i < *n; i++)
		table[i] = pick(m, (u8)((first + i) % INLINE)).off;
	*off = append(m, table, (u32)(*n + 1) * 8, 8);
}

static void make(struct maker *m, const u8 *r, struct op *o)
{
	memset(o, 0, sizeof *o);
	o->code = r[0] % OP_COUNT;
	o->flags = (u16)(r[1] | r[2] << 8) & 0x3ff;
	o->dst = slot_of(r[3]), o->src = slot_of(r[4]), o->aux = slot_of(r[5]);
	o->s1 = pick(m, r[6]);
	o->s2 = pick(m, r[7]);
	o->label = m->where[0];
	for (int i = 0; i < 4; i++)
		o->n[i] = number(r[8 + i]);
	if (o->code == OP_EXEC || o->code == OP_HOOK) {
		list(m, r[8], r[9], &o->n[0], &o->n[1]);
		list(m, r[10], r[11], &o->n[2], &o->n[3]);
	}
}

u32 plan_of_records(const u8 *data, size_t n, u8 *out, size_t cap)
{
	struct plan_header h = {PLAN_MAGIC, PLAN_VERSION, 0, 0, sizeof h, 0};
	struct op ops[MAX_OPS];
	u32 most = n / RECORD < MAX_OPS ? (u32)(n / RECORD) : MAX_OPS;
	struct maker m = {data, n, out, (u32)(sizeof h + most * sizeof(struct op)), (u32)cap, {0}};
	memset(out, 0, m.at);
	pick(&m, 0);
	while (m.n >= RECORD && h.nops < most) {
		const u8 *r = m.in;
		m.in += RECORD;
		m.n -= RECORD;
		make(&m, r, &ops[h.nops++]);
	}
	memcpy(out, &h, sizeof h);
	memcpy(out + sizeof h, ops, h.nops * sizeof ops[0]);
	while (m.at % 8)
		out[m.at++] = 0;
	return m.at + 16;
}

#pragma clang attribute pop
