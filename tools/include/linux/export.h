/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's export marks for user space, where they mean nothing.
 */
#ifndef _TOOLS_LINUX_EXPORT_H
#define _TOOLS_LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(symbol)

#endif /* _TOOLS_LINUX_EXPORT_H */
