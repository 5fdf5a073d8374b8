// SPDX-License-Identifier: GPL-2.0
/*
 * How a page that is evicted is read. The kernel would have dropped it unread, and with it whatever is wrong with its
 * memory: to find that out must not be the end of the machine, as it is when a plain copy meets it.
 */
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <tmem/clean.h>

#include "fault.h"

int tmem_copy_evicted(void *to, struct page *page)
{
	void *from = kmap_local_page(page);
	unsigned long left = 0;

	/* Without ERMS copy_mc_to_kernel() survives no machine check either, and takes more instructions. */
	if (tmem_fault(TMEM_FAULT_UNREADABLE))
		left = PAGE_SIZE;
	else if (static_cpu_has(X86_FEATURE_ERMS))
		left = copy_mc_to_kernel(to, from, PAGE_SIZE);
	else
		copy_page(to, from);
	kunmap_local(from);
	return left ? -EIO : 0;
}
EXPORT_SYMBOL_GPL(tmem_copy_evicted);

const void *tmem_look_at_evicted(struct page *page, void *buffer)
{
	if (tmem_fault(TMEM_FAULT_UNREADABLE))
		return NULL;
	/* As above: then a copy is of no use. All of memory is mapped on x86-64. */
	if (!static_cpu_has(X86_FEATURE_ERMS))
		return page_address(page);
	return tmem_copy_evicted(buffer, page) ? NULL : buffer;
}
EXPORT_SYMBOL_GPL(tmem_look_at_evicted);
