// SPDX-License-Identifier: GPL-2.0
/* What makes a module of suites: they register themselves, so only the license is left to say. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit suites of tmem");
MODULE_LICENSE("GPL");
