/* How often each op began, ended well and failed, over a corpus. */
#include <dirent.h>

#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	unsigned long entered, left, failed;
} counts[OP_COUNT];

void ops_enter(u32 code) { counts[code].entered++; }
void ops_leave(u32 code) { counts[code].left++; }
void ops_failed(u32 code) { counts[code].failed++; }

static int cannot_fail(u32 code)
{
	return code == OP_CLOSE || code == OP_EXIT || code == OP_UMASK || code == OP_STDIO ||
	       code == OP_SIGNALS;
}

static int run_file(const char *dir, const char *name)
{
	static u8 data[1 << 20];
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return 0;
	}
	size_t n = fread(data, 1, sizeof data, f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, n);
	return 1;
}

/* ops_main runs every file of the directory argv[2], prints the table, and
 * fails if any op was not reached in success and in failure. */
int ops_main(int argc, char **argv)
{
	DIR *d = argc == 3 ? opendir(argv[2]) : NULL;
	if (!d) {
		fprintf(stderr, "usage: %s --ops CORPUS\n", argv[0]);
		return 2;
	}
	unsigned seeds = 0, missing = 0;
	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			seeds += (unsigned)run_file(argv[2], e->d_name);
	closedir(d);
	printf("  %-16s %9s %9s %9s\n", "op", "reached", "succeeded", "failed");
	for (u32 i = 0; i < OP_COUNT; i++) {
		int bad = !counts[i].entered || !counts[i].left || (!counts[i].failed && !cannot_fail(i));
		missing += (unsigned)bad;
		printf("  %-16s %9lu %9lu %9lu%s\n", op_name_of(i), counts[i].entered, counts[i].left,
		       counts[i].failed, bad ? "  <- not reached both ways" : "");
	}
	printf("%u seeds reach %u of %u ops both ways\n", seeds, OP_COUNT - missing, OP_COUNT);
	return missing || !seeds;
}
