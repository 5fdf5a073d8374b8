/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's min() and max() for user space.
 */
#ifndef _TOOLS_LINUX_MINMAX_H
#define _TOOLS_LINUX_MINMAX_H

#define min(a, b)		({ __auto_type _a = (a); __auto_type _b = (b); _a < _b ? _a : _b; })
#define max(a, b)		({ __auto_type _a = (a); __auto_type _b = (b); _a > _b ? _a : _b; })
#define min_t(type, a, b)	({ type _c = (a); type _d = (b); _c < _d ? _c : _d; })
#define max_t(type, a, b)	({ type _c = (a); type _d = (b); _c > _d ? _c : _d; })
#define clamp_t(type, value, low, high)	min_t(type, max_t(type, value, low), high)
#define clamp(value, low, high)	({ __auto_type _v = (value); __auto_type _l = (low);	\
				   __auto_type _h = (high);				\
				   _v < _l ? _l : _v > _h ? _h : _v; })

#endif /* _TOOLS_LINUX_MINMAX_H */
