/* Messages over the SOCK_SEQPACKET pair that init shares with its parent. */
#include "init.h"

union control {
	struct cmsghdr_ head;
	u8 room[sizeof(struct cmsghdr_) + MAX_FDS * sizeof(int)];
};

long send_msg(int fd, const struct msg *m, const void *data, u32 len, int passfd)
{
	struct iov iov[2] = {{(void *)(uintptr_t)m, sizeof *m},
			     {(void *)(uintptr_t)data, len}};
	union control ctl;
	struct msghdr_ h = {.iov = iov, .iovlen = len ? 2 : 1};
	if (passfd >= 0) {
		ctl.head.len = sizeof ctl.head + sizeof passfd;
		ctl.head.level = SOL_SOCKET_;
		ctl.head.type = SCM_RIGHTS_;
		copy_bytes(ctl.room + sizeof ctl.head, &passfd, sizeof passfd);
		h.control = &ctl;
		h.controllen = sizeof ctl.head + 2 * sizeof passfd; /* CMSG_SPACE */
	}
	long r;
	do
		r = SYS3(sendmsg, fd, &h, MSG_NOSIGNAL_);
	while (r == -EINTR);
	return r < 0 ? r : 0;
}

/* take_fds copies the received fds out of ctl; those without room are closed. */
static u32 take_fds(const struct msghdr_ *h, const union control *ctl, int *fds, u32 max)
{
	if (h->controllen < sizeof ctl->head || ctl->head.level != SOL_SOCKET_ ||
	    ctl->head.type != SCM_RIGHTS_ || ctl->head.len < sizeof ctl->head)
		return 0;
	size_t bytes = ctl->head.len - sizeof ctl->head;
	u32 n = (u32)(bytes / sizeof(int)), kept = 0;
	for (u32 i = 0; i < n && i < MAX_FDS; i++) {
		int fd;
		copy_bytes(&fd, ctl->room + sizeof ctl->head + i * sizeof fd, sizeof fd);
		if (kept < max)
			fds[kept++] = fd;
		else
			close_fd(fd);
	}
	return kept;
}

long recv_msg(int fd, u32 flags, struct msg *m, void *data, u32 cap, u32 *len,
	      int *fds, u32 maxfds, u32 *nfds)
{
	struct iov iov[2] = {{m, sizeof *m}, {data, cap}};
	union control ctl;
	struct msghdr_ h = {.iov = iov, .iovlen = cap ? 2 : 1,
			    .control = &ctl, .controllen = sizeof ctl};
	long r;
	do
		r = SYS3(recvmsg, fd, &h, MSG_CMSG_CLOEXEC_ | flags);
	while (r == -EINTR);
	if (r < 0)
		return r;
	*nfds = take_fds(&h, &ctl, fds, maxfds);
	if (r == 0)
		return -EPIPE;
	if ((u64)r < sizeof *m || (h.flags & (MSG_TRUNC_ | MSG_CTRUNC_)))
		return -EPROTO;
	*len = (u32)((u64)r - sizeof *m);
	return 0;
}

long expect_go(struct ctx *c, const struct op *o)
{
	struct msg m;
	u32 len = 0, nfds = 0;
	int fds[MAX_FDS];
	char *late = (char *)c->plan + o->s1.off;
	long r = recv_msg(c->sock, 0, &m, late, o->s1.len, &len, fds, (u32)o->n[1], &nfds);
	if (r == -EPIPE || r == -ECONNRESET)
		quit(1); /* nobody is left who could be told */
	if (r < 0)
		return r;
	for (u32 i = 0; i < nfds; i++)
		slot_set(c, (s16)(o->dst + (int)i), fds[i]);
	if (m.kind != MSG_GO || len > o->s1.len)
		return -EPROTO;
	if (o->s1.len)
		late[len] = 0;
	return 0;
}
