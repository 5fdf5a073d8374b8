// SPDX-License-Identifier: GPL-2.0
/* Claims a function for redirection, as a live patch of it would, and changes nothing. */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

static char *function = "";
module_param(function, charp, 0400);
MODULE_PARM_DESC(function, "The function to claim");

static void notrace leave_alone(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				struct ftrace_regs *fregs)
{
}

static struct ftrace_ops ops = {
	.func = leave_alone,
	.flags = FTRACE_OPS_FL_IPMODIFY,
};

static int __init claim(void)
{
	int err = ftrace_set_filter(&ops, function, strlen(function), 0);

	return err ? err : register_ftrace_function(&ops);
}

static void __exit release(void)
{
	unregister_ftrace_function(&ops);
	ftrace_free_filter(&ops);
}

module_init(claim);
module_exit(release);
MODULE_DESCRIPTION("Test aid: claims a function for redirection");
MODULE_LICENSE("GPL");
