/* Messages. */
#include "kernel.h"

static void header(const char *call, long p, struct msghdr_ *h)
{
	readable(call, p, sizeof *h);
	memcpy(h, (void *)p, sizeof *h);
	if (h->name || h->namelen)
		bug("%s names an address", call);
	readable(call, (long)h->iov, h->iovlen * sizeof *h->iov);
}

/* said looks at what init tells the other side. */
static void said(const struct msghdr_ *h)
{
	struct msg m;
	if (h->iov[0].len != sizeof m)
		bug("a message begins with %zu bytes", h->iov[0].len);
	memcpy(&m, h->iov[0].base, sizeof m);
	if (m.kind < MSG_GO || m.kind > MSG_EXEC)
		bug("a message of kind %u", m.kind);
	if (m.kind != MSG_ERROR)
		return;
	const u8 *data = h->iov[1].base;
	size_t n = h->iov[1].len;
	if (h->iovlen != 2 || n == 0 || data[n - 1] || n > DATA_MAX)
		bug("a failure without its terminated sentence");
	if (m.value <= 0 || m.value > 4095)
		bug("a failure with errno %d", m.value);
	if (now() && m.op != world.op)
		bug("the failure of op %u is told at op %u", m.op, world.op);
	if (now())
		ops_failed(now()->code);
}

long k_sendmsg(const long *a, u8 v)
{
	struct msghdr_ h;
	header("sendmsg", a[1], &h);
	for (size_t i = 0; i < h.iovlen; i++)
		readable("sendmsg", (long)h.iov[i].base, h.iov[i].len);
	if (!(a[2] & MSG_NOSIGNAL_))
		bug("sendmsg may raise SIGPIPE");
	if (h.controllen) {
		struct cmsghdr_ head;
		int fd;
		readable("sendmsg", (long)h.control, h.controllen);
		memcpy(&head, h.control, sizeof head);
		if (head.len != sizeof head + sizeof fd || h.controllen < head.len ||
		    head.level != SOL_SOCKET_ || head.type != SCM_RIGHTS_)
			bug("a control message of type %d, %zu bytes", head.type, head.len);
		memcpy(&fd, (u8 *)h.control + sizeof head, sizeof fd);
		fd_use("sendmsg", fd);
	}
	if (v >= FAIL && failure(v) == -EINTR)
		return -EINTR; /* it comes again */
	said(&h);
	return v >= FAIL ? failure(v) : (long)sizeof(struct msg);
}

/* wanted is the number of fds that the op asks for. */
static unsigned wanted(void)
{
	const struct op *o = now();
	if (!o)
		return 1 + world.first_fds;
	if (o->code == OP_PEER_RECV)
		return o->dst >= 0;
	return o->code == OP_SYNC || o->code == OP_ACCEPT ? (unsigned)o->n[1] : 0;
}

/* attach installs n fds and describes them, as far as there is room. */
static void attach(struct msghdr_ *h, unsigned n, int type)
{
	struct cmsghdr_ head = {sizeof head, SOL_SOCKET_, type};
	u8 *out = h->control;
	size_t room = h->controllen;
	h->controllen = 0;
	if (!n)
		return;
	if (room < sizeof head + sizeof(int)) {
		h->flags |= MSG_CTRUNC_;
		return;
	}
	for (; n && head.len + sizeof(int) <= room; n--) {
		int fd = type == SCM_RIGHTS_ ? fd_new(1) : 77;
		memcpy(out + head.len, &fd, sizeof fd);
		head.len += sizeof fd;
	}
	if (n)
		h->flags |= MSG_CTRUNC_;
	memcpy(out, &head, sizeof head);
	h->controllen = (head.len + 7) & ~7ul;
	if (h->controllen > room)
		h->controllen = room;
}

/* k_recvmsg brings plainly what the op waits for. The script can bring other
 * kinds, lengths and numbers of fds, or the end. */
long k_recvmsg(const long *a, u8 v)
{
	struct msghdr_ h;
	struct msg m = {now() ? MSG_GO : MSG_PLAN, 0, 0, 0};
	header("recvmsg", a[1], &h);
	for (size_t i = 0; i < h.iovlen; i++)
		writable("recvmsg", (long)h.iov[i].base, h.iov[i].len);
	writable("recvmsg", (long)h.control, h.controllen);
	if (!(a[2] & MSG_CMSG_CLOEXEC_))
		bug("recvmsg takes fds that execve would leave open");
	if (v >= FAIL)
		return failure(v);
	unsigned nfds = v & 1 ? next() % 40 : wanted();
	size_t cap = h.iovlen > 1 ? h.iov[1].len : 0, len = v & 2 ? (size_t)next() << (v & 7) : 0;
	if (v & 4)
		m.kind = next() % 8;
	h.flags = 0;
	attach(&h, nfds, v & 8 ? 2 /* SCM_CREDENTIALS */ : SCM_RIGHTS_);
	if (len > cap) {
		h.flags |= MSG_TRUNC_;
		len = cap;
	}
	if (len) {
		memset(h.iov[1].base, 'h', len);
		world.late = 1;
	}
	if (h.iov[0].len != sizeof m)
		bug("a message begins with %zu bytes", h.iov[0].len);
	memcpy(h.iov[0].base, &m, sizeof m);
	memcpy((void *)a[1], &h, sizeof h);
	if (v >= FAIL - 2)
		return 0; /* the other side is gone, or sent nothing but fds */
	if (v == FAIL - 3)
		return 7;
	return (long)(sizeof m + len);
}

/* k_ppoll: plainly the first fd that is one is ready. The script can say that
 * others are, or none. */
long k_ppoll(const long *a, u8 v)
{
	struct pollfd_ p[16];
	if (a[1] < 1 || a[1] > 16)
		bug("ppoll of %ld fds", a[1]);
	size_t n = (size_t)a[1] * sizeof p[0];
	readable("ppoll", a[0], n);
	writable("ppoll", a[0], n);
	if (a[2])
		writable("ppoll", a[2], 2 * sizeof(long));
	memcpy(p, (void *)a[0], n);
	for (long i = 0; i < a[1]; i++)
		fd_use("ppoll", p[i].fd);
	if (v >= FAIL)
		return failure(v);
	if (v == 1 && a[2])
		return 0;
	for (long i = 0; i < a[1]; i++) {
		int ready = i == 0 ? !(v & 2) : i == 1 ? v & 4 || (!v && p[0].fd < 0) :
				      v & 8 && (i % 2 || v & 16);
		short said = p[i].events ? POLLIN_ : 0x10 /* POLLHUP */;
		p[i].revents = ready && p[i].fd >= 0 ? said : 0;
	}
	memcpy((void *)a[0], p, n);
	return 1;
}
