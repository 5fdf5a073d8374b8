// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU plugin: counts the instructions a guest executes in the windows that window.h marks.
 *
 *   -plugin count.so,out=PREFIX,watch=NAME:ADDRESS,watch=...
 *
 * For the n-th window PREFIX.n is written: a line "ADDRESS COUNT EXECUTIONS" for each run of
 * instructions without a branch, and a line "call NAME CALLS INSTRUCTIONS" for each watched
 * function, whose instructions are those from the call until the caller goes on. The guest runs the
 * same instructions with and without the plugin, in icount mode also at the same times.
 *
 * Works with plugin interface version 1 (QEMU 7.2); the few declarations it takes are below, so that
 * no header of QEMU is needed.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (plugin_exec_t)(unsigned int cpu, void *data);
typedef void (plugin_translate_t)(uint64_t id, struct qemu_plugin_tb *tb);
enum { CB_NO_REGS, INLINE_ADD_U64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, plugin_translate_t *cb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr,
					      uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_exec_t *cb,
					    int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

/* The marks of window.h: nopl MARK(%rax), which does nothing. */
#define MARK_BEGIN	0x62656d74U
#define MARK_END	0x65656d74U

#define BUCKETS		(1 << 16)
#define WATCHED_MAX	16
#define SITES_MAX	1024

struct watched;

/*
 * A run of instructions, as translated: found again when QEMU translates it anew. @returns is the
 * watched function whose caller goes on here.
 */
struct run {
	struct run *next;
	uint64_t address, executions;
	size_t instructions;
	struct watched *returns;
};

/* A function whose calls are measured. */
static struct watched {
	char name[64];
	uint64_t address, started, calls, instructions;
	bool active;
} watched[WATCHED_MAX];

/* Where a caller goes on after a call of a watched function. */
static struct site {
	uint64_t address;
	struct watched *function;
} sites[SITES_MAX];

static struct run *buckets[BUCKETS];
static unsigned int watched_count, site_count, windows;
static uint64_t total;
static const char *prefix;

static struct run *run_of(uint64_t address, size_t instructions)
{
	struct run **at = &buckets[(address * 0x9e3779b97f4a7c15ULL) >> 48];
	struct run *run;

	for (run = *at; run; run = run->next)
		if (run->address == address && run->instructions == instructions)
			return run;
	run = calloc(1, sizeof(*run));
	if (!run)
		abort();
	run->address = address;
	run->instructions = instructions;
	run->next = *at;
	*at = run;
	return run;
}

static void window_begin(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct run *run = buckets[i]; run; run = run->next)
			run->executions = 0;
	for (unsigned int i = 0; i < watched_count; i++) {
		watched[i].active = false;
		watched[i].calls = watched[i].instructions = 0;
	}
}

static void window_end(unsigned int cpu, void *data)
{
	char path[4096];
	FILE *file;

	(void)cpu;
	(void)data;
	snprintf(path, sizeof(path), "%s.%u", prefix, ++windows);
	file = fopen(path, "w");
	if (!file)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct run *run = buckets[i]; run; run = run->next)
			if (run->executions)
				fprintf(file, "%016" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
					run->address, run->executions * run->instructions,
					run->executions);
	for (unsigned int i = 0; i < watched_count; i++)
		fprintf(file, "call %s %" PRIu64 " %" PRIu64 "\n", watched[i].name,
			watched[i].calls, watched[i].instructions);
	fclose(file);
}

/* @total counts a run when it begins, so at its last instruction it is up to date. */
static void call_begins(unsigned int cpu, void *data)
{
	struct watched *function = data;

	(void)cpu;
	function->started = total;
	function->active = true;
}

static void call_ended(unsigned int cpu, void *data)
{
	struct run *run = data;
	struct watched *function = run->returns;

	(void)cpu;
	if (!function->active)
		return;
	function->active = false;
	function->calls++;
	function->instructions += total - run->instructions - function->started;
}

static void add_site(uint64_t address, struct watched *function)
{
	for (unsigned int i = 0; i < site_count; i++)
		if (sites[i].address == address)
			return;
	if (site_count < SITES_MAX)
		sites[site_count++] = (struct site){ address, function };
}

/* A direct call (e8 rel32) of a watched function ends its run. */
static void look_for_call(struct qemu_plugin_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	uint64_t next = qemu_plugin_insn_vaddr(insn) + 5;
	int32_t distance;

	if (qemu_plugin_insn_size(insn) != 5 || code[0] != 0xe8)
		return;
	memcpy(&distance, code + 1, sizeof(distance));
	for (unsigned int i = 0; i < watched_count; i++) {
		if (next + distance != watched[i].address)
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, call_begins, CB_NO_REGS, &watched[i]);
		add_site(next, &watched[i]);
	}
}

static void look_for_mark(struct qemu_plugin_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	uint32_t mark;

	if (qemu_plugin_insn_size(insn) != 7 || memcmp(code, "\x0f\x1f\x80", 3))
		return;
	memcpy(&mark, code + 3, sizeof(mark));
	if (mark == MARK_BEGIN)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, window_begin, CB_NO_REGS, NULL);
	else if (mark == MARK_END)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, window_end, CB_NO_REGS, NULL);
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct run *run = run_of(address, count);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &run->executions, 1);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &total, count);
	for (unsigned int i = 0; i < site_count; i++) {
		if (sites[i].address != address)
			continue;
		run->returns = sites[i].function;
		qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(tb, 0), call_ended,
						       CB_NO_REGS, run);
	}
	look_for_call(qemu_plugin_tb_get_insn(tb, count - 1));
	for (size_t i = 0; i < count; i++)
		look_for_mark(qemu_plugin_tb_get_insn(tb, i));
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		struct watched *function = &watched[watched_count];

		if (!strncmp(argv[i], "out=", 4))
			prefix = strdup(argv[i] + 4);
		else if (watched_count < WATCHED_MAX &&
			 sscanf(argv[i], "watch=%63[^:]:%" SCNx64, function->name,
				&function->address) == 2)
			watched_count++;
		else
			return -1;
	}
	if (!prefix)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
