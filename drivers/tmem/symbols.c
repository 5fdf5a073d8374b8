// SPDX-License-Identifier: GPL-2.0
/*
 * Finds functions and variables of the kernel that are not exported to modules.
 *
 * kallsyms_lookup_name() has not been exported since 5.7, but a kprobe may name it. The probe is
 * registered disabled, read and removed: nothing is ever patched.
 */
#include <linux/export.h>
#include <linux/kprobes.h>
#include <linux/static_call.h>
#include <tmem/device.h>

#include "signatures.h"
#include "symbols.h"

DEFINE_TMEM_SIGNATURE(kallsyms_lookup_name, unsigned long, (const char *));
DEFINE_TMEM_SIGNATURE(ftrace_location, unsigned long, (unsigned long));

DEFINE_STATIC_CALL_NULL(tmem_lookup_name, tmem_type_kallsyms_lookup_name);
DEFINE_STATIC_CALL_NULL(tmem_ftrace_location, tmem_type_ftrace_location);

struct tmem_signature *tmem_symbols_signature(unsigned int i)
{
	static struct tmem_signature *const signatures[] = {
		&tmem_signature_kallsyms_lookup_name, &tmem_signature_ftrace_location,
	};

	return i < ARRAY_SIZE(signatures) ? signatures[i] : NULL;
}

static unsigned long probe_address(const char *name)
{
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	unsigned long address;

	if (register_kprobe(&probe))
		return 0;
	address = (unsigned long)probe.addr;
	unregister_kprobe(&probe);
	return address;
}

int tmem_symbols_init(void)
{
	unsigned long address = probe_address("kallsyms_lookup_name");

	if (!address) {
		pr_err("this kernel does not let kprobes name its functions (CONFIG_KPROBES, CONFIG_KALLSYMS, lockdown)\n");
		return -EOPNOTSUPP;
	}
	static_call_update(tmem_lookup_name, (tmem_type_kallsyms_lookup_name *)address);

	address = tmem_symbol("ftrace_location");
	if (!address) {
		pr_err("this kernel has no ftrace (CONFIG_DYNAMIC_FTRACE)\n");
		return -EOPNOTSUPP;
	}
	static_call_update(tmem_ftrace_location, (tmem_type_ftrace_location *)address);
	return 0;
}

unsigned long tmem_symbol(const char *name)
{
	return static_call(tmem_lookup_name)(name);
}

unsigned long tmem_symbol_ftrace_site(unsigned long function)
{
	return static_call(tmem_ftrace_location)(function);
}

const struct class *tmem_block_class(void)
{
	return (const struct class *)tmem_symbol("block_class");
}
EXPORT_SYMBOL_GPL(tmem_block_class);

struct kobject *tmem_mm_kobj(void)
{
	struct kobject **mm = (struct kobject **)tmem_symbol("mm_kobj");

	return mm ? *mm : NULL;
}
EXPORT_SYMBOL_GPL(tmem_mm_kobj);
