// SPDX-License-Identifier: GPL-2.0
/* Replaces functions of the running kernel through ftrace. */
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "redirect.h"
#include "symbols.h"

DEFINE_PER_CPU(long[TMEM_REDIRECT_SETS], tmem_redirect_running);

/*
 * Runs at every entry of the function, possibly with preemption off when other tracers are
 * attached: it must do nothing else. Nothing in it can be traced, so it needs no protection from
 * recursion (FTRACE_OPS_FL_RECURSION), which would be paid for at every call.
 */
static void notrace redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	struct tmem_redirect *r = container_of(ops, struct tmem_redirect, ops);

	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)r->replacement);
}

static bool any_running(enum tmem_redirect_set set)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(tmem_redirect_running, cpu)[set]);
	return sum;
}

/*
 * A task may have been sent to a replacement and not have counted itself yet: it passes through
 * one grace period before it sleeps. From then on the sum only falls. The last to leave
 * needs another grace period to be back in the kernel, of either kind: that of tasks does not see an interrupt of a
 * processor that is idle.
 */
static void wait_for_replacements(enum tmem_redirect_set set)
{
	synchronize_rcu_tasks();
	while (any_running(set))
		msleep(20);
	synchronize_rcu_tasks();
	synchronize_rcu();
}

static int verify(struct tmem_redirect *r)
{
	unsigned long function = tmem_symbol(r->name);

	if (!function) {
		pr_err("this kernel has no function %s(), so it is not supported\n", r->name);
		return -EOPNOTSUPP;
	}
	if (!tmem_signature_holds(r->signature))
		return -EOPNOTSUPP;
	r->site = tmem_symbol_ftrace_site(function);
	if (!r->site) {
		pr_err("%s() cannot be traced on this kernel, so it is not supported\n", r->name);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int arm(struct tmem_redirect *r)
{
	int err;

	__static_call_update(r->original_key, r->original_tramp,
			     (void *)(r->site + MCOUNT_INSN_SIZE));
	/*
	 * All anew: ftrace_free_filter() leaves pointers to what it freed.
	 * PERMANENT: "sysctl kernel.ftrace_enabled=0" fails instead of unhooking us silently.
	 */
	memset(&r->ops, 0, sizeof(r->ops));
	r->ops.func = redirect;
	r->ops.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT;
	err = ftrace_set_filter_ip(&r->ops, r->site, 0, 0);
	if (!err)
		err = register_ftrace_function(&r->ops);
	if (err == -EBUSY)
		pr_err("%s() is already redirected by something else (a live patch?); remove that first\n",
		       r->name);
	else if (err)
		pr_err("cannot redirect %s(): error %d\n", r->name, err);
	if (err) {
		ftrace_free_filter(&r->ops);
		return err;
	}
	r->armed = true;
	return 0;
}

int tmem_redirects_arm(enum tmem_redirect_set set, struct tmem_redirect *redirects, size_t count)
{
	size_t i;
	int err;

	for (i = 0; i < count; i++) {
		err = verify(&redirects[i]);
		if (err)
			return err;
	}
	for (i = 0; i < count; i++) {
		err = arm(&redirects[i]);
		if (err) {
			tmem_redirects_disarm(set, redirects, i);
			return err;
		}
	}
	return 0;
}

void tmem_redirects_disarm(enum tmem_redirect_set set, struct tmem_redirect *redirects,
			   size_t count)
{
	while (count--) {
		struct tmem_redirect *r = &redirects[count];

		if (!r->armed)
			continue;
		/* It fails when ftrace itself has broken down; then the kernel is past saving. */
		WARN_ON(unregister_ftrace_function(&r->ops));
		ftrace_free_filter(&r->ops);
		r->armed = false;
	}
	wait_for_replacements(set);
}
