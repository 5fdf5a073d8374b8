/* SPDX-License-Identifier: GPL-2.0 */
/* Copies of pages that survive bad memory where the processor can. */
#ifndef _TMEM_COPY_MC_H
#define _TMEM_COPY_MC_H

#include <linux/mm.h>
#include <linux/uaccess.h>

/**
 * tmem_copy_mc() - copy whole pages, whose memory may be bad
 * @to: where to; page-aligned
 * @from: where from, mapped; page-aligned
 * @bytes: how many, a multiple of PAGE_SIZE
 *
 * Without ERMS copy_mc_to_kernel() is a plain, unrolled memcpy() that survives no machine check either;
 * copy_page() then does the same with a third of the instructions.
 *
 * Context: any.
 * Return: bytes left uncopied.
 */
static inline unsigned long tmem_copy_mc(void *to, const void *from, size_t bytes)
{
	size_t done;

	if (static_cpu_has(X86_FEATURE_ERMS))
		return copy_mc_to_kernel(to, from, bytes);
	for (done = 0; done < bytes; done += PAGE_SIZE)
		copy_page(to + done, (void *)from + done);
	return 0;
}

#endif /* _TMEM_COPY_MC_H */
