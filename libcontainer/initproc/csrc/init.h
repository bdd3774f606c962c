/* The plan as init sees it, and the state of its execution.
 *
 * A plan is one block of memory: a header, an array of fixed-size ops, and a
 * pool of bytes that ops refer to by offset. Its last byte is zero, so every
 * offset inside it is the start of a terminated string. Package plan writes
 * it; plan_check() looks at every field of every op before the first one runs. */
#ifndef CREEL_INIT_H
#define CREEL_INIT_H

#include "sys.h"

#define PLAN_MAGIC 0x4e4c5043u /* "CPLN" */
#define PLAN_VERSION 1u
#define PLAN_MAX (64u << 20)
#define NSLOTS 64
#define MAX_FDS 32 /* fds in one message; SCM_RIGHTS itself takes 253 */
#define DATA_MAX 8192

struct plan_header {
	u32 magic;
	u32 version;
	u32 size;
	u32 nops;
	u32 ops; /* offset of the first op, a multiple of 8 */
	u32 reserved;
};

/* An offset into the pool and a length in bytes, without the final NUL. */
struct str {
	u32 off;
	u32 len;
};

struct op {
	u16 code;
	u16 flags;
	s16 dst, src, aux; /* fd slots, -1 for none */
	u16 reserved;
	u32 label; /* offset of the sentence that an error begins with */
	struct str s1, s2;
	u64 n[4];
};

enum op_code {
#define OP(code, fn) OP_##code,
#include "ops.h"
#undef OP
	OP_COUNT
};

/* Bits of op.flags; each op says which it knows. */
enum {
	F_OPTIONAL = 1 << 0,  /* a missing file is no error */
	F_RECURSIVE = 1 << 1, /* the whole tree of mounts */
	F_LEGACY = 1 << 2,    /* mount(2), where newer calls are missing or take no more */
	F_NOT_PROC = 1 << 3,  /* refuse a target on procfs */
	F_NO_LINKS = 1 << 4,  /* refuse any symbolic link on the way */
	F_REGULAR = 1 << 5,   /* refuse all but a regular file */
	F_NULLDEV = 1 << 6,   /* refuse all but the null device, character 1:3 */
	F_EACCES_OK = 1 << 7, /* EACCES and EPERM are no error */
	F_VERIFY = 1 << 8,    /* look afterwards whether it really happened */
	F_MKDIR = 1 << 9,     /* make missing directories */
	F_KEEP = 1 << 10,     /* what is there already stays, or it is an error */
	F_NO_FOLLOW = 1 << 11, /* a symbolic link at the end is the file itself */
};

/* Messages between init and the Go side, over SOCK_SEQPACKET. */
enum msg_kind {
	MSG_PLAN = 1,  /* Go → init: fds are the plan and the first slots */
	MSG_GO = 2,    /* Go → init: go on; data and fds as the op asked */
	MSG_CHILD = 3, /* init → Go: value is stage 2's pid, the fd its pidfd */
	MSG_SYNC = 4,  /* init → Go: waiting at op; perhaps with an fd */
	MSG_ERROR = 5, /* init → Go: op failed, value is errno, data label and note */
	MSG_EXEC = 6,  /* init → Go: about to execute the process */
};

#define HOOK_DETAIL 0x80000000u /* in msg.detail: the op ran a program */

struct msg {
	u32 kind;
	u32 op;
	s32 value;
	u32 detail;
};

/* The page that the host opens, gate.c. */
struct gate;

/* A directory that holds the last node or link, and where it was found. */
struct parent {
	int fd; /* -1 for none */
	s16 src;
	u32 len;	  /* of its path */
	const char *path; /* what follows it is the name of that node */
};

struct ctx {
	u8 *plan;
	u32 size;
	u32 nops;
	const struct op *ops;
	u32 pc;
	int sock;	 /* where messages go and come from */
	int kept;	 /* fds below are the process's; all others are close-on-exec */
	int slots[NSLOTS];
	struct parent parent;
	int mask_placed; /* the read-only tmpfs of masks sits somewhere already */
	int target_made; /* the last TARGET was missing */
	int cwd_done;	 /* CHDIR succeeded */
	struct gate *gate; /* from GATE on */
	u32 umask;	 /* for hooks: init's own is 0 until UMASK */
	u32 found;	 /* offset of the path that FIND chose */
	u32 detail;	 /* more about a failure: a hook's wait status */
	u32 note_len;	 /* bytes of note in use */
	char note[512];	 /* words of the kernel about a failure */
};

/* plan.c */
int plan_check(struct ctx *c, u8 *mem, u64 size);
const char *text(const struct ctx *c, struct str s);

/* msg.c */
long send_msg(int fd, const struct msg *m, const void *data, u32 len, int passfd);
long recv_msg(int fd, u32 flags, struct msg *m, void *data, u32 cap, u32 *len,
	      int *fds, u32 maxfds, u32 *nfds);
/* expect_go waits for MSG_GO; it ends the process when the other side is gone. */
long expect_go(struct ctx *c, const struct op *o);

/* run.c */
long run_plan(struct ctx *c);
int slot(const struct ctx *c, s16 i);
void slot_set(struct ctx *c, s16 i, int fd);
_Noreturn void quit(int status);

/* path.c: lookups below a root, never out of it */
enum { MAKE_DIR = 0, MAKE_FILE = 1 };
long root_open(int root, const char *path, u64 flags);
long root_make(int root, const char *path, int kind, u32 mode, int *made);
/* root_parent opens the directory of path's last component, which it makes if
 * it is missing, and points *name at that component. */
long root_parent(int root, const char *path, const char **name);
/* is_name says whether s is one component, and an entry of a directory. */
int is_name(const char *s);

/* mount.c */
long mode_of(int target, char octal[5]);
long move_onto(long tree, long target);

/* legacy.c: mount(2) in the place of newer calls */
void proc_fd_path(char out[32], int fd);
long legacy_fsmount(struct ctx *c, const struct op *o);
long legacy_setattr(const char *path, const struct op *o);

/* file.c */
long parent_of(struct ctx *c, const struct op *o, const char **name);
void forget_parent(struct ctx *c);

/* gate.c */
long pass_gate(struct gate *g, long listener);

/* node.c */
long node_fits(struct ctx *c, long node, long target);

#define OP(code, fn) long fn(struct ctx *c, const struct op *o);
#include "ops.h"
#undef OP

#endif
