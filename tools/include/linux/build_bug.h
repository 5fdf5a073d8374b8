/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's compile-time assertion for user space.
 */
#ifndef _TOOLS_LINUX_BUILD_BUG_H
#define _TOOLS_LINUX_BUILD_BUG_H

#define __static_assert(condition, text, ...)	_Static_assert(condition, text)
#define static_assert(condition, ...)	__static_assert(condition, ##__VA_ARGS__, #condition)

#endif /* _TOOLS_LINUX_BUILD_BUG_H */
