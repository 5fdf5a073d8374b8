/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel finds this one here, user space one level higher.
 */
#include <linux/btf.h>
