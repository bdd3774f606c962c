/* What libFuzzer calls. An input is
 *
 *   byte 0      bits 0-1: the plan is 0 taken as it is, 1 mended, 2 and 3 made
 *               of records (record.c); bit 2: the script begins with the boot;
 *               bits 3-5: fds sent with the plan
 *   bytes 1-2   length of the script, little endian
 *   script      one byte a system call (kernel.h)
 *   rest        the plan, or its records */
#include "kernel.h"

void init_main(long *stack);
long __real_run_plan(struct ctx *c);
long __wrap_run_plan(struct ctx *c);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc > 1 && !strcmp((*argv)[1], "--ops"))
		exit(ops_main(*argc, *argv));
	return 0;
}

/* The linker puts this in front of run_plan, to see the plan's execution. */
long __wrap_run_plan(struct ctx *c)
{
	world.ctx = c;
	long r = __real_run_plan(c);
	if (r == 0 && now()) {
		ops_leave(now()->code);
		fds_owned();
	}
	world.ctx = NULL;
	world.op = ~0u;
	return r;
}

enum { CAP = 1 << 18 };

/* take_plan makes the plan that the input asks for, in memory of its size. */
static u8 *take_plan(unsigned kind, const u8 *data, size_t n, u32 *size)
{
	static u8 made[CAP];
	if (kind >= 2) {
		*size = plan_of_records(data, n, made, CAP);
	} else {
		if (n > CAP - 64)
			n = CAP - 64;
		memcpy(made, data, n);
		*size = (u32)n;
		if (kind == 1) { /* room for what mending points at */
			memset(made + n, 0, 64);
			*size = ((u32)n + 31) & ~7u;
		}
	}
	if (kind)
		mend_plan(made, *size);
	u8 *plan = malloc(*size ? *size : 1);
	memcpy(plan, made, *size);
	return plan;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char title[] = "creel:[fuzz]", sock[] = "4", none[] = "0", net[] = "1073741824";
	if (size < 3)
		return 0;
	size_t script = (size_t)data[1] | (size_t)data[2] << 8;
	if (script > size - 3)
		script = size - 3;
	u32 plan_size;
	u8 *plan = take_plan(data[0] & 3, data + 3 + script, size - 3 - script, &plan_size);
	memset(&world, 0, sizeof world);
	world.script = data + 3;
	world.script_len = script;
	world.script_boot = data[0] >> 2 & 1;
	world.first_fds = data[0] >> 3 & 7;
	world.plan = plan;
	world.plan_size = plan_size;
	world.op = ~0u;
	fds_reset();
	long stack[] = {3, (long)title, (long)sock, (long)(world.script_boot ? net : none), 0};
	int how = setjmp(world.end);
	if (how == 0)
		init_main(stack);
	else if (world.ctx && !world.in_hook && (how == EXECUTED || now()->code == OP_EXIT))
		ops_leave(now()->code);
	free(world.mapped);
	free(plan);
	return 0;
}
