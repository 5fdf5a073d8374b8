// SPDX-License-Identifier: GPL-2.0
/*
 * How a page that is evicted is read. The kernel would have dropped it unread, and with it whatever is wrong with its
 * memory: finding that out must not be the end of the machine, as it is when a plain copy does.
 */
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <tmem/clean.h>
#include <tmem/copy_mc.h>

#include "fault.h"

int tmem_copy_evicted(void *to, struct page *page)
{
	void *from = kmap_local_page(page);
	unsigned long left;

	left = tmem_fault(TMEM_FAULT_UNREADABLE) ? PAGE_SIZE : tmem_copy_mc(to, from, PAGE_SIZE);
	kunmap_local(from);
	return left ? -EIO : 0;
}
EXPORT_SYMBOL_GPL(tmem_copy_evicted);

const void *tmem_look_at_evicted(struct page *page, void *buffer)
{
	if (tmem_fault(TMEM_FAULT_UNREADABLE))
		return NULL;
	/* As in tmem_copy_mc(): then a copy is of no use. All of memory is mapped on x86-64. */
	if (!static_cpu_has(X86_FEATURE_ERMS))
		return page_address(page);
	return tmem_copy_evicted(buffer, page) ? NULL : buffer;
}
EXPORT_SYMBOL_GPL(tmem_look_at_evicted);
